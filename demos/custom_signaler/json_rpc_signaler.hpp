// JsonRpcSignaler: a Signaler of one's own. The room server's requests and notifications come as
// JSON-RPC 2.0, one message a line, over TCP.
#pragma once

#include <memory>
#include <string>

#include "cosoup/cosoup.hpp"

/// For addresses such as "tcp://127.0.0.1:4444". The first request is `enter` with the room's and
/// the peer's id; a server that ends the connection on purpose notifies `closed` before.
class JsonRpcSignaler final : public cosoup::RequestSignaler {
 public:
  ~JsonRpcSignaler() override;

  cosoup::Task<> connect(cosoup::RoomAddress address, std::string peerId) override;
  cosoup::Channel<cosoup::SignalerEvent> events() override;
  cosoup::Task<> close() override;
  cosoup::Task<cosoup::Json> request(std::string method, cosoup::Json data) override;
  cosoup::Task<> notify(std::string method, cosoup::Json data) override;

 private:
  class Line;  // one connection
  std::shared_ptr<Line> line_;
};
