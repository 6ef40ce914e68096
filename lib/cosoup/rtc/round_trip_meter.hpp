// RoundTripMeter: how long it takes until what was asked for comes again. Internal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace cosoup {

/// Of packets asked for once; of another it cannot be told which request was answered (RFC 6298,
/// section 3). Smoothed. No thread, no clock of its own.
class RoundTripMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  void asked(std::uint16_t sequenceNumber, Time now) {
    if (Request* request = find(sequenceNumber)) {
      request->state = State::repeated;
      return;
    }
    requests_[next_++ % requests_.size()] = Request{sequenceNumber, now, State::open};
  }

  /// Whether the round trip is known better now.
  bool came(std::uint16_t sequenceNumber, Time now) {
    Request* request = find(sequenceNumber);
    if (!request) return false;
    if (std::exchange(request->state, State::free) == State::repeated) return false;
    const Duration took = now - request->at;
    smoothed_ = smoothed_ ? (7 * *smoothed_ + took) / 8 : took;
    return true;
  }

  /// Absent until something has come again.
  std::optional<Duration> value() const { return smoothed_; }

 private:
  enum class State : std::uint8_t { free, open, repeated };
  struct Request {
    std::uint16_t sequenceNumber = 0;
    Time at;
    State state = State::free;
  };

  Request* find(std::uint16_t sequenceNumber) {
    for (Request& request : requests_) {
      if (request.state != State::free && request.sequenceNumber == sequenceNumber) return &request;
    }
    return nullptr;
  }

  std::array<Request, 32> requests_;
  std::size_t next_ = 0;
  std::optional<Duration> smoothed_;
};

}  // namespace cosoup
