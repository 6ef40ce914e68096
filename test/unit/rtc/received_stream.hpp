// What a jitter buffer makes of packets that come by hand, with a clock that is set by hand.
#pragma once

#include <utility>
#include <vector>

#include "cosoup/rtc/jitter_buffer.hpp"
#include "support/catch.hpp"

namespace cosoup {

/// Each packet is its sequence number. 20 ms of a clock of 1000 Hz are between two numbers.
class ReceivedStream {
 public:
  using Buffer = JitterBuffer<std::uint16_t>;
  using Milliseconds = std::chrono::milliseconds;

  explicit ReceivedStream(const JitterBufferOptions& options) : buffer(options) {}

  void come(std::uint16_t number, bool recovered = false) {
    comeStamped(number, 20u * number, recovered);
  }
  void comeStamped(std::uint16_t number, std::uint32_t timestamp, bool recovered = false) {
    buffer.push({number, timestamp, recovered}, number, now, actions_);
    look();
  }
  void come(const std::vector<std::uint16_t>& numbers) {
    for (const std::uint16_t number : numbers) come(number);
  }
  void resend(std::uint16_t number) { come(number, true); }

  /// Time passes; the buffer is woken when it wants to be.
  void pass(Milliseconds time) {
    const Buffer::Time end = now + time;
    while (const auto next = buffer.nextWake()) {
      if (*next > end) break;
      now = std::max(now, *next);
      buffer.wake(now, actions_);
      look();
      REQUIRE((!buffer.nextWake() || *buffer.nextWake() > now));
    }
    now = end;
  }
  void drain() {
    buffer.drain(actions_);
    look();
  }

  /// The packets delivered since the last call.
  std::vector<std::uint16_t> delivered() { return std::exchange(delivered_, {}); }
  std::vector<std::uint16_t> nacks() { return std::exchange(nacks_, {}); }
  const JitterBufferStatistics& statistics() const { return buffer.statistics(); }

  Buffer buffer;
  Buffer::Time now;
  std::uint32_t missing = 0;  // before the last one delivered
  bool restarted = false;     // the last one delivered
  bool gaveUp = false;        // in the last call

 private:
  void look() {
    for (const Buffer::Delivered& each : actions_.packets) {
      REQUIRE(static_cast<std::uint16_t>(each.sequence) == each.packet);
      REQUIRE((!last_ || each.sequence > *last_));
      last_ = each.sequence;
      delivered_.push_back(each.packet);
      missing = each.missing;
      restarted = each.restarted;
    }
    nacks_.insert(nacks_.end(), actions_.nacks.begin(), actions_.nacks.end());
    gaveUp = actions_.gaveUp;
  }

  Buffer::Actions actions_;
  std::optional<std::int64_t> last_;
  std::vector<std::uint16_t> delivered_;
  std::vector<std::uint16_t> nacks_;
};

inline JitterBufferOptions receivedWith(bool nack,
                                        std::optional<std::chrono::milliseconds> latency) {
  return {.clockRate = 1000, .nack = nack, .latency = latency};
}

}  // namespace cosoup
