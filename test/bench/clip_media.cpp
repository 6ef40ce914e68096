#include "bench/clip_media.hpp"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <stdexcept>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/rtp_header.hpp"

namespace cosoup::bench {
namespace {

constexpr LoopedMedia::Format kAudio{kAudioPayloadType, 48000, 960, false};
constexpr LoopedMedia::Format kVideo{kVideoPayloadType, 90000, 3000, true};
constexpr Nanoseconds kKeyFramePeriod = std::chrono::seconds(2);
constexpr GstClockTime kPatience = 10 * GST_SECOND;

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
std::shared_ptr<const LoopedMedia> readAll(GstElement* pipeline, const char* sinkName,
                                           const LoopedMedia::Format& format) {
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), sinkName));
  std::vector<Payload> payloads;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), kPatience)) {
    const auto held = Ref<GstSample>::adopt(sample);
    payloads.push_back(payloadOf(sample, format));
  }
  if (!gst_app_sink_is_eos(GST_APP_SINK(sink.get())) || payloads.empty()) {
    throw std::runtime_error(std::string("there is no ") + sinkName + " in it");
  }
  return std::make_shared<LoopedMedia>(format, std::move(payloads));
}

}  // namespace

ClipMedia readClip(const std::string& path) {
  gst_init(nullptr, nullptr);
  GError* error = nullptr;
  GstElement* parsed = gst_parse_launch(kPipeline, &error);
  if (!parsed || error) throw std::runtime_error(error ? error->message : "no pipeline");
  const auto pipeline = Ref<GstElement>::adopt(GST_ELEMENT(gst_object_ref_sink(parsed)));
  const auto file = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(parsed), "file"));
  g_object_set(file.get(), "location", path.c_str(), nullptr);
  gst_element_set_state(parsed, GST_STATE_PLAYING);
  ClipMedia clip;
  try {
    clip.video = readAll(parsed, "video", kVideo);
    clip.audio = readAll(parsed, "audio", kAudio);
  } catch (const std::exception& exception) {
    gst_element_set_state(parsed, GST_STATE_NULL);
    throw std::runtime_error(path + ": " + exception.what());
  }
  gst_element_set_state(parsed, GST_STATE_NULL);
  return clip;
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
