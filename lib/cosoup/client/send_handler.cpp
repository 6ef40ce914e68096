#include "cosoup/client/send_handler.hpp"

#include <glib.h>

#include <algorithm>
#include <utility>

#include "cosoup/core/taken.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/rtp/encoder.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/sdp_munge.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup {
namespace {

std::string randomId() { return taken(g_uuid_string_random()); }

/// So many slots of a shape rest before the first of them is tried again. A section cannot be taken
/// back from webrtcbin, so that they must not become ever more.
constexpr std::size_t kMostDoubtful = 4;

template <class Extensions>
void removeExtension(Extensions& extensions, const char* uri) {
  std::erase_if(extensions, [&](const auto& extension) { return extension.uri == uri; });
}

bool hasExtension(const RtpParameters& parameters, const char* uri) {
  return std::any_of(parameters.headerExtensions.begin(), parameters.headerExtensions.end(),
                     [&](const auto& extension) { return extension.uri == uri; });
}

ortc::ExtendedRtpCapabilities restricted(ortc::ExtendedRtpCapabilities capabilities,
                                         const ProduceOptions& options) {
  auto& extensions = capabilities.headerExtensions;
  const HeaderExtensionOptions& wanted = options.headerExtensionOptions;
  if (!wanted.transportCc) removeExtension(extensions, transportCcExtensionUri);
  if (!wanted.absSendTime) removeExtension(extensions, absSendTimeExtensionUri);
  if (!wanted.audioLevel) removeExtension(extensions, audioLevelExtensionUri);
  if (!wanted.videoOrientation) removeExtension(extensions, videoOrientationExtensionUri);
  if (!wanted.absCaptureTime) removeExtension(extensions, absCaptureTimeExtensionUri);
  if (!wanted.playoutDelay) removeExtension(extensions, playoutDelayExtensionUri);
  if (options.encodings.size() < 2) removeExtension(extensions, ridExtensionUri);
  return capabilities;
}

/// Of the two extensions that serve to estimate bandwidth only the one in use is written.
void keepOneBandwidthExtension(RtpParameters& parameters) {
  if (!hasExtension(parameters, transportCcExtensionUri)) return;
  removeExtension(parameters.headerExtensions, absSendTimeExtensionUri);
}

/// An encoded track goes out as it is, so that its codec decides; a raw one needs an encoder.
void keepCodecsOf(const Track& track, std::vector<RtpCodecParameters>& codecs) {
  const Ref<GstCaps> caps = track.caps();
  std::erase_if(codecs, [&](const RtpCodecParameters& candidate) {
    if (ortc::isRtxCodec(candidate.mimeType)) return false;
    if (isRaw(caps.get())) return encodersFor(candidate.mimeType).empty();
    const Ref<GstCaps> accepted = encodedCaps(candidate);
    return !accepted || !gst_caps_can_intersect(accepted.get(), caps.get());
  });
}

/// The rids are part of a slot's shape, what the app asks of an encoder is not.
std::vector<RtpEncodingParameters> shapeOf(const std::vector<RtpEncodingParameters>& encodings) {
  std::vector<RtpEncodingParameters> shape;
  if (encodings.size() < 2) return shape;
  for (const RtpEncodingParameters& encoding : encodings) {
    shape.emplace_back();
    shape.back().rid = encoding.rid;
  }
  return shape;
}

}  // namespace

/// How a track is going to be sent.
struct SendHandler::Plan {
  MediaKind kind = MediaKind::audio;
  std::vector<RtpEncodingParameters> encodings;  ///< complete
  RtpParameters local;                           ///< as the server will be told
  RtpParameters remote;                          ///< as the fabricated answer will say
};

SendHandler::SendHandler(TransportCore& core, ortc::ExtendedRtpCapabilities capabilities)
    : core_(core),
      capabilities_(std::move(capabilities)),
      streamId_(randomId()),
      congestion_(core, [this] { return feeds(); }) {
  keyFrameRequests_ = core_.peer().keyFrameRequested.connect(
      [this](std::uint32_t ssrc) { onKeyFrameRequest(ssrc); });
}

