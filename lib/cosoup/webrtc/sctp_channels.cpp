#include "cosoup/webrtc/sctp_channels.hpp"

#include <glib.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/core/utf8.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

// The server may send before it, or the app, has told us of the channel.
constexpr std::size_t kMaxEarlyMessages = 256;
constexpr std::size_t kMinEarlyBytes = 1024 * 1024;

/// By the payload protocol identifiers of RFC 8831, section 8; nothing for others.
std::optional<DataMessage> toMessage(sctp::Message& message) {
  switch (message.ppid) {
    case 51:
      return DataMessage(true, toUtf8(std::move(message.bytes)));
    case 53:
      return DataMessage(false, std::move(message.bytes));
    case 56:
      return DataMessage(true, "");
    case 57:
      return DataMessage(false, "");
    default:
      return std::nullopt;
  }
}

/// Keeps an association that is never used for the life of the process. usrsctp is finished with
/// the last association, gives up doing so when one of its sockets is still closing, and then
/// forgets all that it has when the next one starts it: some 150 KiB and two threads
/// (GStreamer 1.22).
void keepUsrsctp() {
  static const auto decoder = [] {
    auto element = Ref<GstElement>::sink(gst_element_factory_make("sctpdec", nullptr));
    if (!element) throw Error(Error::Code::Media, "data slot: there is no sctpdec");
    static const AssociationId id;
    g_object_set(element.get(), "sctp-association-id", id.value(), nullptr);
    gst_element_set_state(element.get(), GST_STATE_PAUSED);
    return element.release();
  }();
  static_cast<void>(decoder);
}

}  // namespace

SctpChannels::SctpChannels() : maxEarlyBytes_(kMinEarlyBytes) {
  state_->owner = this;
  SctpInput::Handlers handlers;
  handlers.onEvent = [this](sctp::Event event) {
    std::visit([this](auto& happened) { on(happened); }, event);
  };
  handlers.onOverflow = [this](std::uint16_t streamId) { onOverflow(streamId); };
  input_ = std::make_shared<SctpInput>(std::move(handlers));
}

SctpChannels::~SctpChannels() {
  state_->owner = nullptr;
  input_->stop();
}

void SctpChannels::setMaxMessageSize(std::size_t bytes) {
  input_->setMaxMessageSize(bytes);
  maxEarlyBytes_ = std::max(kMinEarlyBytes, bytes);
}

// ---- the elements ------------------------------------------------------------------------------

void SctpChannels::watch(GstElement* element) {
  const bool receives = isMadeBy(element, inner::sctpDec);
  if (!receives && !isMadeBy(element, inner::sctpEnc)) return;
  g_object_set(element, inner::associationId, associationId_.value(), nullptr);
  if (receives) {
    input_->watch(element);
    return;
  }
  output_.watch(element);
  using Held = std::pair<MainContext, std::weak_ptr<State>>;
  g_signal_connect_data(
      element, inner::associationEstablished, G_CALLBACK(&SctpChannels::onEstablished),
      new Held(context_, state_), [](gpointer data, GClosure*) { delete static_cast<Held*>(data); },
      static_cast<GConnectFlags>(0));
}

void SctpChannels::onEstablished(GstElement*, gboolean established, gpointer data) {
  const auto& [context, state] = *static_cast<std::pair<MainContext, std::weak_ptr<State>>*>(data);
  post(context, [state = state, established] {
    const auto alive = state.lock();
    if (alive && alive->owner) alive->owner->setEstablished(established);
  });
}

void SctpChannels::addSection(GstElement* webrtcbin) {
  keepUsrsctp();
  // Its channel takes the SCTP stream of its id for itself: the highest that there is, which nobody
  // uses.
  constexpr gint id = 65534;
  GstStructure* options = gst_structure_new("options", "negotiated", G_TYPE_BOOLEAN, TRUE, "id",
                                            G_TYPE_INT, id, nullptr);
  GObject* channel = nullptr;
  g_signal_emit_by_name(webrtcbin, "create-data-channel", "", options, &channel);
  gst_structure_free(options);
  if (!channel) throw Error(Error::Code::Media, "data slot: webrtcbin makes no data channel");
  placeholder_ = Ref<GObject>::adopt(channel);
}

