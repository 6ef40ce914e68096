#include "cosoup/rtc/sdp_write.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/sdp_message.hpp"

namespace cosoup::sdp {
namespace {

constexpr unsigned kPort = 7;  // any but 0, which would mean a rejected section

[[noreturn]] void fail(const std::string& text) { throw Error(Error::Code::InvalidArgument, text); }

const DtlsFingerprint& chooseFingerprint(const DtlsParameters& parameters) {
  if (parameters.fingerprints.empty()) fail("the server's DTLS parameters have no fingerprint");
  // Every peer can do sha-256; the order of the server's list is no promise.
  for (const DtlsFingerprint& fingerprint : parameters.fingerprints) {
    if (ortc::equalsIgnoringCase(fingerprint.algorithm, "sha-256")) return fingerprint;
  }
  return parameters.fingerprints.back();
}

std::string codecName(const std::string& mimeType) {
  return mimeType.substr(mimeType.find('/') + 1);  // all of it when there is no slash
}

void addCodec(Media& media, const RtpCodecParameters& codec) {
  const std::string payloadType = std::to_string(codec.payloadType);
  std::string rtpmap =
      payloadType + " " + codecName(codec.mimeType) + "/" + std::to_string(codec.clockRate);
  if (codec.channels.value_or(1) > 1) rtpmap += "/" + std::to_string(*codec.channels);
  media.addFormat(payloadType);
  media.add("rtpmap", rtpmap);
  std::string fmtp;
  for (const auto& [key, value] : codec.parameters) {
    fmtp += (fmtp.empty() ? "" : ";") + key + "=" + *ortc::parameterText(codec.parameters, key);
  }
  if (!fmtp.empty()) media.add("fmtp", payloadType + " " + fmtp);
  for (const RtcpFeedback& feedback : codec.rtcpFeedback) {
    // No blank behind a type without parameter: webrtcbin would not know "transport-cc ".
    const std::string parameter = feedback.parameter.empty() ? "" : " " + feedback.parameter;
    media.add("rtcp-fb", payloadType + " " + feedback.type + parameter);
  }
}

void addCodecs(Media& media, const RtpParameters& parameters) {
  for (const RtpCodecParameters& codec : parameters.codecs) addCodec(media, codec);
}

void addHeaderExtension(Media& media, const RtpHeaderExtensionParameters& extension) {
  media.add("extmap", std::to_string(extension.id) + " " + extension.uri);
}

// Named even without a cname, unlike in mediasoup-client: to webrtcbin a packet of an SSRC that its
// description does not name is fatal.
void addSsrcs(Media& media, const RtpEncodingParameters& encoding, const std::string& cname) {
  if (!encoding.ssrc) return;
  const std::string ssrc = std::to_string(*encoding.ssrc);
  media.add("ssrc", ssrc + " cname:" + cname);
  if (!encoding.rtxSsrc) return;
  const std::string rtxSsrc = std::to_string(*encoding.rtxSsrc);
  media.add("ssrc", rtxSsrc + " cname:" + cname);
  media.add("ssrc-group", "FID " + ssrc + " " + rtxSsrc);
}

// Stream ids derive from what other peers call themselves, which may hold blanks.
std::string msidToken(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '_');
  return text.empty() ? "-" : text;
}

// "send r0;r1" becomes "recv r0;r1".
std::string mirroredSimulcast(const std::string& simulcast) {
  std::string result = simulcast;
  const std::size_t at = result.find("send");
  if (at != std::string::npos) result.replace(at, 4, "recv");
  return result;
}

}  // namespace

std::string candidateLine(const IceCandidate& candidate) {
  std::string line = candidate.foundation + " 1 " + candidate.protocol + " " +
                     std::to_string(candidate.priority) + " " + candidate.address + " " +
                     std::to_string(candidate.port) + " typ " + candidate.type;
  if (!candidate.tcpType.empty()) line += " tcptype " + candidate.tcpType;
  return line;
}

RemoteSdp::RemoteSdp(IceParameters iceParameters, std::vector<IceCandidate> iceCandidates,
                     const DtlsParameters& dtlsParameters,
                     std::optional<SctpParameters> sctpParameters)
    : iceParameters_(std::move(iceParameters)),
      iceCandidates_(std::move(iceCandidates)),
      fingerprint_(chooseFingerprint(dtlsParameters)),
      dtlsRole_(dtlsParameters.role),
      sctpParameters_(sctpParameters) {}

void RemoteSdp::addDataSlot(const std::string& mid) {
  if (!sctpParameters_) throw Error(Error::Code::InvalidState, "the transport has no SCTP");
  add(mid, DataSlot{});
}

void RemoteSdp::addSendSlot(const MediaSection& offer, RtpParameters remote) {
  if (!offer.kind) fail("section '" + offer.mid + "' is neither audio nor video");
  add(offer.mid, SendSlot{offer, std::move(remote)});
}

void RemoteSdp::addReceiveSlot(const std::string& mid, MediaKind kind, RtpParameters rtpParameters,
                               const std::string& streamId, const std::string& trackId) {
  add(mid, ReceiveSlot{kind, std::move(rtpParameters), streamId, trackId, false});
}

void RemoteSdp::replaceReceiveSlot(std::string_view mid, RtpParameters rtpParameters,
                                   const std::string& streamId, const std::string& trackId) {
  ReceiveSlot& slot = findReceiveSlot(mid);
  slot = ReceiveSlot{slot.kind, std::move(rtpParameters), streamId, trackId, false};
}

