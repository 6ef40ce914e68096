// LossyStage: one who sends and one who receives, on a line that loses packets. Needs a server with
// WebRtcServer, as the relay stands for one port.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "integration/stage.hpp"
#include "support/eventually.hpp"
#include "support/udp_relay.hpp"

namespace cosoup::test {

/// A stage behind a relay.
class LossyStage {
 public:
  explicit LossyStage(std::vector<std::string> options = {})
      : server_(all(std::move(options), relay.port())), stage(server_) {}

  Task<> open() {
    const Json about = co_await server_.about();
    relay.forwardTo(about.get<Json>("rtcPorts").get<std::uint16_t>("udp"));
    co_await stage.open();
  }

  /// A producer of sound, and what bob gets of it from a while before the first loss on.
  Task<> hear(ProducerCodecOptions codecOptions) {
    ProduceOptions options(co_await stage.sound());
    options.codecOptions = codecOptions;
    co_await take(std::move(options));
  }
  /// Likewise of a picture of many packets.
  Task<> see() {
    ProduceOptions options(co_await stage.noise());
    co_await take(std::move(options));
  }

  Task<> close() {
    consumer->track()->removeReceiver(log);
    co_await stage.close();
  }

  /// Of the sound that was sent between the first and the last frame that have come.
  long missingFrames() const {
    constexpr double kFrame = 20;  // ms
    const auto entries = log->entries();
    const auto span = static_cast<double>(entries.back().time - entries.front().time);
    return std::lround(span / GST_MSECOND / kFrame) + 1 - static_cast<long>(entries.size());
  }

  UdpRelay relay;

 private:
  static std::vector<std::string> all(std::vector<std::string> options, std::uint16_t port) {
    options.insert(options.end(), {"--insecure-ws", "--announced-rtc-port", std::to_string(port)});
    return options;
  }
  Task<> take(ProduceOptions options) {
    producer = co_await stage.produce(std::move(options));
    consumer = co_await stage.consumerOf(producer);
    log = std::make_shared<FrameLog>();
    consumer->track()->addReceiver(log);
    co_await eventually("frames come", [this] { return log->count() > 20; });
  }

  RoomServer server_;

 public:
  Stage stage;
  std::shared_ptr<Producer> producer;
  std::shared_ptr<Consumer> consumer;
  std::shared_ptr<FrameLog> log;
};

/// A figure of the server's statistics of what atServer() gave.
inline std::int64_t count(const Json& seen, const char* what) {
  return seen.get<Json>("stats").get<std::int64_t>(what);
}

}  // namespace cosoup::test
