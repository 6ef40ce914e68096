#include "cosoup/media/rtp/level_marker.hpp"

#include <gst/audio/audio.h>

#include "cosoup/gst/ref.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/level_meter.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;

template <class Measure>
std::optional<int> levelOfBytes(GstBuffer* buffer, Measure measure) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return std::nullopt;
  const int level = measure(Bytes(map.data, map.size));
  gst_buffer_unmap(buffer, &map);
  return level;
}

int levelOfRaw(Bytes bytes) {
  return levelOf(std::span(reinterpret_cast<const std::int16_t*>(bytes.data()),
                           bytes.size() / sizeof(std::int16_t)));
}

class RawMarker final : public LevelMarker {
 protected:
  std::optional<int> levelOfContent(GstBuffer* frame) override {
    return levelOfBytes(frame, &levelOfRaw);
  }
};

class G711Marker final : public LevelMarker {
 public:
  explicit G711Marker(int (*level)(Bytes)) : level_(level) {}

 protected:
  std::optional<int> levelOfContent(GstBuffer* frame) override {
    return levelOfBytes(frame, level_);
  }

 private:
  int (*level_)(Bytes);
};

/// opusdec between two pads of ours: what is pushed into it comes out before the push returns.
class OpusMarker final : public LevelMarker {
 public:
  explicit OpusMarker(GstCaps* caps);
  ~OpusMarker() override;

 protected:
  std::optional<int> levelOfContent(GstBuffer* frame) override;

 private:
  static GstFlowReturn onDecoded(GstPad* pad, GstObject*, GstBuffer* samples);

  Ref<GstElement> decoder_;
  Ref<GstPad> input_;
  Ref<GstPad> output_;
  std::optional<int> level_;  // of what has just been decoded
};

GstStaticPadTemplate samplesTemplate =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("audio/x-raw, layout=(string)interleaved, "
                                            "format=(string)" GST_AUDIO_NE(S16)));

OpusMarker::OpusMarker(GstCaps* caps)
    : decoder_(Ref<GstElement>::sink(makeElement("opusdec"))),
      input_(Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC))),
      output_(Ref<GstPad>::sink(gst_pad_new_from_static_template(&samplesTemplate, "sink"))) {
  gst_pad_set_element_private(output_.get(), this);
  gst_pad_set_chain_function(output_.get(), &OpusMarker::onDecoded);
  const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder_.get(), "sink"));
  const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(decoder_.get(), "src"));
  gst_pad_link(input_.get(), in.get());
  gst_pad_link(out.get(), output_.get());
  gst_pad_set_active(output_.get(), TRUE);
  gst_element_set_state(decoder_.get(), GST_STATE_PLAYING);
  gst_pad_set_active(input_.get(), TRUE);
  gst_pad_push_event(input_.get(), gst_event_new_stream_start("level"));
  gst_pad_push_event(input_.get(), gst_event_new_caps(caps));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(input_.get(), gst_event_new_segment(&segment));
}

OpusMarker::~OpusMarker() {
  gst_pad_set_active(input_.get(), FALSE);
  gst_element_set_state(decoder_.get(), GST_STATE_NULL);
  gst_pad_set_active(output_.get(), FALSE);
}

std::optional<int> OpusMarker::levelOfContent(GstBuffer* frame) {
  level_.reset();
  gst_pad_push(input_.get(), gst_buffer_copy(frame));  // its memory is shared
  return level_;
}

GstFlowReturn OpusMarker::onDecoded(GstPad* pad, GstObject*, GstBuffer* samples) {
  static_cast<OpusMarker*>(gst_pad_get_element_private(pad))->level_ =
      levelOfBytes(samples, &levelOfRaw);
  gst_buffer_unref(samples);
  return GST_FLOW_OK;
}

GstPadProbeReturn onBuffer(GstPad*, GstPadProbeInfo* info, gpointer data) {
  GstBuffer* writable = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  info->data = writable;
  static_cast<LevelMarker*>(data)->mark(writable);
  return GST_PAD_PROBE_OK;
}

}  // namespace

void LevelMarker::markRaw(GstPad* pad) {
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, &onBuffer, new RawMarker,
                    [](gpointer data) { delete static_cast<RawMarker*>(data); });
}

std::unique_ptr<LevelMarker> LevelMarker::ofEncoded(const std::string& mimeType) {
  if (ortc::equalsIgnoringCase(mimeType, "audio/PCMU")) {
    return std::make_unique<G711Marker>(&levelOfPcmu);
  }
  if (ortc::equalsIgnoringCase(mimeType, "audio/PCMA")) {
    return std::make_unique<G711Marker>(&levelOfPcma);
  }
  return nullptr;
}

std::unique_ptr<LevelMarker> LevelMarker::ofOpus(GstCaps* caps) {
  return std::make_unique<OpusMarker>(caps);
}

void LevelMarker::mark(GstBuffer* frame) {
  const std::optional<int> level = levelOfContent(frame);
  if (!level) return;
  if (GST_BUFFER_PTS_IS_VALID(frame)) {
    speech_.hear(SpeechDetector::Time(GST_TIME_AS_MSECONDS(GST_BUFFER_PTS(frame))), *level);
  }
  // What the source put there was of the buffer before it was converted, or muted.
  if (GstAudioLevelMeta* old = gst_buffer_get_audio_level_meta(frame)) {
    gst_buffer_remove_meta(frame, reinterpret_cast<GstMeta*>(old));
  }
  gst_buffer_add_audio_level_meta(frame, static_cast<guint8>(-*level), speech_.isSpeaking());
}

}  // namespace cosoup
