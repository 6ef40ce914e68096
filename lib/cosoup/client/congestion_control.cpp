#include "cosoup/client/congestion_control.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup {

CongestionControl::CongestionControl(TransportCore& core, Feeds feeds)
    : core_(core), feeds_(std::move(feeds)) {
  reports_ = core_.peer().congestionReported.connect([this](const CongestionReport& report) {
    report_ = report;
    share();
  });
}

void CongestionControl::start() {
  updateBounds();
  if (std::exchange(runs_, true)) return;
  core_.scope().spawn(run());
}

Task<> CongestionControl::run() {
  constexpr std::chrono::milliseconds kStep{250};
  while (true) {
    co_await sleepFor(kStep);
    updateBounds();
    share();
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

UncontrolledMedia CongestionControl::uncontrolled() const {
  UncontrolledMedia media;
  for (const LayeredFeed* feed : feeds_()) {
    if (const auto bitrate = feed->audioBitrate()) media.audio.push_back(*bitrate);
    media.hasVideo = media.hasVideo || feed->sendsUntouchedVideo();
  }
  return media;
}

// What is paused now counts, too: it will not have to begin from below when it is resumed.
void CongestionControl::updateBounds() {
  const std::vector<BitrateRange> all = ranges(true);
  const CongestionBounds bounds = sendBounds(totalRange(all), all.size(), uncontrolled());
  if (std::exchange(told_, bounds.max) != bounds.max) core_.peer().setSendBounds(bounds);
}

void CongestionControl::share() {
  const std::vector<BitrateRange> running = ranges(false);
  if (!report_ || running.empty()) return;
  const std::vector<std::uint32_t> shares = sharedBitrates(*report_, uncontrolled(), running);
  std::deque<std::uint32_t> bitrates(shares.begin(), shares.end());
  for (LayeredFeed* feed : feeds_()) feed->takeBitrates(bitrates);
}

}  // namespace cosoup
