#include "cosoup/rtc/congestion/probing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace cosoup {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kEnough = 0.8;  // of a cluster

/// How badly a line of this rate explains when the packets have come; s. Each waits until the one
/// before it is through.
double misfit(std::span<const PacketResult> packets, double bitrate) {
  double through = 0;
  double sum = 0;
  double squares = 0;
  for (const PacketResult& each : packets) {
    const double sent = Seconds(each.sent - packets.front().sent).count();
    const double arrived = Seconds(*each.arrived - *packets.front().arrived).count();
    through = std::max(through, sent) + static_cast<double>(each.size) * 8 / bitrate;
    sum += arrived - through;
    squares += (arrived - through) * (arrived - through);
  }
  const auto count = static_cast<double>(packets.size());
  return std::sqrt(std::max(0.0, squares / count - sum * sum / (count * count)));
}

/// The slowest line that explains the packets about as well as any. What came in the time of all of
/// them would not do: media are larger than the padding behind them, and a pacer that waits behind
/// a large first packet lets even a slow line keep up with the rest.
double slowestLine(std::span<const PacketResult> packets, double sent) {
  constexpr double kStep = 1.04;
  constexpr double kLeast = 0.2;  // of what was sent
  constexpr double kMost = 8;
  constexpr double kTolerance = 0.0001;  // s; of arrival times to 250 us
  double least = std::numeric_limits<double>::infinity();
  for (double share = kLeast; share < kMost; share *= kStep) {
    least = std::min(least, misfit(packets, share * sent));
  }
  double share = kLeast;
  while (share < kMost && misfit(packets, share * sent) > least + kTolerance) share *= kStep;
  return share * sent;
}

std::optional<ProbeResult> measure(std::span<const PacketResult> packets) {
  constexpr double kThrough = 0.9;
  constexpr double kBelow = 0.95;  // of a line that was full
  constexpr double kMaxTime = 1;
  if (packets.size() < 2) return std::nullopt;
  const PacketResult& last = packets.back();
  const double sentTime = Seconds(last.sent - packets.front().sent).count();
  const double arrivalTime = Seconds(*last.arrived - *packets.front().arrived).count();
  if (sentTime <= 0 || sentTime > kMaxTime || arrivalTime <= 0 || arrivalTime > kMaxTime) {
    return std::nullopt;
  }
  double bits = 0;  // of all but the last: the pacer waited after each of them
  for (const PacketResult& each : packets.first(packets.size() - 1)) {
    bits += static_cast<double>(each.size) * 8;
  }
  const double sent = bits / sentTime;
  const double line = slowestLine(packets, sent);
  if (line >= kThrough * sent) return ProbeResult{std::min(sent, line), true};
  return ProbeResult{kBelow * line, false};
}

}  // namespace

void ProbePlanner::plan(double bitrate) {
  const double capped = std::min(bitrate, max_);
  if (capped <= highest_) return;
  highest_ = capped;
  const auto bytes = static_cast<std::size_t>(capped * Seconds(duration).count() / 8);
  planned_.push_back(ProbeCluster{++ids_, capped, minPackets, bytes});
}

/// Not where there is next to nothing left to find.
bool ProbePlanner::isWorthIt(double target) const {
  constexpr double kNextToNothing = 1.1;
  return target * kNextToNothing <= max_;
}

void ProbePlanner::start(double bitrate, Time now) {
  if (!isWorthIt(bitrate)) return;
  highest_ = 0;
  plan(firstFactor * bitrate);
  plan(secondFactor * bitrate);
  last_ = now;
}

void ProbePlanner::probe(double bitrate, Time now) {
  highest_ = 0;
  plan(bitrate);
  last_ = now;
}

void ProbePlanner::update(double target, Time now) {
  if (!last_) last_ = now;
  if (now - *last_ > patience) highest_ = 0;
  if (now - *last_ < interval || !isWorthIt(target)) return;
  probe(furtherFactor * target, now);
}

void ProbePlanner::measured(double bitrate, Time now) {
  if (highest_ == 0 || bitrate < cameThrough * highest_) return;
  plan(furtherFactor * bitrate);
  last_ = now;
}

std::optional<ProbeCluster> ProbePlanner::next() {
  if (planned_.empty()) return std::nullopt;
  const ProbeCluster cluster = planned_.front();
  planned_.pop_front();
  return cluster;
}

void ProbeMeter::expect(const ProbeCluster& cluster) {
  if (clusters_.size() == maxClusters) clusters_.pop_front();
  clusters_.emplace_back().planned = cluster;
}

void ProbeMeter::take(Cluster& cluster, const PacketResult& result) {
  ++cluster.reported;
  if (!result.arrived) return;
  cluster.bytes += result.size;
  cluster.arrived.push_back(result);
}

bool ProbeMeter::isComplete(const Cluster& cluster) {
  const auto planned = static_cast<double>(cluster.planned.bytes);
  return cluster.reported >= cluster.planned.packets &&
         static_cast<double>(cluster.bytes) >= kEnough * planned;
}

std::optional<ProbeResult> ProbeMeter::add(std::span<const PacketResult> results) {
  for (const PacketResult& result : results) {
    if (!result.probe || result.wasLost) continue;
    const auto found = std::find_if(clusters_.begin(), clusters_.end(), [&](const Cluster& each) {
      return each.planned.id == *result.probe;
    });
    if (found != clusters_.end() && !found->isDone) take(*found, result);
  }
  std::optional<ProbeResult> highest;
  for (Cluster& cluster : clusters_) {
    if (cluster.isDone || !isComplete(cluster)) continue;
    cluster.isDone = true;
    const std::vector<PacketResult> packets = std::move(cluster.arrived);
    if (static_cast<double>(packets.size()) < kEnough * cluster.planned.packets) continue;
    const std::optional<ProbeResult> shown = measure(packets);
    if (shown && (!highest || shown->bitrate > highest->bitrate)) highest = shown;
  }
  return highest;
}

}  // namespace cosoup
