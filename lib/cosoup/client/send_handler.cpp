#include "cosoup/client/send_handler.hpp"

#include <glib.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/encoder.hpp"
#include "cosoup/media/payloader.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/level_meter.hpp"
#include "cosoup/rtc/sdp_munge.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup {
namespace {

std::string randomId() {
  char* text = g_uuid_string_random();
  std::string id = text;
  g_free(text);
  return id;
}

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
    : core_(core), capabilities_(std::move(capabilities)), streamId_(randomId()) {
  keyFrameRequests_ = core_.peer().keyFrameRequested.connect(
      [this](std::uint32_t ssrc) { onKeyFrameRequest(ssrc); });
  congestionReports_ = core_.peer().congestionReported.connect(
      [this](const CongestionReport& report) { onCongestionReport(report); });
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
  plan.local.encodings = shapeOf(plan.encodings);
  plan.remote.encodings = plan.local.encodings;
  keepOneBandwidthExtension(plan.local);
  keepOneBandwidthExtension(plan.remote);
  applyCodecOptions(plan.local, plan.remote, options.codecOptions);
  ensureFits(*options.track, plan.local.codecs.front(), plan.encodings);
  return plan;
}

std::shared_ptr<SendSlot> SendHandler::findFree(const RtpParameters& shape) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return !slot->feed && slot->shape == shape;
  });
  return found == slots_.end() ? nullptr : *found;
}

Task<Sending> SendHandler::send(ProduceOptions options) {
  Plan wanted = plan(options);
  const std::vector<RtpEncodingParameters> encodings = wanted.encodings;
  co_await connect();
  Sending sending;
  sending.slot = findFree(wanted.local);
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
  const auto flows = [this] {
    return core_.peer().connectionState() == ConnectionState::connected;
  };
  LayeredFeedOptions feeding;
  feeding.kind = slot.kind;
  feeding.mimeType = slot.codec().mimeType;
  feeding.encodings = encodings;
  feeding.codecOptions = options.codecOptions;
  feeding.encoder = options.encoder;
  feeding.audioLevel = hasExtension(slot.shape, audioLevelExtensionUri);
  feeding.opusLevel = options.levelOfEncodedOpus;
  auto feed = std::make_unique<LayeredFeed>(core_.peer().pipeline(), slot.payloaders(),
                                            std::move(feeding), flows);
  feed->setTrack(options.track);
  slot.feed = std::move(feed);
  for (const RtpEncodingParameters& encoding : encodings) {
    if (slot.kind != MediaKind::video) continue;
    estimate_.bitrate += bitrateRange(slot.kind, encoding, options.codecOptions).start;
  }
  if (std::exchange(controlsBitrate_, true)) return;
  core_.scope().spawn(controlBitrate());
}

RtpParameters SendHandler::describe(const SendSlot& slot, const ProduceOptions& options) const {
  RtpParameters parameters = slot.rtpParameters;
  std::vector<RtpEncodingParameters> encodings = slot.feed->encodings();
  if (encodings.size() == 1) {
    encodings.front().ssrc = parameters.encodings.at(0).ssrc;
    encodings.front().rtxSsrc = parameters.encodings.at(0).rtxSsrc;
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

void SendHandler::onCongestionReport(const CongestionReport& report) {
  if (report.remb) {
    report_.remb = report.remb;
    return;
  }
  const std::optional<double> remb = report_.remb;
  report_ = report;
  report_.remb = remb;
}

Task<> SendHandler::controlBitrate() {
  constexpr std::chrono::milliseconds kStep{250};
  while (true) {
    co_await sleepFor(kStep);
    if (core_.peer().connectionState() != ConnectionState::connected) continue;
    adjustBitrate(std::chrono::duration<double>(kStep).count());
  }
}

std::vector<BitrateRange> SendHandler::bitrateRanges(bool all) const {
  std::vector<BitrateRange> ranges;
  for (const auto& slot : slots_) {
    if (!slot->feed) continue;
    const std::vector<BitrateRange> own = slot->feed->ranges(all);
    ranges.insert(ranges.end(), own.begin(), own.end());
  }
  return ranges;
}

void SendHandler::adjustBitrate(double seconds) {
  const std::vector<BitrateRange> ranges = bitrateRanges(false);
  if (ranges.empty()) return;
  estimate_ = nextEstimate(estimate_, std::exchange(report_, CongestionReport()), seconds);
  // What is paused now counts, too: it will not have to begin from below when it is resumed.
  const double most = totalRange(bitrateRanges(true)).max;
  const double least = totalRange(ranges).min;
  estimate_.bitrate = std::max(least, std::min(most, estimate_.bitrate));
  const std::vector<std::uint32_t> shares = sharedBitrates(estimate_.bitrate, ranges);
  std::deque<std::uint32_t> bitrates(shares.begin(), shares.end());
  for (const auto& slot : slots_) {
    if (slot->feed) slot->feed->takeBitrates(bitrates);
  }
}

}  // namespace cosoup