SendHandler::~SendHandler() = default;

Task<> SendHandler::connect() {
  if (connected_ || !core_.hasData()) co_return;
  co_await core_.start();
  if (!hasDataSlot_) core_.peer().addDataSlot();
  hasDataSlot_ = true;
  std::string offer = co_await core_.peer().createOffer();
  offer = sdp::LocalSdpEditor(offer).setMaxMessageSize(core_.maxReceivedMessageSize()).text();
  sdp::RemoteSdp remote = core_.remote();
  remote.addDataSlot(sdp::parse(offer).sections.at(0).mid);
  co_await core_.peer().setLocalDescription(SdpType::offer, offer);
  co_await core_.peer().setRemoteDescription(SdpType::answer, remote.answer());
  core_.keep(std::move(remote));
  connected_ = true;
}

SendHandler::Plan SendHandler::plan(const ProduceOptions& options) const {
  try {
    return makePlan(options);
  } catch (const Error& error) {
    throw error.within("produce");
  }
}

SendHandler::Plan SendHandler::makePlan(const ProduceOptions& options) const {
  const MediaKind kind = options.track->kind();
  const ortc::ExtendedRtpCapabilities capabilities = restricted(capabilities_, options);
  Plan plan{kind, completeEncodings(kind, options.encodings),
            ortc::sendingRtpParameters(kind, capabilities),
            ortc::sendingRemoteRtpParameters(kind, capabilities)};
  keepCodecsOf(*options.track, plan.local.codecs);
  plan.local.codecs = ortc::reduceCodecs(plan.local.codecs, options.codec);
  const std::uint8_t payloadType = plan.local.codecs.front().payloadType;
  const auto same = std::find_if(
      plan.remote.codecs.begin(), plan.remote.codecs.end(),
      [&](const RtpCodecParameters& candidate) { return candidate.payloadType == payloadType; });
  plan.remote.codecs.erase(plan.remote.codecs.begin(), same);
  plan.remote.codecs = ortc::reduceCodecs(plan.remote.codecs);
  // Of an rtx codec in the answer webrtcbin would send RTX of its own.
  plan.remote.codecs.resize(1);
  plan.local.encodings = shapeOf(plan.encodings);
  plan.remote.encodings = plan.local.encodings;
  keepOneBandwidthExtension(plan.local);
  keepOneBandwidthExtension(plan.remote);
  applyCodecOptions(plan.local, plan.remote, options.codecOptions);
  ensureFits(*options.track, plan.local.codecs.front(), plan.encodings);
  return plan;
}

std::shared_ptr<SendSlot> SendHandler::findFree(const RtpParameters& shape) {
  std::vector<std::shared_ptr<SendSlot>> doubtful;
  for (const auto& slot : slots_) {
    if (slot->feed || slot->shape != shape) continue;
    if (!slot->isDoubtful) return slot;
    doubtful.push_back(slot);
  }
  if (doubtful.size() < kMostDoubtful) return nullptr;
  // The next time it is another one's turn.
  const std::shared_ptr<SendSlot> longest = doubtful.front();
  std::erase(slots_, longest);
  slots_.push_back(longest);
  return longest;
}

Task<Sending> SendHandler::send(ProduceOptions options, bool fresh) {
  Plan wanted = plan(options);
  const std::vector<RtpEncodingParameters> encodings = wanted.encodings;
  if (isRaw(options.track->caps().get())) {
    co_await prepareEncoder(wanted.local.codecs.front().mimeType, options.encoder);
  }
  co_await connect();
  Sending sending;
  if (!fresh) sending.slot = findFree(wanted.local);
  if (!sending.slot) {
    co_await core_.start();
    sending.slot = addSlot(std::move(wanted));
  }
  if (!sending.slot->isNegotiated) co_await negotiate();
  fill(*sending.slot, options, encodings);
  sending.rtpParameters = describe(*sending.slot, options);
  co_return sending;
}

