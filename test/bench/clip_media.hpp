// The media of a WebM file, made ready to be sent as RTP.
#pragma once

#include <memory>
#include <string>

#include "bench/sent_streams.hpp"

namespace cosoup::bench {

struct ClipMedia {
  std::shared_ptr<const LoopedMedia> audio;
  std::shared_ptr<const LoopedMedia> video;
};

// What is sent, as the room server has to be told.
constexpr std::uint8_t kAudioPayloadType = 100;
constexpr std::uint8_t kVideoPayloadType = 101;

/// Of a file with VP8 at 30 frames/s and Opus in packets of 20 ms. Throws std::runtime_error when
/// it cannot be read.
ClipMedia readClip(const std::string& path);

/// The streams of so many pairs: audio, then video of each. SSRCs count on from `firstSsrc`.
std::vector<SentStream> streamsOfPairs(const ClipMedia& clip, std::size_t pairs,
                                       std::uint32_t firstSsrc);

}  // namespace cosoup::bench
