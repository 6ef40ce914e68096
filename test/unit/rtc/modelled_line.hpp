// A sender, a bad line and a jitter buffer, in a time that is computed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "cosoup/rtc/jitter_buffer.hpp"

namespace cosoup {

struct LineOptions {
  const char* name;
  double loss = 0;       // of packets, requests and answers
  double burst = 1;      // packets that are lost in a row, on average
  int roundTrip = 40;    // ms
  int jitter = 0;        // ms: up to so much later, in order
  double overtaken = 0;  // of packets that take 3 to 30 ms more
  double duplicated = 0;
  int packetsPerFrame = 1;     // a frame every 20 ms
  unsigned restartsEvery = 0;  // packets
  bool nack = true;
  bool rtx = true;
  std::optional<std::chrono::milliseconds> latency = {};
};

/// Each packet is the count of packets sent before it.
class ModelledLine {
 public:
  using Buffer = JitterBuffer<std::uint32_t>;
  using Time = Buffer::Time;
  using Microseconds = std::chrono::microseconds;

  /// How late its timer wakes the buffer.
  static constexpr Microseconds lag{1000};

  ModelledLine(const LineOptions& options, unsigned packets, unsigned seed);
  /// Until all have come; with what was held in the end.
  void run();

  const JitterBufferStatistics& statistics() const { return buffer_.statistics(); }

  // What must not be.
  unsigned outOfOrder = 0;  // or twice
  unsigned miscounted = 0;  // missing before a packet
  unsigned tooLong = 0;     // held
  unsigned tooMany = 0;     // held or missing
  unsigned sleepless = 0;   // wakes that were due at once again
  // What is counted.
  std::uint64_t delivered = 0;
  std::uint64_t missing = 0;
  std::uint64_t arrived = 0;
  std::uint64_t idleWakes = 0;
  std::uint32_t lastDelivered = 0;

 private:
  struct Sent {
    std::uint16_t sequenceNumber;
    std::uint32_t timestamp;
    Time at;
    Time resent;
  };
  enum class Kind { Send, Arrive, Ask };
  struct Event {
    Time at;
    std::uint64_t order;
    Kind kind;
    std::uint32_t packet;  // Ask: a sequence number
    bool isResent;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void plan();
  void schedule(Time at, Kind kind, std::uint32_t packet, bool isResent = false);
  bool isDrawn(double probability);
  bool isLost();
  Microseconds oneWay();
  void transmit(std::uint32_t packet, bool isResent);
  void handle(const Event& event);
  void answer(std::uint16_t sequenceNumber);
  void wake();
  void look();

  LineOptions options_;
  std::mt19937 random_;
  Buffer buffer_;
  Buffer::Actions actions_;
  std::vector<Sent> sent_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  std::uint32_t newestSent_ = 0;
  bool isInBurst_ = false;
  Time lastArrival_;
  Time now_;
  Buffer::Duration longest_{0};
  std::optional<std::int64_t> last_;
};

}  // namespace cosoup