void RemoteSdp::vacateReceiveSlot(std::string_view mid) { findReceiveSlot(mid).vacant = true; }

bool RemoteSdp::has(std::string_view mid) const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [&](const Slot& slot) { return slot.mid == mid; });
}

std::set<std::uint32_t> RemoteSdp::ssrcs() const {
  std::set<std::uint32_t> result;
  for (const Slot& slot : slots_) {
    const auto* receive = std::get_if<ReceiveSlot>(&slot.content);
    if (!receive || receive->vacant || receive->rtpParameters.encodings.empty()) continue;
    const RtpEncodingParameters& encoding = receive->rtpParameters.encodings.front();
    if (encoding.ssrc) result.insert(*encoding.ssrc);
    if (encoding.ssrc && encoding.rtxSsrc) result.insert(*encoding.rtxSsrc);
  }
  return result;
}

std::string RemoteSdp::answer() {
  switch (dtlsRole_) {
    case DtlsRole::client:
      return text("active");
    case DtlsRole::server:
      return text("passive");
    case DtlsRole::automatic:
      break;
  }
  return text("actpass");
}

std::string RemoteSdp::offer() { return text("actpass"); }

RemoteSdp::ReceiveSlot& RemoteSdp::findReceiveSlot(std::string_view mid) {
  for (Slot& slot : slots_) {
    if (slot.mid != mid) continue;
    if (auto* receive = std::get_if<ReceiveSlot>(&slot.content)) return *receive;
  }
  fail("there is no receive slot '" + std::string(mid) + "'");
}

void RemoteSdp::add(const std::string& mid, Content content) {
  if (mid.empty() || mid.find(' ') != std::string::npos) fail("'" + mid + "' is no mid");
  if (has(mid)) fail("there already is a slot '" + mid + "'");
  slots_.push_back({mid, std::move(content)});
}

std::string RemoteSdp::text(const std::string& setup) {
  Message message;
  message.setOrigin("cosoup", "10000", std::to_string(++version_));
  if (iceParameters_.iceLite) message.add("ice-lite");
  message.add("fingerprint", fingerprint_.algorithm + " " + fingerprint_.value);
  message.add("msid-semantic", " WMS *");
  std::string bundle = "BUNDLE";
  for (const Slot& slot : slots_) bundle += " " + slot.mid;
  if (!slots_.empty()) message.add("group", bundle);
  for (const Slot& slot : slots_) {
    Media media = message.addMedia();
    std::visit([&](const auto& content) { write(media, content); }, slot.content);
    writeTransport(media, slot.mid, setup);
  }
  return message.text();
}

void RemoteSdp::writeTransport(Media& media, const std::string& mid,
                               const std::string& setup) const {
  media.addConnection("127.0.0.1");
  media.add("mid", mid);
  media.add("ice-ufrag", iceParameters_.usernameFragment);
  media.add("ice-pwd", iceParameters_.password);
  for (const IceCandidate& candidate : iceCandidates_) {
    media.add("candidate", candidateLine(candidate));
  }
  media.add("end-of-candidates");
  media.add("ice-options", "renomination");
  media.add("setup", setup);
}

void RemoteSdp::write(Media& media, const DataSlot&) const {
  media.describe("application", kPort, "UDP/DTLS/SCTP");
  media.addFormat("webrtc-datachannel");
  media.add("sctp-port", std::to_string(sctpParameters_->port));
  media.add("max-message-size", std::to_string(maxMessageSizeToServer(*sctpParameters_)));
}

void RemoteSdp::write(Media& media, const SendSlot& slot) const {
  media.describe(slot.offer.media, kPort, slot.offer.protocol);
  media.add("recvonly");
  addCodecs(media, slot.remote);
  if (slot.offer.extmapAllowMixed) media.add("extmap-allow-mixed");
  for (const RtpHeaderExtensionParameters& extension : slot.remote.headerExtensions) {
    const auto& offered = slot.offer.headerExtensions;
    const bool isOffered = std::any_of(offered.begin(), offered.end(), [&](const auto& other) {
      return other.uri == extension.uri;
    });
    if (isOffered) addHeaderExtension(media, extension);
  }
  for (const Rid& rid : slot.offer.rids) {
    if (rid.direction == "send") media.add("rid", rid.id + " recv");
  }
  if (!slot.offer.simulcast.empty()) {
    media.add("simulcast", mirroredSimulcast(slot.offer.simulcast));
  }
  media.add("rtcp-mux");
  media.add("rtcp-rsize");
}

void RemoteSdp::write(Media& media, const ReceiveSlot& slot) const {
  media.describe(toString(slot.kind), kPort, "UDP/TLS/RTP/SAVPF");
  media.add("sendonly");
  addCodecs(media, slot.rtpParameters);
  for (const RtpHeaderExtensionParameters& extension : slot.rtpParameters.headerExtensions) {
    // mediasoup writes the consumer's own mid into its packets. The slot's mid is another and
    // outlives the consumer, so that the SSRC lines must be all that tells where a packet belongs.
    if (extension.uri != midExtensionUri) addHeaderExtension(media, extension);
  }
  media.add("rtcp-mux");
  media.add("rtcp-rsize");
  if (slot.vacant) return;
  media.add("msid", msidToken(slot.streamId) + " " + msidToken(slot.trackId));
  if (slot.rtpParameters.encodings.empty()) return;
  const std::string& cname = slot.rtpParameters.rtcp.cname;
  addSsrcs(media, slot.rtpParameters.encodings.front(), cname.empty() ? slot.trackId : cname);
}

}  // namespace cosoup::sdp
