// Parameters that several tests of this floor start from.
#pragma once

#include <cstdint>
#include <string>

#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/sdp_write.hpp"
#include "router_capabilities.hpp"

namespace example {

using namespace cosoup;

inline constexpr char kMid[] = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr char kAbsSendTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

inline std::int64_t integer(std::int64_t value) { return value; }

inline RtpCapabilities router() {
  return fromJson<RtpCapabilities>(Json::parse(kRouterRtpCapabilities));
}

inline RtpCodecCapability codec(const std::string& mimeType, std::uint8_t payloadType,
                                CodecParameters parameters = {}) {
  const bool isAudio = mimeType.rfind("audio/", 0) == 0;
  RtpCodecCapability result;
  result.kind = isAudio ? MediaKind::audio : MediaKind::video;
  result.mimeType = mimeType;
  result.preferredPayloadType = payloadType;
  result.clockRate = isAudio ? 48000 : 90000;
  if (isAudio) result.channels = 2;
  result.parameters = std::move(parameters);
  if (!isAudio) result.rtcpFeedback = {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}};
  result.rtcpFeedback.push_back({"transport-cc", ""});
  return result;
}

inline RtpCodecCapability rtx(std::uint8_t payloadType, std::uint8_t apt) {
  RtpCodecCapability result = codec("video/rtx", payloadType, {{"apt", integer(apt)}});
  result.rtcpFeedback.clear();
  return result;
}

inline RtpCodecCapability h264(std::uint8_t payloadType, const std::string& profileLevelId,
                               int packetizationMode = 1, int levelAsymmetryAllowed = 1) {
  return codec("video/H264", payloadType,
               {{"packetization-mode", integer(packetizationMode)},
                {"profile-level-id", profileLevelId},
                {"level-asymmetry-allowed", integer(levelAsymmetryAllowed)}});
}

/// What a client of ours can: opus without rtx, VP8 and H264 with it; webrtcbin's spelling.
inline RtpCapabilities local() {
  RtpCapabilities result;
  result.codecs = {codec("audio/OPUS", 96), codec("video/VP8", 97), rtx(98, 97), h264(99, "42e034"),
                   rtx(100, 99)};
  const auto sendrecv = RtpHeaderExtensionDirection::sendrecv;
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    result.headerExtensions.push_back({kind, kMid, 11, false, sendrecv});
    result.headerExtensions.push_back({kind, kTransportCc, 12, false, sendrecv});
  }
  return result;
}

inline ortc::ExtendedRtpCapabilities extended() {
  return ortc::getExtendedRtpCapabilities(local(), router());
}

/// A consumer of VP8 with rtx as the server describes it.
inline RtpParameters videoConsumer(std::uint32_t ssrc = 1000002) {
  return fromJson<RtpParameters>(Json::parse(R"({"mid":"5","codecs":[
    {"mimeType":"video/VP8","payloadType":101,"clockRate":90000,"parameters":{},"rtcpFeedback":[
      {"type":"transport-cc","parameter":""},{"type":"ccm","parameter":"fir"},
      {"type":"nack","parameter":""},{"type":"nack","parameter":"pli"}]},
    {"mimeType":"video/rtx","payloadType":102,"clockRate":90000,"parameters":{"apt":101},
     "rtcpFeedback":[]}],
    "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":1,"encrypt":false},
      {"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id":4}],
    "encodings":[{"ssrc":)" + std::to_string(ssrc) +
                                             R"(,"rtx":{"ssrc":)" + std::to_string(ssrc + 1) +
                                             R"(},"scalabilityMode":"L3T3"}],
    "rtcp":{"cname":"ada","reducedSize":true,"mux":true}})"));
}

inline RtpParameters audioConsumer(std::uint32_t ssrc = 1000001) {
  return fromJson<RtpParameters>(Json::parse(R"({"mid":"4","codecs":[
    {"mimeType":"audio/opus","payloadType":100,"clockRate":48000,"channels":2,
     "parameters":{"minptime":10,"sprop-stereo":1,"useinbandfec":1},
     "rtcpFeedback":[{"type":"transport-cc","parameter":""}]}],
    "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":6}],
    "encodings":[{"ssrc":)" + std::to_string(ssrc) +
                                             R"(}],"rtcp":{"cname":"ada"}})"));
}

inline IceParameters ice(const std::string& ufrag = "serverufrag") {
  return {ufrag, "serverpassword0123456789", true};
}

inline std::vector<IceCandidate> candidates() {
  return {{"udpcandidate", 1076302079, "192.0.2.1", "udp", 40533, "host", ""},
          {"tcpcandidate", 1076276479, "192.0.2.1", "tcp", 40534, "host", "passive"}};
}

inline DtlsParameters dtls() {
  return {DtlsRole::automatic, {{"sha-1", "01:02"}, {"sha-256", "AB:CD"}, {"sha-512", "EF:01"}}};
}

inline sdp::RemoteSdp remote() {
  return sdp::RemoteSdp(ice(), candidates(), dtls(), SctpParameters{5000, 1024, 1024, 200000});
}

}  // namespace example
