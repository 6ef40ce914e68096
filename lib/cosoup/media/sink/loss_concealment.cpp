#include "cosoup/media/sink/loss_concealment.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/rtc/opus_packet.hpp"

namespace cosoup {
namespace {

constexpr GstClockTime kLongestLoss = GST_SECOND;
// What opusdec can fill in one go: the longest packet.
constexpr GstClockTime kLongestGap = 120 * GST_MSECOND;

constexpr const char* kMeta = "cosoup-lost";
constexpr const char* kDuration = "duration";

void ensureMeta() {
  static const GstMetaInfo* const info = [] {
    static const char* tags[] = {nullptr};
    return gst_meta_register_custom(kMeta, tags, nullptr, nullptr, nullptr);
  }();
  static_cast<void>(info);
}

/// Takes it off the buffer, since decoders hand on what they do not know.
GstClockTime takeLost(GstPadProbeInfo* info) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  GstClockTime lost = 0;
  if (!gst_buffer_get_custom_meta(buffer, kMeta)) return lost;
  buffer = gst_buffer_make_writable(buffer);
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, kMeta);
  gst_structure_get_clock_time(gst_custom_meta_get_structure(meta), kDuration, &lost);
  gst_buffer_remove_meta(buffer, &meta->meta);
  return lost;
}

GstEvent* makeGap(GstClockTime begin, GstClockTime duration) {
  GstEvent* gap = gst_event_new_gap(begin, duration);
  gst_event_set_gap_flags(gap, GST_GAP_FLAG_MISSING_DATA);
  return gap;
}

/// What goes into an opusdec (GStreamer 1.22 to 1.26), on its streaming thread.
class OpusInput {
 public:
  explicit OpusInput(GstElement* decoder) : decoder_(decoder) {}

  GstPadProbeReturn pass(GstPad* pad, GstPadProbeInfo* info) {
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) return take(GST_PAD_PROBE_INFO_BUFFER(info));
    const bool ends = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS;
    // It decodes a packet when it knows whether the next one is lost, and this one not at all.
    if (ends && isBehind_) gst_pad_send_event(pad, makeGap(end_, duration_));
    return GST_PAD_PROBE_OK;
  }

 private:
  GstPadProbeReturn take(GstBuffer* buffer) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return GST_PAD_PROBE_DROP;
    const bool isHeader = map.size >= 8 && std::memcmp(map.data, "Opus", 4) == 0;
    const std::optional<OpusPacket> packet = readOpusPacket({map.data, map.size});
    gst_buffer_unmap(buffer, &map);
    if (isHeader) return GST_PAD_PROBE_OK;
    // One that it cannot decode it would try again and again while it is one behind.
    if (!packet) return GST_PAD_PROBE_DROP;
    // It must not change back: the packet that it holds would never come.
    if (packet->hasFec && !isBehind_) {
      isBehind_ = true;
      setProperty(decoder_, "use-inband-fec", "true");
    }
    duration_ = static_cast<GstClockTime>(std::chrono::nanoseconds(packet->duration).count());
    end_ = GST_BUFFER_PTS(buffer) + duration_;
    return GST_PAD_PROBE_OK;
  }

  GstElement* const decoder_;
  bool isBehind_ = false;
  GstClockTime end_ = 0;
  GstClockTime duration_ = 0;
};

void onElementAdded(GstBin*, GstElement* element, gpointer) {
  setProperty(element, "plc", "true");
  if (!hasProperty(element, "use-inband-fec")) return;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
  addProbe(
      pad.get(),
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [input = OpusInput(element)](GstPad* own, GstPadProbeInfo* info) mutable {
        return input.pass(own, info);
      });
}

}  // namespace

void setLost(GstBuffer* buffer, GstClockTime lost) {
  if (lost == 0) return;
  ensureMeta();
  GstCustomMeta* meta = gst_buffer_add_custom_meta(buffer, kMeta);
  gst_structure_set(gst_custom_meta_get_structure(meta), kDuration, G_TYPE_UINT64, lost, nullptr);
}

void tellLosses(GstPad* pad) {
  ensureMeta();
  addProbe(pad, GST_PAD_PROBE_TYPE_BUFFER, [](GstPad* own, GstPadProbeInfo* info) {
    GstClockTime left = takeLost(info);
    const GstClockTime end = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
    if (left > std::min(kLongestLoss, end)) return GST_PAD_PROBE_OK;
    while (left > 0) {
      // The longest one last: of what the next packet repeats the end is the place.
      const GstClockTime over = left % kLongestGap;
      const GstClockTime part = over > 0 ? over : kLongestGap;
      gst_pad_push_event(own, makeGap(end - left, part));
      left -= part;
    }
    return GST_PAD_PROBE_OK;
  });
}

void concealLosses(GstElement* decodebin) {
  g_signal_connect(decodebin, "element-added", G_CALLBACK(&onElementAdded), nullptr);
}

}  // namespace cosoup
