#include "cosoup/client/send_handler.hpp"

#include <glib.h>

#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/payloader.hpp"
#include "cosoup/rtc/sdp_munge.hpp"

namespace cosoup {
namespace {

GstPadProbeReturn countPackets(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const auto& sent = *static_cast<std::shared_ptr<SentStream>*>(data);
  guint64 packets = 1;
  guint64 bytes = 0;
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    packets = gst_buffer_list_length(list);
    bytes = gst_buffer_list_calculate_size(list);
  } else {
    bytes = gst_buffer_get_size(GST_PAD_PROBE_INFO_BUFFER(info));
  }
  sent->packets.fetch_add(packets, std::memory_order_relaxed);
  sent->bytes.fetch_add(bytes, std::memory_order_relaxed);
  return GST_PAD_PROBE_OK;
}

void countOn(GstPad* pad, const std::shared_ptr<SentStream>& sent) {
  const auto packets =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(pad, packets, &countPackets, new std::shared_ptr<SentStream>(sent),
                    [](gpointer held) { delete static_cast<std::shared_ptr<SentStream>*>(held); });
}

std::string encodingName(const std::string& mimeType) {
  std::string name = mimeType.substr(mimeType.find('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(), g_ascii_toupper);
  return name;
}

/// The caps from which webrtcbin writes the section of the offer.
Ref<GstCaps> sectionCaps(const SendSlot& slot, const std::string& mid, std::uint32_t ssrc) {
  const RtpCodecParameters& codec = slot.wanted.codecs.front();
  auto caps = Ref<GstCaps>::adopt(
      gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING, toString(slot.kind).c_str(),
                          "encoding-name", G_TYPE_STRING, encodingName(codec.mimeType).c_str(),
                          "payload", G_TYPE_INT, static_cast<gint>(codec.payloadType), "clock-rate",
                          G_TYPE_INT, static_cast<gint>(codec.clockRate), "ssrc", G_TYPE_UINT, ssrc,
                          "a-mid", G_TYPE_STRING, mid.c_str(), nullptr));
  GstCaps* writable = caps.get();
  if (codec.channels.value_or(1) > 1) {
    const std::string channels = std::to_string(*codec.channels);
    gst_caps_set_simple(writable, "encoding-params", G_TYPE_STRING, channels.c_str(), nullptr);
  }
  for (const RtpHeaderExtensionParameters& extension : slot.wanted.headerExtensions) {
    const std::string field = "extmap-" + std::to_string(extension.id);
    gst_caps_set_simple(writable, field.c_str(), G_TYPE_STRING, extension.uri.c_str(), nullptr);
  }
  for (const auto& [key, value] : codec.parameters) {
    const auto* number = std::get_if<std::int64_t>(&value);
    const auto* text = std::get_if<std::string>(&value);
    const std::string written = number ? std::to_string(*number) : text ? *text : std::string();
    if (!written.empty()) {
      gst_caps_set_simple(writable, key.c_str(), G_TYPE_STRING, written.c_str(), nullptr);
    }
  }
  return caps;
}

bool hasExtension(const RtpParameters& parameters, const char* uri) {
  return std::any_of(parameters.headerExtensions.begin(), parameters.headerExtensions.end(),
                     [&](const auto& extension) { return extension.uri == uri; });
}

/// Of the two extensions that serve to estimate bandwidth only the one in use is written.
void keepOneBandwidthExtension(RtpParameters& parameters) {
  if (!hasExtension(parameters, transportCcExtensionUri)) return;
  std::erase_if(parameters.headerExtensions,
                [](const auto& extension) { return extension.uri == absSendTimeExtensionUri; });
}

EncoderSettings encoderSettings(const ProduceOptions& options) {
  EncoderSettings settings;
  if (options.encoding) {
    settings.bitrate = options.encoding->maxBitrate.value_or(0);
    settings.maxFramerate = options.encoding->maxFramerate.value_or(0);
    settings.scaleResolutionDownBy = options.encoding->scaleResolutionDownBy.value_or(1);
  }
  const ProducerCodecOptions& codec = options.codecOptions;
  if (options.track->kind() == MediaKind::video) {
    const auto kilobits =
        codec.videoGoogleMaxBitrate ? codec.videoGoogleMaxBitrate : codec.videoGoogleStartBitrate;
    if (settings.bitrate == 0) settings.bitrate = kilobits.value_or(0) * 1000;
    return settings;
  }
  if (settings.bitrate == 0) settings.bitrate = codec.opusMaxAverageBitrate.value_or(0);
  settings.stereo = codec.opusStereo.value_or(settings.stereo);
  settings.fec = codec.opusFec.value_or(settings.fec);
  settings.dtx = codec.opusDtx.value_or(settings.dtx);
  settings.cbr = codec.opusCbr.value_or(settings.cbr);
  settings.ptime = static_cast<int>(codec.opusPtime.value_or(settings.ptime));
  return settings;
}

}  // namespace

/// How a track is going to be sent.
struct SendHandler::Plan {
  MediaKind kind;
  RtpParameters local;   ///< as the server will be told
  RtpParameters remote;  ///< as the fabricated answer will say
};

SendHandler::SendHandler(TransportCore& core, ortc::ExtendedRtpCapabilities capabilities)
    : core_(core), capabilities_(std::move(capabilities)) {}

SendHandler::~SendHandler() = default;

Task<> SendHandler::connect() {
  if (connected_ || !core_.hasData()) co_return;
  co_await core_.start();
  core_.peer().addDataSlot();
  std::string offer = co_await core_.peer().createOffer();
  offer = sdp::LocalSdpEditor(offer).setMaxMessageSize().text();
  sdp::RemoteSdp remote = core_.remote();
  remote.addDataSlot(sdp::parse(offer).sections.at(0).mid);
  co_await core_.peer().setLocalDescription(SdpType::offer, offer);
  co_await core_.peer().setRemoteDescription(SdpType::answer, remote.answer());
  core_.keep(std::move(remote));
  connected_ = true;
}

SendHandler::Plan SendHandler::plan(const ProduceOptions& options) const {
  const Ref<GstCaps> caps = options.track->caps();
  Plan plan{options.track->kind(), ortc::sendingRtpParameters(options.track->kind(), capabilities_),
            ortc::sendingRemoteRtpParameters(options.track->kind(), capabilities_)};
  std::optional<RtpCodecCapability> codec = options.codec;
  if (!isRaw(caps.get())) {
    // It goes out as it is, so its codec decides.
    std::erase_if(plan.local.codecs, [&](const RtpCodecParameters& candidate) {
      if (ortc::isRtxCodec(candidate.mimeType)) return false;
      const Ref<GstCaps> accepted = encodedCaps(candidate);
      return !accepted || !gst_caps_can_intersect(accepted.get(), caps.get());
    });
  }
  plan.local.codecs = ortc::reduceCodecs(plan.local.codecs, codec);
  const std::uint8_t payloadType = plan.local.codecs.front().payloadType;
  const auto same = std::find_if(
      plan.remote.codecs.begin(), plan.remote.codecs.end(),
      [&](const RtpCodecParameters& candidate) { return candidate.payloadType == payloadType; });
  plan.remote.codecs.erase(plan.remote.codecs.begin(), same);
  plan.remote.codecs = ortc::reduceCodecs(plan.remote.codecs);
  keepOneBandwidthExtension(plan.local);
  keepOneBandwidthExtension(plan.remote);
  applyCodecOptions(plan.local, plan.remote, options.codecOptions);
  return plan;
}

std::shared_ptr<SendSlot> SendHandler::findFree(const RtpParameters& wanted) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return !slot->feed && slot->wanted == wanted;
  });
  return found == slots_.end() ? nullptr : *found;
}