void SendHandler::fill(SendSlot& slot, const ProduceOptions& options,
                       const std::vector<RtpEncodingParameters>& encodings) {
  if (options.onRtpSender) options.onRtpSender(slot.output.get());
  for (GstElement* payloader : slot.payloaders()) setPlayoutDelay(payloader, options.playoutDelay);
  LayeredFeedOptions feeding;
  feeding.kind = slot.kind;
  feeding.mimeType = slot.codec().mimeType;
  feeding.encodings = encodings;
  feeding.codecOptions = options.codecOptions;
  feeding.encoder = options.encoder;
  feeding.audioLevel = hasExtension(slot.shape, audioLevelExtensionUri);
  feeding.opusLevel = options.levelOfEncodedOpus;
  auto feed =
      std::make_unique<LayeredFeed>(core_.peer().pipeline(), slot.payloaders(), std::move(feeding));
  feed->setTrack(options.track);
  slot.feed = std::move(feed);
  congestion_.start();
}

std::vector<LayeredFeed*> SendHandler::feeds() const {
  std::vector<LayeredFeed*> feeds;
  for (const auto& slot : slots_) {
    if (slot->feed) feeds.push_back(slot->feed.get());
  }
  return feeds;
}

RtpParameters SendHandler::describe(const SendSlot& slot, const ProduceOptions& options) const {
  RtpParameters parameters = slot.rtpParameters;
  std::vector<RtpEncodingParameters> encodings = slot.feed->encodings();
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    encodings[i].ssrc = slot.layers.at(i).ssrc;
    encodings[i].rtxSsrc = slot.layers.at(i).rtxSsrc;
  }
  parameters.encodings = std::move(encodings);
  parameters.msid = options.streamId.value_or(streamId_) + " " + randomId();
  return parameters;
}

std::shared_ptr<SendSlot> SendHandler::addSlot(Plan plan) {
  const std::string mid =
      toString(plan.kind) + std::to_string(slots_.size() + (core_.hasData() ? 1 : 0));
  const std::shared_ptr<SendSlot> slot =
      makeSendSlot(core_.peer(), plan.kind, mid, std::move(plan.local));
  slot->remoteShape = std::move(plan.remote);
  slots_.push_back(slot);
  return slot;
}

// A slot cannot be taken back from webrtcbin, so that one whose negotiation failed is in every
// later offer, and the answer has to have it, too.
Task<> SendHandler::negotiate() {
  PeerConnection& peer = core_.peer();
  std::string offer = co_await peer.createOffer();
  offer = sdp::LocalSdpEditor(offer).setMaxMessageSize(core_.maxReceivedMessageSize()).text();
  const sdp::SessionDescription description = sdp::parse(offer);
  sdp::RemoteSdp remote = core_.remote();
  for (const auto& slot : slots_) {
    if (slot->isNegotiated) continue;
    const sdp::MediaSection& section = description.section(slot->mid);
    slot->rtpParameters = sdp::negotiatedRtpParameters(slot->shape, section);
    remote.addSendSlot(section, sdp::negotiatedRtpParameters(slot->remoteShape, section));
  }
  co_await peer.setLocalDescription(SdpType::offer, offer);
  co_await peer.setRemoteDescription(SdpType::answer, remote.answer());
  core_.keep(std::move(remote));
  connected_ = true;
  for (const auto& slot : slots_) slot->isNegotiated = true;
}

// The layers of simulcast have no SSRC in the description, so that webrtcbin sends no event up for
// them; a single stream's requests reach its encoder without us.
void SendHandler::onKeyFrameRequest(std::uint32_t ssrc) {
  for (const auto& slot : slots_) {
    if (!slot->feed || slot->layers.size() < 2) continue;
    if (const auto layer = slot->layerOf(ssrc)) slot->feed->requestKeyFrame(*layer);
  }
}

}  // namespace cosoup
