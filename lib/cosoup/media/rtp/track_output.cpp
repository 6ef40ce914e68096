#include "cosoup/media/rtp/track_output.hpp"

#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/track_sink.hpp"

namespace cosoup {
namespace {

/// The packets, or that some are lost.
bool isOfPackets(GstPadProbeInfo* info) {
  if (info->type & kDataProbe) return true;
  return gst_event_has_name(GST_PAD_PROBE_INFO_EVENT(info), "GstRTPPacketLost");
}

}  // namespace

GstElement* makeTrackOutput(const std::string& mimeType, std::shared_ptr<Track> track,
                            const std::shared_ptr<ReceivedHeaders>& headers) {
  const auto depayloader = Ref<GstElement>::sink(makeDepayloader(mimeType));
  CompleteFrame complete;
  if (headers) complete = [headers](Frame& frame) { frame.rotation = headers->rotation(); };
  const auto sink = Ref<GstElement>::sink(makeTrackSink(track, std::move(complete)));
  GstElement* bin = gst_bin_new(nullptr);
  gst_bin_add_many(GST_BIN(bin), depayloader.get(), sink.get(), nullptr);
  gst_element_link(depayloader.get(), sink.get());
  const auto inner = Ref<GstPad>::adopt(gst_element_get_static_pad(depayloader.get(), "sink"));
  GstPad* pad = gst_ghost_pad_new("sink", inner.get());
  if (headers) ReceivedHeaders::watch(headers, pad);
  addProbe(pad, static_cast<GstPadProbeType>(kDataProbe | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
           [track](GstPad*, GstPadProbeInfo* info) {
             if (track->hasReceivers() || !isOfPackets(info)) return GST_PAD_PROBE_OK;
             return GST_PAD_PROBE_DROP;
           });
  gst_element_add_pad(bin, pad);
  return bin;
}

}  // namespace cosoup
