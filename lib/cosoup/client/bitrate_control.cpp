#include "cosoup/client/bitrate_control.hpp"

#include <algorithm>

#include "cosoup/rtc/sending/wire_overhead.hpp"

namespace cosoup {
namespace {

constexpr double kFrameRate = 30;        // of video, as a rule
constexpr double kAudioPacketRate = 50;  // of Opus with frames of 20 ms

/// Bit/s on the wire for so much of the media of `encoders` encoders.
double videoOnWire(double media, std::size_t encoders) {
  return wireBitrate(MediaKind::video, media, kFrameRate * static_cast<double>(encoders),
                     overheadBytes({}));
}

double audioOnWire(const UncontrolledMedia& other) {
  double sum = 0;
  for (const double bitrate : other.audio) {
    sum += wireBitrate(MediaKind::audio, bitrate, kAudioPacketRate, overheadBytes({}));
  }
  return sum;
}

}  // namespace

CongestionBounds sendBounds(const BitrateRange& most, std::size_t encoders,
                            const UncontrolledMedia& other) {
  constexpr double kReserve = 1.25;
  CongestionBounds bounds;
  const double audio = audioOnWire(other);
  const double used = audio + videoOnWire(most.max, encoders);
  // A call of sound alone does not look for more than it needs, yet has room when video begins.
  const double unknown = other.hasVideo ? bounds.max : bounds.start;
  bounds.max = std::max(kReserve * used, unknown);
  if (encoders > 0) bounds.start = audio + videoOnWire(most.start, encoders);
  return bounds;
}

std::vector<std::uint32_t> sharedBitrates(const CongestionReport& report,
                                          const UncontrolledMedia& other,
                                          const std::vector<BitrateRange>& ranges) {
  const double wire = report.target * (1 - report.loss) - audioOnWire(other);
  const double media = mediaBitrate(
      MediaKind::video, wire, kFrameRate * static_cast<double>(ranges.size()), overheadBytes({}));
  const BitrateRange all = totalRange(ranges);
  const double span = all.max - all.min;
  const double share = span > 0 ? std::clamp((media - all.min) / span, 0.0, 1.0) : 1;
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
