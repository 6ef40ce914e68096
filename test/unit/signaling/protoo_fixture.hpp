// A connected ProtooSignaler and the server's end of its connection.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cosoup/signaling/protoo.hpp"
#include "support/catch.hpp"
#include "support/fake_server.hpp"

namespace cosoup::test {

/// Most tests are about what all dialects have in common, and their messages are of this one.
inline ProtooOptions of2024Unless(ProtooOptions options) {
  if (!options.dialect) options.dialect = ProtooDialect::demo2024;
  return options;
}

struct Session {
  explicit Session(ProtooOptions options = ProtooOptions()) : signaler(of2024Unless(options)) {}

  Task<> open() {
    co_await signaler.connect(server.address(), "ada");
    peer = co_await server.peer();
  }
  /// A request that has been sent and not been answered.
  Task<Json> pending(Running<std::string>& running) {
    Json request = co_await peer->message();
    REQUIRE_FALSE(running.isDone());
    co_return request;
  }
  Task<std::string> produce() {
    return signaler.produce("t", MediaKind::audio, RtpParameters(), Json::object());
  }
  /// A request and its answer: is the connection in order?
  Task<> checkAlive() {
    Running<Json> running(signaler.getTransportStats("t"));
    const Json request = co_await peer->message();
    peer->accept(request, Json::array());
    const Json stats = co_await running.result();
    CHECK(stats.isArray());
  }

  FakeServer server;
  ProtooSignaler signaler;
  std::shared_ptr<FakePeer> peer;
};

inline ProtooOptions impatient() {
  ProtooOptions options;
  options.requestLimit = std::chrono::milliseconds(300);
  options.closeLimit = std::chrono::milliseconds(200);
  return options;
}

/// The event if it is a T.
template <class T>
std::optional<T> eventAs(const std::optional<SignalerEvent>& event) {
  if (event && std::holds_alternative<T>(*event)) return std::get<T>(*event);
  return std::nullopt;
}
template <class T>
std::optional<T> noticeAs(const std::optional<SignalerEvent>& event) {
  const std::optional<Notification> notice = eventAs<Notification>(event);
  if (notice && std::holds_alternative<T>(*notice)) return std::get<T>(*notice);
  return std::nullopt;
}

template <class T>
Task<bool> endsCancelled(Running<T>& running) {
  co_await running.cancel();
  try {
    co_await running.result();
  } catch (const Cancelled&) {
    co_return true;
  } catch (const Error&) {
  }
  co_return false;
}

}  // namespace cosoup::test
