// LossTracker: which packets of a received RTP stream are missing, and when each is asked for.
// Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cosoup {

/// Packets that were merely overtaken come by themselves within some milliseconds, so a packet is
/// asked for (NACK) only after a while that is learnt from them, or once some later ones have come.
/// Asked again is every round trip, as long as an answer can still come in time.
///
/// A packet stays missing until it has come or the longest wait is over, also when it has been
/// asked for as often as it may be: a request is one of several ways in which it may come. It may
/// have been overtaken, or be on its way to the server, which asks its sender, too.
///
/// Numbers are those of a SequenceUnwrapper. No thread, no clock of its own.
class LossTracker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// Of more than so many none can be hoped for: all are given up at once.
  static constexpr std::size_t maxMissing = 1000;
  static constexpr unsigned maxRequests = 15;
  static constexpr std::chrono::milliseconds minInterval{20};
  /// What a mediasoup server assumes, too, until it knows better.
  static constexpr std::chrono::milliseconds unknownRoundTrip{100};
  /// How long, and for how many later packets, an overtaken one is waited for before the request.
  static constexpr std::chrono::milliseconds minPatience{5};
  static constexpr std::chrono::milliseconds maxPatience{20};
  static constexpr std::int64_t minOvertaking = 2;
  static constexpr std::int64_t maxOvertaking = 32;

  /// A missing packet that has come.
  struct Found {
    bool wasOvertaken;  ///< came so soon that the line may merely have reordered it
    /// Was sent again. Without RTX that cannot be seen: whoever was asked for the packet has sent
    /// it again, and what came too soon for that may be the first one all the same.
    bool cameAgain;
    Duration after;  ///< since its gap was seen
  };

  /// Whether packets may be asked for: it is negotiated for each codec.
  explicit LossTracker(bool mayAsk) : mayAsk_(mayAsk) {}

  /// From one request for a packet to the next. A server that gets the second within its own idea
  /// of a round trip takes it for needless, hence some more.
  static Duration interval(std::optional<Duration> roundTrip);
  void setRoundTrip(Duration roundTrip) { roundTrip_ = roundTrip; }

  /// A numbering begins after this number.
  void beginAfter(std::int64_t number);
  /// A packet newer than all before: those between are missing.
  void advance(std::int64_t number, Time now);
  /// A packet older than the newest, if it was missing.
  std::optional<Found> find(std::int64_t number, bool isResent, Time now);

  /// Forgets those whose wait is over; tells whether there were any.
  bool giveUp(Time now, Duration longestWait);
  /// Forgets the oldest and those that follow it without a packet between.
  void giveUpOldestGap();
  void giveUpAll() { missing_.clear(); }

  /// Appends the low 16 bits of those to be asked for now.
  void ask(Time now, Duration longestWait, std::vector<std::uint16_t>& requests);
  /// When to come back for giveUp() and ask().
  std::optional<Time> nextWake(Duration longestWait) const;

  std::optional<std::int64_t> oldest() const;
  std::int64_t newest() const { return newest_; }
  std::size_t missing() const { return missing_.size(); }

 private:
  struct Missing {
    std::int64_t number;
    std::int64_t seenBy;  // the packet that showed the gap
    Time since;
    Time nextRequest;
    unsigned requests;
    Time firstRequest;
  };

  bool isDue(const Missing& missing, Time now) const;
  bool wasOvertaken(const Missing& missing, bool isResent, Time now);
  void learn(const Missing& missing, Time now);
  void unlearn();

  bool mayAsk_;
  bool hasRtx_ = false;
  std::optional<Duration> roundTrip_;
  std::int64_t newest_ = -1;
  std::vector<Missing> missing_;  // by number, and so by `since`
  Duration patience_ = minPatience;
  std::int64_t overtaking_ = minOvertaking;
};

}  // namespace cosoup
