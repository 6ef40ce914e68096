#include "cosoup/client/send_slot.hpp"

#include <glib.h>

#include <algorithm>

#include "cosoup/core/error.hpp"
#include "cosoup/gst/parent_state.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/scalability_mode.hpp"

namespace cosoup {
namespace {

void count(const GstPadProbeInfo* info, SentStream& sent) {
  guint64 packets = 1;
  guint64 bytes = 0;
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    packets = gst_buffer_list_length(list);
    bytes = gst_buffer_list_calculate_size(list);
  } else {
    bytes = gst_buffer_get_size(GST_PAD_PROBE_INFO_BUFFER(info));
  }
  sent.packets.fetch_add(packets, std::memory_order_relaxed);
  sent.bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void countOn(GstPad* pad, const std::shared_ptr<SentStream>& sent) {
  addProbe(pad, kDataProbe, [sent](GstPad*, GstPadProbeInfo* info) {
    count(info, *sent);
    return GST_PAD_PROBE_OK;
  });
}

std::string encodingName(const std::string& mimeType) {
  std::string name = mimeType.substr(mimeType.find('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(), g_ascii_toupper);
  return name;
}

void setText(GstCaps* caps, const std::string& field, const std::string& text) {
  gst_caps_set_simple(caps, field.c_str(), G_TYPE_STRING, text.c_str(), nullptr);
}

void describeCodec(GstCaps* caps, const RtpCodecParameters& codec) {
  setText(caps, "encoding-name", encodingName(codec.mimeType));
  gst_caps_set_simple(caps, "payload", G_TYPE_INT, static_cast<gint>(codec.payloadType),
                      "clock-rate", G_TYPE_INT, static_cast<gint>(codec.clockRate), nullptr);
  if (codec.channels.value_or(1) > 1) {
    setText(caps, "encoding-params", std::to_string(*codec.channels));
  }
  for (const auto& [key, value] : codec.parameters) {
    const auto* number = std::get_if<std::int64_t>(&value);
    const auto* text = std::get_if<std::string>(&value);
    const std::string written = number ? std::to_string(*number) : text ? *text : std::string();
    if (!written.empty()) setText(caps, key, written);
  }
}

// With several streams in one section it is their rids that tell them apart, and no SSRC is named.
void describeLayers(GstCaps* caps, const std::vector<SendLayer>& layers) {
  if (layers.size() == 1) {
    gst_caps_set_simple(caps, "ssrc", G_TYPE_UINT, layers.front().ssrc, nullptr);
    return;
  }
  std::string simulcast;
  for (const SendLayer& layer : layers) {
    setText(caps, "rid-" + layer.rid, "send");
    simulcast += (simulcast.empty() ? "send " : ";") + layer.rid;
  }
  setText(caps, "a-simulcast", simulcast);
}

/// The caps from which webrtcbin writes the section of the offer.
Ref<GstCaps> sectionCaps(const SendSlot& slot) {
  auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("application/x-rtp"));
  setText(caps.get(), "media", toString(slot.kind));
  setText(caps.get(), "a-mid", slot.mid);
  describeCodec(caps.get(), slot.codec());
  describeLayers(caps.get(), slot.layers);
  for (const RtpHeaderExtensionParameters& extension : slot.shape.headerExtensions) {
    setText(caps.get(), "extmap-" + std::to_string(extension.id), extension.uri);
  }
  return caps;
}

/// Null: no stream of the shape is sent again as RTX.
const RtpCodecParameters* rtxCodec(const RtpParameters& shape) {
  const auto found = std::find_if(shape.codecs.begin(), shape.codecs.end(), [](const auto& codec) {
    return ortc::isRtxCodec(codec.mimeType);
  });
  return found == shape.codecs.end() ? nullptr : &*found;
}

Retransmission retransmissionOf(const SendSlot& slot) {
  using Form = Retransmission::Form;
  Retransmission retransmission;
  if (const RtpCodecParameters* rtx = rtxCodec(slot.shape)) {
    retransmission.form = Form::rtx;
    retransmission.rtxPayloadType = rtx->payloadType;
    for (const SendLayer& layer : slot.layers) {
      retransmission.rtxSsrcs[layer.ssrc] = layer.rtxSsrc.value();
    }
  } else if (ortc::hasNack(slot.codec())) {
    retransmission.form = Form::verbatim;
  }
  return retransmission;
}

std::uint32_t randomSsrc() { return static_cast<std::uint32_t>(g_random_int_range(1, G_MAXINT32)); }

SendLayer makeLayer(const SendSlot& slot, const std::string& rid) {
  SendLayer layer;
  layer.rid = rid;
  layer.ssrc = randomSsrc();
  if (rtxCodec(slot.shape)) layer.rtxSsrc = randomSsrc();
  layer.payloader = Ref<GstElement>::sink(makePayloader(slot.codec(), layer.ssrc));
  for (const RtpHeaderExtensionParameters& extension : slot.shape.headerExtensions) {
    // DeviceOptions::headerExtensions: the app writes it, on the pad of onRtpSender.
    if (!canWriteHeaderExtension(layer.payloader.get(), extension.uri)) continue;
    std::string value;
    if (extension.uri == midExtensionUri) value = slot.mid;
    if (extension.uri == ridExtensionUri) value = rid;
    addHeaderExtension(layer.payloader.get(), extension.uri, extension.id, value);
  }
  return layer;
}

// What joins the layers in one stream of packets, or the one payloader itself.
GstElement* joinLayers(Pipeline& pipeline, const std::vector<SendLayer>& layers) {
  for (const SendLayer& layer : layers) pipeline.add(layer.payloader.get());
  if (layers.size() == 1) return layers.front().payloader.get();
  GstElement* funnel = pipeline.add(makeElement("rtpfunnel"));
  for (const SendLayer& layer : layers) gst_element_link(layer.payloader.get(), funnel);
  return funnel;
}

}  // namespace

std::vector<GstElement*> SendSlot::payloaders() const {
  std::vector<GstElement*> elements;
  for (const SendLayer& layer : layers) elements.push_back(layer.payloader.get());
  return elements;
}

std::optional<std::size_t> SendSlot::layerOf(std::uint32_t ssrc) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].ssrc == ssrc) return i;
  }
  return std::nullopt;
}

