#include "cosoup/signaling/signaler.hpp"

#include <utility>

#include "cosoup/async/signal.hpp"

namespace cosoup {

ServerRequest::ServerRequest(Content content, Answer answer)
    : shared_(new Shared{std::move(content), std::move(answer)}) {}

void ServerRequest::accept() { shared_->settle(0, ""); }

void ServerRequest::reject(int errorCode, const std::string& reason) {
  shared_->settle(errorCode, reason);
}

ServerRequest::Shared::~Shared() { settle(500, "the request was dropped without an answer"); }

void ServerRequest::Shared::settle(int errorCode, const std::string& reason) noexcept {
  try {
    if (const Answer once = std::exchange(answer, nullptr)) once(errorCode, reason);
  } catch (...) {
    detail::reportEscapedException("the answer to a request of the server");
  }
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
