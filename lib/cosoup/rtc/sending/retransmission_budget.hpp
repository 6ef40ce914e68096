// RetransmissionBudget: which of the packets that a receiver has asked for are sent again.
// Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

struct RetransmissionOptions {
  double share = 0.25;  ///< of the estimate
  /// So much of the share may be saved up for a burst of losses.
  std::chrono::milliseconds burst{500};
};

/// A packet that a NACK names, as whoever holds it knows it.
struct RequestedPacket {
  using Time = std::chrono::steady_clock::time_point;

  MediaKind kind = MediaKind::video;
  std::uint32_t ssrc = 0;
  std::int64_t number = 0;  ///< its sequence number, made one that never wraps
  std::size_t size = 0;     ///< bytes, of all that the estimate counts
  Time picture;             ///< when its picture came; of audio, the packet
  Time sent;                ///< for the first time
};

/// What is sent again takes from what is new, and on a line that is full each makes the other get
/// lost. So it has a share of the estimate. Within it goes audio first, which is small and cannot
/// wait, then the newest packets of the newest picture, which are the likeliest to come in time.
/// What finds nothing left is forgotten: its receiver asks again. No thread, no clock of its own:
/// `now` never goes back.
class RetransmissionBudget {
 public:
  using Time = RequestedPacket::Time;
  using Duration = std::chrono::steady_clock::duration;

  /// Bytes that may be saved up however low the estimate is: two packets.
  static constexpr double minBurst = 3000;
  /// Of a round trip that is not known, or shorter. As PacketHistory has it.
  static constexpr std::chrono::milliseconds minRoundTrip{20};
  /// A receiver asks some ten times, a round trip apart (mediasoup and libwebrtc alike), and waits
  /// no shorter than this.
  static constexpr std::chrono::milliseconds minAge{1000};
  static constexpr int roundTrips = 10;
  /// No receiver waits longer.
  static constexpr std::chrono::milliseconds maxAge{5000};

  /// Why packets were not sent again.
  struct Refused {
    std::uint64_t tooOld = 0;   ///< came too late to be of use
    std::uint64_t tooSoon = 0;  ///< within a round trip after the last time
    std::uint64_t tooMuch = 0;  ///< beyond the share
  };

  explicit RetransmissionBudget(const RetransmissionOptions& options = {}) : options_(options) {}

  /// Bit/s. Before the first one nothing but the least burst is sent again.
  void setEstimate(double bitrate, Time now);
  void setRoundTrip(Duration roundTrip) { roundTrip_ = roundTrip; }

  /// Leaves those that are to be sent again now, in the order in which to send them.
  void choose(std::vector<RequestedPacket>& requested, Time now);

  const Refused& refused() const { return refused_; }

 private:
  using Key = std::pair<std::uint32_t, std::int64_t>;  // ssrc, number

  Duration roundTrip() const;
  Duration longestAge() const;
  void refill(Time now);
  void forget(Time now);
  bool isWorthIt(const RequestedPacket& packet, Time now);

  RetransmissionOptions options_;
  double bitrate_ = 0;  // of the share
  double bytes_ = minBurst;
  std::optional<Time> refilled_;
  Duration roundTrip_ = minRoundTrip;
  std::map<Key, Time> sentAgain_;
  Refused refused_;
};

}  // namespace cosoup
