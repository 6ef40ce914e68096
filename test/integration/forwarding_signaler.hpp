// ForwardingSignaler: a ProtooSignaler behind another one, for tests that change a little of it.
#pragma once

#include <string>
#include <utility>

#include "cosoup/cosoup.hpp"

namespace cosoup::test {

class ForwardingSignaler : public RequestSignaler {
 public:
  explicit ForwardingSignaler(ProtooOptions options = ProtooOptions())
      : protoo_(std::move(options)) {}

  Task<> connect(RoomAddress address, std::string peerId) override {
    return protoo_.connect(std::move(address), std::move(peerId));
  }
  Channel<SignalerEvent> events() override { return protoo_.events(); }
  Task<> close() override { return protoo_.close(); }
  Task<Json> request(std::string method, Json data) override {
    return protoo_.request(std::move(method), std::move(data));
  }
  Task<> notify(std::string method, Json data) override {
    return protoo_.notify(std::move(method), std::move(data));
  }

 protected:
  ProtooSignaler protoo_;
};

}  // namespace cosoup::test
