#include "bench/clip_media.hpp"

#include <gst/gst.h>

#include <stdexcept>
#include <vector>

#include "bench/file_pipeline.hpp"
#include "cosoup/rtc/rtp_header.hpp"

namespace cosoup::bench {
namespace {

constexpr LoopedMedia::Format kAudio{kAudioPayloadType, 48000, 960, false};
constexpr LoopedMedia::Format kVideo{kVideoPayloadType, 90000, 3000, true};
constexpr Nanoseconds kKeyFramePeriod = std::chrono::seconds(2);

// As browsers send: packets of at most 1200 bytes, picture ids of 15 bit.
constexpr const char* kPipeline =
    "filesrc name=file ! matroskademux name=demux "
    "demux.video_0 ! queue ! rtpvp8pay mtu=1200 picture-id-mode=15-bit picture-id-offset=0"
    " ! appsink name=video sync=false "
    "demux.audio_0 ! queue ! rtpopuspay ! appsink name=audio sync=false";

Payload payloadOf(GstSample* sample, const LoopedMedia::Format& format) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) throw std::runtime_error("an unreadable packet");
  const std::span<const std::uint8_t> packet(map.data, map.size);
  const auto header = readRtpHeader(packet);
  Payload payload;
  if (header) {
    const auto bytes = header->payload(packet);
    payload.bytes.assign(bytes.begin(), bytes.end());
    payload.endsFrame = !format.isVp8 || header->marker;
  }
  gst_buffer_unmap(buffer, &map);
  if (!header) throw std::runtime_error("what was made is no RTP packet");
  return payload;
}

/// All packets until the end.
std::shared_ptr<const LoopedMedia> readAll(FilePipeline& pipeline, const char* sinkName,
                                           const LoopedMedia::Format& format) {
  std::vector<Payload> payloads;
  pipeline.readAll(sinkName,
                   [&](GstSample* sample) { payloads.push_back(payloadOf(sample, format)); });
  return std::make_shared<LoopedMedia>(format, std::move(payloads));
}

}  // namespace

ClipMedia readClip(const std::string& path) {
  try {
    FilePipeline pipeline(kPipeline, path);
    ClipMedia clip;
    clip.video = readAll(pipeline, "video", kVideo);
    clip.audio = readAll(pipeline, "audio", kAudio);
    return clip;
  } catch (const std::exception& exception) {
    throw std::runtime_error(path + ": " + exception.what());
  }
}

std::vector<SentStream> streamsOfPairs(const ClipMedia& clip, std::size_t pairs,
                                       std::uint32_t firstSsrc) {
  std::vector<SentStream> streams;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const auto ssrc = static_cast<std::uint32_t>(firstSsrc + 2 * pair);
    const Nanoseconds begin = phaseOf(pair, kKeyFramePeriod);
    streams.emplace_back(clip.audio, ssrc, begin);
    streams.emplace_back(clip.video, ssrc + 1, begin);
  }
  return streams;
}

}  // namespace cosoup::bench
