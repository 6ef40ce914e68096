// ProbePlanner and ProbeMeter: short bursts that show whether a line carries more. Internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "cosoup/rtc/congestion/probe_cluster.hpp"
#include "cosoup/rtc/congestion/sent_packets.hpp"

namespace cosoup {

/// What one has shown.
struct ProbeResult {
  double bitrate = 0;      ///< that arrived, at the least; bit/s
  bool isThrough = false;  ///< it came as it was sent; else the line was full
};

/// Decides when to probe, and how high: at the start 3 and 6 times the first bitrate; on, twice as
/// high, from each probe that came through; and twice the target every few seconds, since neither
/// a line that has become faster nor a source that sends less than it may shows what there is. The
/// figures are those of libwebrtc. No thread, no clock of its own.
class ProbePlanner {
 public:
  using Time = SentPackets::Time;

  static constexpr double firstFactor = 3;
  static constexpr double secondFactor = 6;
  static constexpr double furtherFactor = 2;
  /// A probe that carried so much of its rate came through.
  static constexpr double cameThrough = 0.7;
  static constexpr std::chrono::milliseconds duration{15};
  static constexpr unsigned minPackets = 5;
  static constexpr std::chrono::seconds interval{5};
  /// Without an answer for so long the next one may go out.
  static constexpr std::chrono::seconds patience{1};

  /// No probe is higher than what could be used; bit/s.
  void setMax(double bitrate) { max_ = bitrate; }
  void start(double bitrate, Time now);
  /// The line may be another one now: the next probe need not wait for its turn.
  void probe(double bitrate, Time now);
  /// Time has gone on; the line is calm and may be probed.
  void update(double target, Time now);
  /// What a probe has shown.
  void measured(double bitrate, Time now);

  /// To be sent now, once.
  std::optional<ProbeCluster> next();

 private:
  bool isWorthIt(double target) const;
  void plan(double bitrate);

  double max_ = 1e9;
  unsigned ids_ = 0;
  double highest_ = 0;  // of the probes since the last answer was awaited
  std::deque<ProbeCluster> planned_;
  std::optional<Time> last_;
};

/// Measures the clusters. No thread, no clock of its own.
class ProbeMeter {
 public:
  static constexpr std::size_t maxClusters = 8;

  /// It is being sent.
  void expect(const ProbeCluster& cluster);
  /// Results by number. The highest that one of the clusters has shown, once its results are
  /// complete.
  std::optional<ProbeResult> add(std::span<const PacketResult> results);

 private:
  struct Cluster {
    ProbeCluster planned;
    unsigned reported = 0;
    std::size_t bytes = 0;  // that arrived
    std::vector<PacketResult> arrived;
    bool isDone = false;
  };

  static void take(Cluster& cluster, const PacketResult& result);
  static bool isComplete(const Cluster& cluster);

  std::deque<Cluster> clusters_;
};

}  // namespace cosoup
