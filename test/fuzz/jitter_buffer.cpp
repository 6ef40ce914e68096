// Any packets at any time, put in order.
#include "cosoup/rtc/jitter_buffer.hpp"

#include "fuzz/target.hpp"

namespace cosoup {
namespace {

using Buffer = JitterBuffer<std::uint32_t>;
using Milliseconds = std::chrono::milliseconds;

/// Each packet is a serial number.
class Driven {
 public:
  explicit Driven(std::uint8_t options)
      : buffer_(
            {.clockRate = options & 1u ? 90000u : 0u,
             .nack = (options & 2u) != 0,
             .latency = options & 4u ? std::optional(Milliseconds(options >> 3)) : std::nullopt}) {}

  /// Four bytes.
  void step(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const auto number = static_cast<std::uint16_t>(at(1) << 8 | at(2));
    switch (at(0) % 8) {
      case 0:
        return push(number, at(3), false);
      case 1:
        return push(number, at(3), true);
      case 2:
        return flood(number, at(3));
      case 3:
        return buffer_.setRoundTrip(Milliseconds(number) - Milliseconds(1000));
      case 4:
        return setLatency(number, at(3));
      case 5:
        return pass(Milliseconds(number));
      default:
        return push(static_cast<std::uint16_t>(last_ + at(1) % 8 - 2), at(3), at(2) % 2);
    }
  }

  void end() {
    buffer_.drain(actions_);
    look();
    fuzz::require(buffer_.held() == 0 && buffer_.missing() == 0 && !buffer_.nextWake());
    const auto& told = buffer_.statistics();
    // All that came is accounted for, but for one that is perhaps the first after a restart.
    const auto taken = told.packets + told.duplicates + told.late + told.strays;
    fuzz::require(taken == pushed_ || taken + 1 == pushed_);
    fuzz::require(told.packets == delivered_ && told.lost == missing_);
  }

 private:
  void push(std::uint16_t number, unsigned timestamp, bool recovered) {
    last_ = number;
    buffer_.push({number, timestamp << 24 | number, recovered}, ++pushed_, now_, actions_);
    look();
    requireAwake();
  }
  void flood(std::uint16_t number, unsigned count) {
    for (unsigned i = 0; i < count * 4 && pushed_ < kMostInFloods; ++i)
      push(static_cast<std::uint16_t>(number + i), i, false);
  }
  void setLatency(std::uint16_t number, unsigned how) {
    if (how % 2 == 0) return buffer_.setLatency(std::nullopt);
    buffer_.setLatency(how == 1 ? Milliseconds::max() : Milliseconds(number));
  }
  void pass(Milliseconds time) {
    now_ += time;
    buffer_.wake(now_, actions_);
    look();
    requireAwake();
  }
  /// Else its user would turn in circles.
  void requireAwake() const {
    const auto next = buffer_.nextWake();
    fuzz::require(!next || *next > now_);
    fuzz::require(next.has_value() == (buffer_.missing() > 0));
  }
  void look() {
    fuzz::require(buffer_.held() <= Buffer::maxHeld);
    fuzz::require(buffer_.missing() <= LossTracker::maxMissing);
    fuzz::require(buffer_.held() == 0 || buffer_.missing() > 0);
    for (const Buffer::Delivered& each : actions_.packets) {
      fuzz::require(!sequence_ || each.sequence > *sequence_);
      fuzz::require(!sequence_ || each.restarted || each.sequence == *sequence_ + 1 + each.missing);
      sequence_ = each.sequence;
      missing_ += each.missing;
      ++delivered_;
    }
  }

  static constexpr std::uint32_t kMostInFloods = 3500;  // more than are held

  Buffer buffer_;
  Buffer::Actions actions_;
  Buffer::Time now_;
  std::uint16_t last_ = 0;
  std::uint32_t pushed_ = 0;
  std::optional<std::int64_t> sequence_;
  std::uint64_t delivered_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {"\x03\x00\x00\x00\x01\x00\x00\x03\x00\x05\x00\x0a\x00\x01\x00\x02\x00"s,
          "\x07\x00\xff\xff\x01\x06\x03\x00\x00\x06\x04\x00\x00\x06\x01\x01\x00"s,
          "\x02\x00\x00\x01\x00\x00\x00\x03\x00\x02\x00\x05\xff\x02\x03\xf0\xff\x02\x07\xf0\xff"s,
          "\x06\x00\x00\x01\x00\x00\x70\x00\x00\x00\x70\x01\x00\x04\x00\x32\x01"s};
}

void fuzz::read(std::string_view input) {
  constexpr std::size_t step = 4;
  constexpr std::size_t most = 500;
  if (input.empty()) return;
  Driven driven(static_cast<std::uint8_t>(input[0]));
  input.remove_prefix(1);
  for (std::size_t i = 0; i < most && input.size() >= step; ++i, input.remove_prefix(step)) {
    driven.step(input);
  }
  driven.end();
}

}  // namespace cosoup
