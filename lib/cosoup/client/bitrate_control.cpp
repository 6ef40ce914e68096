#include "cosoup/client/bitrate_control.hpp"

#include <algorithm>
#include <cmath>

namespace cosoup {
namespace {

constexpr double kMuchLoss = 0.10;
constexpr double kLittleLoss = 0.02;
constexpr double kArrivingShare = 0.85;
constexpr double kShortfallLimit = 0.5;  // s
constexpr double kRest = 1;              // s between two changes for the worse, and before a better
constexpr double kDecrease = 0.9;
constexpr double kIncreasePerSecond = 1.08;

bool arrivesShort(const CongestionReport& report) {
  return report.receivedBitrate && report.sentBitrate &&
         *report.receivedBitrate < kArrivingShare * *report.sentBitrate;
}

}  // namespace

BitrateEstimate nextEstimate(BitrateEstimate estimate, const CongestionReport& report,
                             double seconds) {
  const bool isNews = report.lossFraction.has_value();
  estimate.calm += seconds;
  if (report.remb) {
    if (*report.remb < estimate.bitrate) estimate.calm = 0;
    const double ceiling = estimate.reported ? estimate.bitrate : *report.remb;
    estimate.bitrate = std::min(ceiling, *report.remb);
  }
  if (report.remb && !isNews) return estimate;
  if (!isNews && estimate.reported) return estimate;
  estimate.reported = isNews;
  estimate.shortfall = arrivesShort(report) ? estimate.shortfall + seconds : 0;
  const double loss = report.lossFraction.value_or(0);
  const bool congested = loss > kMuchLoss || estimate.shortfall >= kShortfallLimit;
  if (congested && report.receivedBitrate && estimate.calm >= kRest) {
    estimate.bitrate = std::min(estimate.bitrate, kDecrease * *report.receivedBitrate);
    estimate.calm = 0;
    estimate.shortfall = 0;
  } else if (!congested && loss < kLittleLoss && estimate.calm >= kRest) {
    estimate.bitrate *= std::pow(kIncreasePerSecond, seconds);
  }
  return estimate;
}

std::vector<std::uint32_t> sharedBitrates(double total, const std::vector<BitrateRange>& ranges) {
  const BitrateRange all = totalRange(ranges);
  const double span = all.max - all.min;
  const double share = span > 0 ? std::clamp((total - all.min) / span, 0.0, 1.0) : 1;
  std::vector<std::uint32_t> bitrates;
  for (const BitrateRange& range : ranges) {
    bitrates.push_back(range.min + static_cast<std::uint32_t>((range.max - range.min) * share));
  }
  return bitrates;
}

BitrateRange totalRange(const std::vector<BitrateRange>& ranges) {
  BitrateRange total;
  for (const BitrateRange& range : ranges) {
    total.min += range.min;
    total.start += range.start;
    total.max += range.max;
  }
  return total;
}

}  // namespace cosoup