void SctpChannels::detachFrom(GstElement* webrtcbin) {
  const auto decoder = Ref<GstElement>::adopt(findElement(webrtcbin, inner::sctpDec));
  if (!decoder) return;
  const guint padAdded = g_signal_lookup("pad-added", GST_TYPE_ELEMENT);
  g_signal_handlers_disconnect_matched(
      decoder.get(), static_cast<GSignalMatchType>(G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_DATA),
      padAdded, 0, nullptr, nullptr, webrtcbin);
}

void SctpChannels::setEstablished(bool established) {
  if (!established && !state_->open) return;
  state_->open = established;
  output_.setEstablished(established);
  if (established) {
    emitSignal(opened);
  } else {
    emitSignal(failed,
               Error(Error::Code::Disconnected, "data channels: the association has ended"));
  }
}

Task<> SctpChannels::stop() {
  state_->owner = nullptr;
  state_->open = false;
  input_->stop();
  co_await output_.stop();
}

// ---- receiving ---------------------------------------------------------------------------------

void SctpChannels::on(sctp::Message& message) {
  if (std::optional<DataMessage> content = toMessage(message)) {
    deliver(message.streamId, std::move(*content));
  } else {
    g_debug("data channel %u: no use for a message of protocol %u", message.streamId, message.ppid);
  }
}

void SctpChannels::on(sctp::Oversized& message) {
  const std::string channel = "data channel " + std::to_string(message.streamId);
  emitSignal(
      dropped, message.streamId,
      Error(Error::Code::Unsupported, channel + ": a message of " + std::to_string(message.size) +
                                          " bytes is larger than what can be received"));
}

void SctpChannels::onOverflow(std::uint16_t streamId) {
  const std::string channel = "data channel " + std::to_string(streamId);
  emitSignal(dropped, streamId,
             Error(Error::Code::InvalidState,
                   channel + ": messages come faster than they are taken, some are lost"));
}

void SctpChannels::on(sctp::StreamReset& reset) {
  // What comes next is of another channel with the same id.
  const auto forget = [this](auto entry) {
    dropEarly(entry->second);
    return entry->second.receiver ? std::next(entry) : incoming_.erase(entry);
  };
  if (reset.streamIds.empty()) {
    for (auto entry = incoming_.begin(); entry != incoming_.end();) entry = forget(entry);
  }
  for (const std::uint16_t streamId : reset.streamIds) {
    const auto entry = incoming_.find(streamId);
    if (entry != incoming_.end()) forget(entry);
  }
}

void SctpChannels::on(sctp::Ended& ended) {
  g_info("data channels: %s", ended.reason.c_str());
  setEstablished(false);
}

void SctpChannels::deliver(std::uint16_t streamId, DataMessage message) {
  Incoming& incoming = incoming_[streamId];
  if (incoming.ignored) return;
  if (incoming.receiver && incoming.early.empty()) {
    const Receiver receiver = incoming.receiver;  // which may stop receiving
    receiver(std::move(message));
    return;
  }
  if (earlyMessages_ >= kMaxEarlyMessages || earlyBytes_ + message.size() > maxEarlyBytes_) {
    g_warning("data channel %u: a message that nobody has asked for is dropped", streamId);
    return;
  }
  ++earlyMessages_;
  earlyBytes_ += message.size();
  incoming.early.push_back(std::move(message));
}

void SctpChannels::receive(std::uint16_t streamId, Receiver receiver) {
  Incoming& incoming = incoming_[streamId];
  incoming.receiver = std::move(receiver);
  incoming.ignored = false;
  if (incoming.early.empty()) return;
  post(context_, [weak = std::weak_ptr(state_), streamId] {
    const auto alive = weak.lock();
    if (alive && alive->owner) alive->owner->deliverEarly(streamId);
  });
}

void SctpChannels::deliverEarly(std::uint16_t streamId) {
  const auto found = incoming_.find(streamId);
  if (found == incoming_.end() || !found->second.receiver) return;
  std::vector<DataMessage> early = found->second.early;
  dropEarly(found->second);
  for (DataMessage& message : early) deliver(streamId, std::move(message));
}

void SctpChannels::dropEarly(Incoming& incoming) {
  earlyMessages_ -= incoming.early.size();
  for (const DataMessage& message : incoming.early) earlyBytes_ -= message.size();
  incoming.early.clear();
}

void SctpChannels::ignore(std::uint16_t streamId) {
  Incoming& incoming = incoming_[streamId];
  dropEarly(incoming);
  incoming.receiver = nullptr;
  incoming.ignored = true;
}

}  // namespace cosoup
