// Encoders, a pacer and its timer, in a time that is computed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "cosoup/rtc/sending/pacer.hpp"

namespace cosoup {

struct SendersOptions {
  const char* name;
  int audioStreams = 2;
  int videoStreams = 2;
  double load = 0.8;         // what the video streams send, of the target
  double retransmitted = 0;  // of the video packets
  bool steps = false;        // the target changes every second, which encoders learn a second later
  bool temporal = false;     // every second frame is disposable
  double probeBitrate = 0;   // a probe every second
  std::optional<std::chrono::milliseconds> dropAfter = std::chrono::milliseconds(250);
};

/// Each packet is its index among all that were pushed.
class ModelledSenders {
 public:
  using Time = Pacer<std::uint32_t>::Time;
  using Duration = std::chrono::microseconds;

  /// Where nothing is dropped no packet waits longer: the queue limit, the interval of wakes, lag.
  static constexpr std::chrono::milliseconds overdue{2002};
  static constexpr double target = 1'000'000;
  static constexpr std::size_t largestPacket = 1250;
  /// How late its timer wakes the pacer at most.
  static constexpr Duration lag{1000};

  ModelledSenders(const SendersOptions& options, unsigned seed);
  void run(std::chrono::seconds time);

  // What must not be.
  unsigned outOfOrder = 0;   // or twice
  unsigned undecodable = 0;  // frames that were begun without what they need
  unsigned tooOld = 0;       // sent after the longest wait
  unsigned lateAudio = 0;    // by more than the timer's lag
  unsigned sleepless = 0;    // wakes that were due at once again
  // What is counted.
  std::uint64_t pushed = 0;
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;
  std::uint64_t droppedFrames = 0;
  std::uint64_t keyFrameRequests = 0;
  std::uint64_t held = 0;     // in the end
  std::uint64_t padding = 0;  // bytes
  std::vector<std::uint64_t> videoBytes;
  /// Over any span of time: the most that was sent beyond the bitrate of that span; bits.
  double mostBeyond = 0;
  double highestBitrate = 0;  ///< of pacing
  std::chrono::microseconds longestQueue{0};

 private:
  struct Source {
    SendPriority priority;
    std::uint32_t ssrc;
    Duration interval;
    Time next;
    std::uint64_t frame = 0;
    bool wantsKeyFrame = true;
    std::optional<std::uint32_t> lastSent;
    std::uint64_t lastFrame = 0;  // that was begun
  };
  struct Pushed {
    std::uint32_t source;
    std::uint64_t frame;
    FrameRole role;
    bool isFirst;  // of its frame
    bool isLast;
    Time at;
    bool isSent = false;
  };

  bool isDrawn(double probability);
  void push(std::uint32_t source, const PacedPacket& info, bool isFirst, bool isLast);
  void audioPacket(std::uint32_t source);
  void videoFrame(std::uint32_t source);
  void changeTarget();
  void wake();
  void look(const Pacer<std::uint32_t>::Sent& each);
  void lookAtFrame(const Pushed& packet, Source& source);
  bool wasWhole(std::uint32_t source, std::uint64_t frame) const;
  void account(std::size_t bytes);

  SendersOptions options_;
  std::mt19937 random_;
  Pacer<std::uint32_t> pacer_;
  Pacer<std::uint32_t>::Actions actions_;
  std::vector<Source> sources_;
  std::vector<Pushed> packets_;
  Time now_{std::chrono::hours(1)};
  double target_ = target;
  double encoded_ = target;
  double sentBits_ = 0;
  double allowedBits_ = 0;
  double least_ = 0;  // of what was sent less what was allowed
  Time accounted_ = now_;
};

}  // namespace cosoup
