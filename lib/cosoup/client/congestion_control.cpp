#include "cosoup/client/congestion_control.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup {

CongestionControl::CongestionControl(TransportCore& core, Feeds feeds)
    : core_(core), feeds_(std::move(feeds)) {
  reports_ = core_.peer().congestionReported.connect(
      [this](const CongestionReport& report) { onReport(report); });
}

void CongestionControl::start() {
  if (std::exchange(runs_, true)) return;
  core_.scope().spawn(run());
}

void CongestionControl::onReport(const CongestionReport& report) {
  if (report.remb) {
    report_.remb = report.remb;
    return;
  }
  const std::optional<double> remb = report_.remb;
  report_ = report;
  report_.remb = remb;
}

Task<> CongestionControl::run() {
  constexpr std::chrono::milliseconds kStep{250};
  while (true) {
    co_await sleepFor(kStep);
    if (core_.peer().connectionState() != ConnectionState::connected) continue;
    adjust(std::chrono::duration<double>(kStep).count());
  }
}

std::vector<BitrateRange> CongestionControl::ranges(bool all) const {
  std::vector<BitrateRange> ranges;
  for (const LayeredFeed* feed : feeds_()) {
    const std::vector<BitrateRange> own = feed->ranges(all);
    ranges.insert(ranges.end(), own.begin(), own.end());
  }
  return ranges;
}

void CongestionControl::adjust(double seconds) {
  const std::vector<BitrateRange> running = ranges(false);
  if (running.empty()) return;
  estimate_ = nextEstimate(estimate_, std::exchange(report_, CongestionReport()), seconds);
  // What is paused now counts, too: it will not have to begin from below when it is resumed.
  const double most = totalRange(ranges(true)).max;
  const double least = totalRange(running).min;
  estimate_.bitrate = std::max(least, std::min(most, estimate_.bitrate));
  const std::vector<std::uint32_t> shares = sharedBitrates(estimate_.bitrate, running);
  std::deque<std::uint32_t> bitrates(shares.begin(), shares.end());
  for (LayeredFeed* feed : feeds_()) feed->takeBitrates(bitrates);
}

}  // namespace cosoup
