// CongestionController: how much a transport may send. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "cosoup/rtc/congestion/acknowledged_bitrate.hpp"
#include "cosoup/rtc/congestion/aimd_rate_control.hpp"
#include "cosoup/rtc/congestion/congestion_bounds.hpp"
#include "cosoup/rtc/congestion/delay_estimator.hpp"
#include "cosoup/rtc/congestion/loss_estimator.hpp"
#include "cosoup/rtc/congestion/probing.hpp"
#include "cosoup/rtc/congestion/sent_packets.hpp"
#include "cosoup/rtc/congestion/transport_cc_feedback.hpp"

namespace cosoup {

/// Congestion control of the sender after draft-ietf-rmcat-gcc-02: what the delay of the packets
/// says, what their loss says, and probes. Tells what may be sent; a pacer does it, and tells each
/// packet as it is sent. No thread, no clock of its own: `now` never goes back.
class CongestionController {
 public:
  using Time = SentPackets::Time;
  using Duration = std::chrono::steady_clock::duration;

  /// For so long without feedback on what was sent, beyond a round trip, the line is taken for
  /// interrupted: half the rate, and so again.
  static constexpr std::chrono::milliseconds maxSilence{500};
  /// No probe before the line has been calm for so long.
  static constexpr std::chrono::seconds calmBeforeProbe{2};
  /// With more of a queue it is not calm.
  static constexpr std::chrono::milliseconds calmQueue{20};
  /// How long no probe counts after loss has set a limit: a policer lets a short burst pass, so
  /// that one says nothing. Twice as long each time that a probe has misled.
  static constexpr std::chrono::seconds minDistrust{15};
  static constexpr std::chrono::seconds maxDistrust{120};
  /// So long after a queue loss may be of its overflow, which is no policer's.
  static constexpr std::chrono::seconds overflowMemory{8};

  explicit CongestionController(const CongestionBounds& bounds);

  /// A packet goes out under this transport-wide number.
  void onSent(std::uint16_t number, std::size_t size, Time now, std::optional<unsigned> probe = {});
  void onFeedback(const TransportCcFeedback& feedback, Time now);
  /// Every 20 to 100 ms, so that probes and silence are noticed.
  void onTick(Time now);

  /// The estimate of the other side (REMB) as a ceiling; absent: none.
  void setRemb(std::optional<double> bitrate);
  /// Raised while packets are sent, it is probed for.
  void setMax(double bitrate, Time now);
  /// Of reports, where it is known better than from feedback.
  void setRoundTrip(Duration roundTrip) { roundTrip_ = roundTrip; }

  /// What all packets together may make; bit/s.
  double target() const { return rate_.bitrate(); }
  /// To be sent at once; asked for until there is none.
  std::optional<ProbeCluster> nextProbe();

  bool isOverused() const { return use_ == NetworkUse::Over; }
  /// What arrives; bit/s.
  std::optional<double> acknowledged() const { return acknowledged_.value(); }
  /// The fraction lost of late.
  double loss() const { return losses_.loss(); }
  /// How long packets stand in a queue on the way.
  QueueDelay::Duration queue() const { return delay_.queue(); }
  Duration roundTrip() const;

 private:
  void applyBounds();
  void measureRoundTrip(Time now);
  void hear(Time now);
  void followDelay(Time now);
  void followProbes(Time now);
  void followLoss(Time now);
  bool isPoliced(Time now) const;
  bool isCalm(Time now) const;

  CongestionBounds bounds_;
  std::optional<double> remb_;
  SentPackets sent_;
  std::vector<PacketResult> results_;
  AcknowledgedBitrate acknowledged_;
  DelayEstimator delay_;
  LossEstimator losses_;
  ProbePlanner probes_;
  ProbeMeter probeMeter_;
  AimdRateControl rate_;
  NetworkUse use_ = NetworkUse::Normal;
  std::optional<Duration> roundTrip_;
  std::optional<Duration> measuredRoundTrip_;
  bool hasStarted_ = false;
  std::optional<Time> waiting_;  // for feedback, since this packet
  std::optional<double> beforeSilence_;
  std::optional<Time> probeRaised_;
  std::optional<Time> limited_;  // by loss without a queue, the last time
  std::optional<Time> queued_;   // no calm queue, the last time
  Duration distrust_{minDistrust};
};

}  // namespace cosoup
