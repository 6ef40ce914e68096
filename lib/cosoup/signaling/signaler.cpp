#include "cosoup/signaling/signaler.hpp"

#include <utility>

namespace cosoup {

ServerRequest::ServerRequest(Content content, Answer answer)
    : shared_(new Shared{std::move(content), std::move(answer)}) {}

void ServerRequest::accept() {
  if (const Answer answer = std::exchange(shared_->answer, nullptr)) answer(0, "");
}

void ServerRequest::reject(int errorCode, const std::string& reason) {
  if (const Answer answer = std::exchange(shared_->answer, nullptr)) answer(errorCode, reason);
}

ServerRequest::Shared::~Shared() {
  if (answer) answer(500, "the request was dropped without an answer");
}

Task<> Signaler::applyNetworkThrottle(NetworkThrottle) {
  throw Error(Error::Code::Unsupported, "applyNetworkThrottle: not known to this signaler");
  co_return;
}

Task<> Signaler::resetNetworkThrottle(std::string) {
  throw Error(Error::Code::Unsupported, "resetNetworkThrottle: not known to this signaler");
  co_return;
}

}  // namespace cosoup