Task<std::shared_ptr<SendSlot>> SendHandler::send(ProduceOptions options) {
  co_await connect();
  Plan wanted = plan(options);
  const std::string mimeType = wanted.local.codecs.front().mimeType;
  std::shared_ptr<SendSlot> slot = findFree(wanted.local);
  if (!slot) slot = co_await addSlot(std::move(wanted));
  const auto flows = [this] {
    return core_.peer().connectionState() == ConnectionState::connected;
  };
  slot->feed =
      std::make_unique<TrackFeed>(core_.peer().pipeline(), slot->payloader.get(), options.track,
                                  mimeType, encoderSettings(options), flows);
  slot->feed->pause();
  co_return slot;
}

Task<std::shared_ptr<SendSlot>> SendHandler::addSlot(Plan plan) {
  co_await core_.start();
  auto slot = std::make_shared<SendSlot>();
  slot->kind = plan.kind;
  slot->wanted = std::move(plan.local);
  const std::string mid = toString(slot->kind) + std::to_string(core_.remote().size());
  const std::uint32_t ssrc = g_random_int_range(1, G_MAXINT32);
  const RtpCodecParameters codec = slot->wanted.codecs.front();

  Pipeline& pipeline = core_.peer().pipeline();
  slot->payloader = Ref<GstElement>::share(pipeline.add(makePayloader(codec, ssrc)));
  for (const RtpHeaderExtensionParameters& extension : slot->wanted.headerExtensions) {
    addHeaderExtension(slot->payloader.get(), extension.uri, extension.id,
                       extension.uri == midExtensionUri ? mid : std::string());
  }
  const bool retransmission = slot->wanted.codecs.size() > 1;
  const Ref<GstCaps> caps = sectionCaps(*slot, mid, ssrc);
  const Ref<GstPad> pad = core_.peer().addSendSlot(caps.get(), retransmission);
  GstElement* filter = pipeline.add(makeElement("capsfilter"));
  g_object_set(filter, "caps", caps.get(), nullptr);
  gst_element_link(slot->payloader.get(), filter);
  const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(filter, "src"));
  gst_pad_link(source.get(), pad.get());
  countOn(source.get(), slot->sent);
  gst_element_sync_state_with_parent(filter);
  gst_element_sync_state_with_parent(slot->payloader.get());

  co_await negotiate(*slot, std::move(plan.remote), mid);
  slots_.push_back(slot);
  co_return slot;
}

Task<> SendHandler::negotiate(SendSlot& slot, RtpParameters remoteWanted, std::string mid) {
  PeerConnection& peer = core_.peer();
  std::string offer = co_await peer.createOffer();
  offer = sdp::LocalSdpEditor(offer).setMaxMessageSize().text();
  const sdp::SessionDescription description = sdp::parse(offer);
  const sdp::MediaSection& section = description.section(mid);
  slot.rtpParameters = sdp::negotiatedRtpParameters(slot.wanted, section);
  sdp::RemoteSdp remote = core_.remote();
  remote.addSendSlot(section, sdp::negotiatedRtpParameters(remoteWanted, section));
  co_await peer.setLocalDescription(SdpType::offer, offer);
  co_await peer.setRemoteDescription(SdpType::answer, remote.answer());
  core_.keep(std::move(remote));
  connected_ = true;
}

}  // namespace cosoup
