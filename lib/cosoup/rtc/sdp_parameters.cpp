// What follows from a description that was read: the second half of sdp_read.hpp.
#include <algorithm>

#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup::sdp {
namespace {

DtlsRole roleOf(const std::string& setup) {
  if (setup == "active") return DtlsRole::client;
  if (setup == "passive") return DtlsRole::server;
  if (setup == "actpass") return DtlsRole::automatic;
  throw Error(Error::Code::InvalidArgument, "the description says no DTLS role");
}

const MediaSection* firstOf(const SessionDescription& description, MediaKind kind) {
  for (const MediaSection& section : description.sections) {
    if (section.kind == kind) return &section;
  }
  return nullptr;
}

const RtpCodecParameters& offeredCodec(const RtpCodecParameters& wanted,
                                       const MediaSection& offer) {
  const RtpCodecParameters* found = nullptr;
  for (const RtpCodecParameters& codec : offer.codecs) {
    const bool isSame = ortc::equalsIgnoringCase(codec.mimeType, wanted.mimeType) &&
                        codec.clockRate == wanted.clockRate;
    if (isSame && (!found || codec.payloadType == wanted.payloadType)) found = &codec;
  }
  if (found) return *found;
  throw Error(Error::Code::Unsupported, "the offer has no " + wanted.mimeType);
}

// The wanted media codec under the offer's payload type, and with it the wanted rtx codec.
std::vector<RtpCodecParameters> negotiatedCodecs(const RtpParameters& wanted,
                                                 const MediaSection& offer) {
  if (wanted.codecs.empty()) throw Error(Error::Code::InvalidArgument, "there is no codec");
  RtpCodecParameters media = wanted.codecs.front();
  media.payloadType = offeredCodec(media, offer).payloadType;
  const auto rtx = std::find_if(wanted.codecs.begin(), wanted.codecs.end(),
                                [](const auto& codec) { return ortc::isRtxCodec(codec.mimeType); });
  if (rtx == wanted.codecs.end()) return {media};
  RtpCodecParameters result = *rtx;
  result.parameters["apt"] = std::int64_t{media.payloadType};
  return {media, result};
}

std::vector<RtpHeaderExtensionParameters> negotiatedHeaderExtensions(const RtpParameters& wanted,
                                                                     const MediaSection& offer) {
  std::vector<RtpHeaderExtensionParameters> result;
  for (RtpHeaderExtensionParameters extension : wanted.headerExtensions) {
    const auto& offered = offer.headerExtensions;
    const auto same = std::find_if(offered.begin(), offered.end(),
                                   [&](const auto& other) { return other.uri == extension.uri; });
    if (same == offered.end()) continue;
    extension.id = same->id;
    result.push_back(std::move(extension));
  }
  return result;
}

std::vector<RtpEncodingParameters> negotiatedEncodings(const RtpParameters& wanted,
                                                       const MediaSection& offer, bool hasRtx) {
  if (wanted.encodings.size() > 1) return wanted.encodings;  // simulcast: told apart by rid
  std::vector<RtpEncodingParameters> result = rtpEncodings(offer);
  if (!wanted.encodings.empty()) {
    RtpEncodingParameters first = wanted.encodings.front();
    first.ssrc = result.front().ssrc;
    first.rtxSsrc = result.front().rtxSsrc;
    result.front() = std::move(first);
  }
  if (!hasRtx) {
    for (RtpEncodingParameters& encoding : result) encoding.rtxSsrc.reset();
  }
  return result;
}

}  // namespace

DtlsParameters dtlsParameters(const SessionDescription& description) {
  DtlsParameters result;
  result.fingerprints = description.fingerprints;
  std::string setup = description.setup;
  for (const MediaSection& section : description.sections) {
    if (result.fingerprints.empty()) result.fingerprints = section.fingerprints;
    if (setup.empty()) setup = section.setup;
  }
  if (result.fingerprints.empty()) {
    throw Error(Error::Code::InvalidArgument, "the description has no fingerprint");
  }
  result.role = roleOf(setup);
  return result;
}

std::vector<RtpEncodingParameters> rtpEncodings(const MediaSection& section) {
  std::vector<RtpEncodingParameters> result;
  for (const std::uint32_t ssrc : section.ssrcs) {
    RtpEncodingParameters encoding;
    encoding.ssrc = ssrc;
    bool isRtx = false;
    for (const auto& [media, rtx] : section.fidGroups) {
      if (media == ssrc) encoding.rtxSsrc = rtx;
      if (rtx == ssrc) isRtx = true;
    }
    if (!isRtx) result.push_back(encoding);
  }
  if (!result.empty()) return result;
  throw Error(Error::Code::InvalidArgument, "section '" + section.mid + "' names no SSRC");
}

RtpCapabilities extractRtpCapabilities(const SessionDescription& description) {
  RtpCapabilities result;
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    const MediaSection* section = firstOf(description, kind);
    if (!section) continue;
    for (const RtpCodecParameters& codec : section->codecs) {
      result.codecs.push_back({kind, codec.mimeType, codec.payloadType, codec.clockRate,
                               codec.channels, codec.parameters, codec.rtcpFeedback});
    }
    for (const RtpHeaderExtensionParameters& extension : section->headerExtensions) {
      result.headerExtensions.push_back(
          {kind, extension.uri, extension.id, false, RtpHeaderExtensionDirection::sendrecv});
    }
  }
  return result;
}

RtpParameters negotiatedRtpParameters(const RtpParameters& wanted, const MediaSection& offer) {
  RtpParameters result = wanted;
  result.mid = offer.mid;
  result.codecs = negotiatedCodecs(wanted, offer);
  result.headerExtensions = negotiatedHeaderExtensions(wanted, offer);
  result.encodings = negotiatedEncodings(wanted, offer, result.codecs.size() > 1);
  result.rtcp.cname = offer.cname;
  return result;
}

}  // namespace cosoup::sdp
