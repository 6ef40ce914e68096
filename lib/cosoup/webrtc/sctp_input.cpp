#include "cosoup/webrtc/sctp_input.hpp"

namespace cosoup {

struct SctpInput::Wrapped {
  std::weak_ptr<SctpInput> input;
  GstPadChainFunction original;
};

void SctpInput::watch(GstElement* sctpdec) {
  g_signal_connect(sctpdec, "pad-added", G_CALLBACK(&SctpInput::onPadAdded), nullptr);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sctpdec, "sink"));
  {
    const std::lock_guard lock(mutex_);
    pad_ = pad;
  }
  auto* wrapped = new Wrapped{weak_from_this(), GST_PAD_CHAINFUNC(pad.get())};
  gst_pad_set_chain_function_full(pad.get(), &SctpInput::chain, wrapped,
                                  [](gpointer data) { delete static_cast<Wrapped*>(data); });
}

GstFlowReturn SctpInput::chain(GstPad* pad, GstObject* parent, GstBuffer* packet) {
  const auto* wrapped = static_cast<Wrapped*>(pad->chaindata);
  const auto input = wrapped->input.lock();
  if (!input || !input->receives_) {
    gst_buffer_unref(packet);
    return GST_FLOW_OK;
  }
  GstMapInfo map;
  if (gst_buffer_map(packet, &map, GST_MAP_READ)) {
    input->read(std::span(map.data, map.size));
    gst_buffer_unmap(packet, &map);
  }
  // Its result is about the pads of single streams, whose faults are not the transport's.
  wrapped->original(pad, parent, packet);
  return GST_FLOW_OK;
}

void SctpInput::stopReceiving() {
  receives_ = false;
  Ref<GstPad> pad;
  {
    const std::lock_guard lock(mutex_);
    pad = pad_;
  }
  if (!pad) return;
  GST_PAD_STREAM_LOCK(pad.get());  // until the packet that is being received has been
  GST_PAD_STREAM_UNLOCK(pad.get());
}

void SctpInput::onPadAdded(GstElement*, GstPad* pad, gpointer) {
  // Dropped by a probe, a buffer counts as delivered although the pad leads nowhere.
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_DROP; }, nullptr, nullptr);
}

void SctpInput::read(std::span<const std::uint8_t> packet) {
  std::vector<sctp::Event> events = reader_.read(packet);
  if (events.empty()) return;
  bool isFirst = false;
  {
    const std::lock_guard lock(mutex_);
    isFirst = events_.empty();
    for (sctp::Event& event : events) events_.push_back(std::move(event));
  }
  if (!isFirst) return;
  post(context_, [weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->deliver();
  });
}

void SctpInput::deliver() {
  std::deque<sctp::Event> events;
  {
    const std::lock_guard lock(mutex_);
    events.swap(events_);
  }
  for (sctp::Event& event : events) {
    if (handler_) handler_(std::move(event));
  }
}

}  // namespace cosoup