void ensureFits(const Track& track, const RtpCodecParameters& codec,
                const std::vector<RtpEncodingParameters>& encodings) {
  if (track.isEnded()) throw Error(Error::Code::InvalidArgument, "the track has ended");
  const Ref<GstCaps> caps = track.caps();
  if (!caps) throw Error(Error::Code::InvalidArgument, "the format of the track is not known");
  if (isRaw(caps.get())) {
    for (const RtpEncodingParameters& encoding : encodings) {
      const std::string mode = encoding.scalabilityMode.value_or("");
      if (parseScalabilityMode(mode) == ScalabilityMode()) continue;
      throw Error(Error::Code::Unsupported, "no encoder makes the layers of '" + mode + "'");
    }
    return;
  }
  const Ref<GstCaps> accepted = encodedCaps(codec);
  if (!accepted || !gst_caps_can_intersect(accepted.get(), caps.get())) {
    throw Error(Error::Code::Unsupported, "the track is not encoded as " + codec.mimeType);
  }
  if (encodings.size() > 1) {
    throw Error(Error::Code::Unsupported, "an encoded track has only one encoding");
  }
}

std::shared_ptr<SendSlot> makeSendSlot(PeerConnection& peer, MediaKind kind, std::string mid,
                                       RtpParameters shape) {
  auto slot = std::make_shared<SendSlot>();
  slot->kind = kind;
  slot->mid = std::move(mid);
  slot->shape = std::move(shape);
  std::vector<std::string> rids;
  for (const RtpEncodingParameters& encoding : slot->shape.encodings) {
    rids.push_back(encoding.rid.value_or(""));
  }
  if (rids.empty()) rids.emplace_back();
  for (const std::string& rid : rids) slot->layers.push_back(makeLayer(*slot, rid));
  const Ref<GstCaps> caps = sectionCaps(*slot);
  const Ref<GstPad> pad = peer.addSendSlot(caps.get(), retransmissionOf(*slot));
  Pipeline& pipeline = peer.pipeline();
  GstElement* joined = joinLayers(pipeline, slot->layers);
  // Not a filter: rtph264pay would refuse profiles, levels and packetization modes other than the
  // negotiated ones, though a receiver also decodes the profiles that encodedCaps() has, and levels
  // are no limit (RFC 6184, section 8.1: level-asymmetry-allowed).
  GstElement* setter = pipeline.add(makeElement("capssetter"));
  g_object_set(setter, "caps", caps.get(), nullptr);
  gst_element_link(joined, setter);
  slot->output = Ref<GstPad>::adopt(gst_element_get_static_pad(setter, "src"));
  gst_pad_link(slot->output.get(), pad.get());
  countOn(slot->output.get(), slot->sent);
  syncStateWithParent(setter);
  if (slot->layers.size() > 1) syncStateWithParent(joined);
  for (GstElement* payloader : slot->payloaders()) syncStateWithParent(payloader);
  return slot;
}

}  // namespace cosoup
