#include "cosoup/webrtc/sctp_input.hpp"

#include "cosoup/core/limits.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

namespace {

/// Events that are handled before the loop serves all else.
constexpr std::size_t kEventsPerTurn = 256;

std::size_t bytesOf(const sctp::Event& event) {
  const auto* message = std::get_if<sctp::Message>(&event);
  return message ? message->bytes.size() : 0;
}

}  // namespace

struct SctpInput::Wrapped {
  std::weak_ptr<SctpInput> input;
  GstPadChainFunction original;
};

void SctpInput::watch(GstElement* sctpdec) {
  g_signal_connect(sctpdec, "pad-added", G_CALLBACK(&SctpInput::onPadAdded), nullptr);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sctpdec, inner::sink));
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
  addProbe(pad, GST_PAD_PROBE_TYPE_BUFFER, [](auto&&...) { return GST_PAD_PROBE_DROP; });
}

void SctpInput::read(std::span<const std::uint8_t> packet) {
  std::vector<sctp::Event> events = reader_.read(packet);
  if (events.empty()) return;
  bool isFirst = false;
  {
    const std::lock_guard lock(mutex_);
    isFirst = events_.empty();
    for (sctp::Event& event : events) queue(std::move(event));
  }
  if (isFirst) deliverSoon();
}

void SctpInput::queue(sctp::Event event) {
  if (const auto* message = std::get_if<sctp::Message>(&event)) {
    const bool fits = events_.size() < limits::arrivedMessages &&
                      queuedBytes_ + message->bytes.size() <= limits::arrivedMessageBytes;
    if (!fits) {
      if (overflown_.insert(message->streamId).second) untold_.push_back(message->streamId);
      return;
    }
  }
  queuedBytes_ += bytesOf(event);
  events_.push_back(std::move(event));
}

void SctpInput::deliverSoon() {
  post(context_, [weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->deliver();
  });
}

void SctpInput::deliver() {
  std::vector<sctp::Event> events;
  std::vector<std::uint16_t> overflown;
  bool areAll = false;
  {
    const std::lock_guard lock(mutex_);
    while (!events_.empty() && events.size() < kEventsPerTurn) {
      queuedBytes_ -= bytesOf(events_.front());
      events.push_back(std::move(events_.front()));
      events_.pop_front();
    }
    overflown.swap(untold_);
    areAll = events_.empty();
    if (areAll) overflown_.clear();
  }
  if (!areAll) deliverSoon();
  for (sctp::Event& event : events) {
    if (handlers_.onEvent) handlers_.onEvent(std::move(event));
  }
  for (const std::uint16_t streamId : overflown) {
    if (handlers_.onOverflow) handlers_.onOverflow(streamId);
  }
}

}  // namespace cosoup
