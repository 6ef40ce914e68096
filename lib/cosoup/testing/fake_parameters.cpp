#include "cosoup/testing/fake_parameters.hpp"

#include <string>

namespace cosoup::testing {
namespace {

// As a router of mediasoup 3.27.1 says it.
constexpr char kRouterRtpCapabilities[] = R"json({"codecs":[
  {"kind":"audio","mimeType":"audio/opus","clockRate":48000,"channels":2,"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"transport-cc","parameter":""}],"parameters":{},"preferredPayloadType":100},
  {"kind":"video","mimeType":"video/VP8","clockRate":90000,"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},{"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""}],"parameters":{"x-google-start-bitrate":1000},"preferredPayloadType":101},
  {"kind":"video","mimeType":"video/rtx","preferredPayloadType":102,"clockRate":90000,"parameters":{"apt":101},"rtcpFeedback":[]},
  {"kind":"video","mimeType":"video/VP9","clockRate":90000,"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},{"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""}],"parameters":{"profile-id":0,"x-google-start-bitrate":1000},"preferredPayloadType":103},
  {"kind":"video","mimeType":"video/rtx","preferredPayloadType":104,"clockRate":90000,"parameters":{"apt":103},"rtcpFeedback":[]},
  {"kind":"video","mimeType":"video/VP9","clockRate":90000,"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},{"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""}],"parameters":{"profile-id":2,"x-google-start-bitrate":1000},"preferredPayloadType":105},
  {"kind":"video","mimeType":"video/rtx","preferredPayloadType":106,"clockRate":90000,"parameters":{"apt":105},"rtcpFeedback":[]},
  {"kind":"video","mimeType":"video/H264","clockRate":90000,"parameters":{"level-asymmetry-allowed":1,"packetization-mode":1,"profile-level-id":"4d0032","x-google-start-bitrate":1000},"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},{"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""}],"preferredPayloadType":107},
  {"kind":"video","mimeType":"video/rtx","preferredPayloadType":108,"clockRate":90000,"parameters":{"apt":107},"rtcpFeedback":[]},
  {"kind":"video","mimeType":"video/H264","clockRate":90000,"parameters":{"level-asymmetry-allowed":1,"packetization-mode":1,"profile-level-id":"42e01f","x-google-start-bitrate":1000},"rtcpFeedback":[{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"},{"type":"ccm","parameter":"fir"},{"type":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""}],"preferredPayloadType":109},
  {"kind":"video","mimeType":"video/rtx","preferredPayloadType":110,"clockRate":90000,"parameters":{"apt":109},"rtcpFeedback":[]}
],
"headerExtensions":[
  {"kind":"audio","uri":"urn:ietf:params:rtp-hdrext:sdes:mid","preferredId":1,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"urn:ietf:params:rtp-hdrext:sdes:mid","preferredId":1,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id","preferredId":2,"preferredEncrypt":false,"direction":"recvonly"},
  {"kind":"video","uri":"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id","preferredId":3,"preferredEncrypt":false,"direction":"recvonly"},
  {"kind":"audio","uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","preferredId":4,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","preferredId":4,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"audio","uri":"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01","preferredId":5,"preferredEncrypt":false,"direction":"recvonly"},
  {"kind":"video","uri":"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01","preferredId":5,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"audio","uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","preferredId":6,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension","preferredId":7,"preferredEncrypt":false,"direction":"recvonly"},
  {"kind":"video","uri":"urn:3gpp:video-orientation","preferredId":8,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"urn:ietf:params:rtp-hdrext:toffset","preferredId":9,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"audio","uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time","preferredId":10,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time","preferredId":10,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"audio","uri":"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay","preferredId":11,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay","preferredId":11,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"audio","uri":"urn:mediasoup:params:rtp-hdrext:packet-id","preferredId":12,"preferredEncrypt":false,"direction":"sendrecv"},
  {"kind":"video","uri":"urn:mediasoup:params:rtp-hdrext:packet-id","preferredId":12,"preferredEncrypt":false,"direction":"sendrecv"}
]})json";

constexpr char kMid[] = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

RtpCodecCapability videoCodec(const std::string& mimeType, std::uint8_t payloadType,
                              CodecParameters parameters = {}) {
  RtpCodecCapability codec;
  codec.kind = MediaKind::video;
  codec.mimeType = mimeType;
  codec.preferredPayloadType = payloadType;
  codec.clockRate = 90000;
  codec.parameters = std::move(parameters);
  codec.rtcpFeedback = {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"transport-cc", ""}};
  return codec;
}

RtpCodecCapability rtx(std::uint8_t payloadType, std::int64_t of) {
  RtpCodecCapability codec = videoCodec("video/rtx", payloadType, {{"apt", of}});
  codec.rtcpFeedback.clear();
  return codec;
}

RtpCodecCapability opus(std::uint8_t payloadType) {
  RtpCodecCapability codec;
  codec.mimeType = "audio/OPUS";
  codec.preferredPayloadType = payloadType;
  codec.clockRate = 48000;
  codec.channels = 2;
  codec.rtcpFeedback = {{"transport-cc", ""}};
  return codec;
}

RtpParameters videoConsumer(std::uint32_t ssrc) {
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

RtpParameters audioConsumer(std::uint32_t ssrc) {
  return fromJson<RtpParameters>(Json::parse(R"({"mid":"4","codecs":[
    {"mimeType":"audio/opus","payloadType":100,"clockRate":48000,"channels":2,
     "parameters":{"minptime":10,"sprop-stereo":1,"useinbandfec":1},
     "rtcpFeedback":[{"type":"transport-cc","parameter":""}]}],
    "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":6}],
    "encodings":[{"ssrc":)" + std::to_string(ssrc) +
                                             R"(}],"rtcp":{"cname":"ada"}})"));
}

}  // namespace

RtpCapabilities fakeRouterRtpCapabilities() {
  return fromJson<RtpCapabilities>(Json::parse(kRouterRtpCapabilities));
}

RtpCapabilities fakeLocalRtpCapabilities() {
  RtpCapabilities local;
  const CodecParameters h264 = {{"packetization-mode", std::int64_t{1}},
                                {"profile-level-id", "42e034"},
                                {"level-asymmetry-allowed", std::int64_t{1}}};
  local.codecs = {opus(96), videoCodec("video/VP8", 97), rtx(98, 97),
                  videoCodec("video/H264", 99, h264), rtx(100, 99)};
  const auto sendrecv = RtpHeaderExtensionDirection::sendrecv;
  for (const MediaKind kind : {MediaKind::audio, MediaKind::video}) {
    local.headerExtensions.push_back({kind, kMid, 11, false, sendrecv});
    local.headerExtensions.push_back({kind, kTransportCc, 12, false, sendrecv});
  }
  return local;
}

namespace {

std::string fakeFingerprint(std::size_t bytes) {
  std::string value = "AB";
  for (std::size_t i = 1; i < bytes; ++i) value += ":CD";
  return value;
}

}  // namespace

TransportParameters fakeTransportParameters(bool withData) {
  TransportParameters parameters;
  parameters.id = "transport";
  parameters.iceParameters = {"serverufrag", "serverpassword0123456789", true};
  parameters.iceCandidates = {
      {"udpcandidate", 1076302079, "192.0.2.1", "udp", 40533, "host", ""},
      {"tcpcandidate", 1076276479, "192.0.2.1", "tcp", 40534, "host", "passive"}};
  parameters.dtlsParameters = {DtlsRole::automatic,
                               {{"sha-1", fakeFingerprint(20)},
                                {"sha-256", fakeFingerprint(32)},
                                {"sha-512", fakeFingerprint(64)}}};
  if (!withData) return parameters;
  SctpParameters sctp;
  sctp.OS = 1024;
  sctp.MIS = 1024;
  sctp.maxMessageSize = 262144;
  sctp.maxSendMessageSize = 262144;
  sctp.maxReceiveMessageSize = 262144;
  parameters.sctpParameters = sctp;
  return parameters;
}

RtpParameters fakeConsumerRtpParameters(MediaKind kind, std::uint32_t ssrc) {
  return kind == MediaKind::audio ? audioConsumer(ssrc) : videoConsumer(ssrc);
}

ConsumeOptions fakeConsumeOptions(MediaKind kind, std::uint32_t ssrc) {
  const std::string number = std::to_string(ssrc);
  return ConsumeOptions("consumer " + number, "producer " + number, kind,
                        fakeConsumerRtpParameters(kind, ssrc));
}

DataConsumeOptions fakeDataConsumeOptions(std::uint16_t streamId) {
  SctpStreamParameters parameters;
  parameters.streamId = streamId;
  parameters.ordered = true;
  const std::string number = std::to_string(streamId);
  return DataConsumeOptions("data consumer " + number, "data producer " + number, parameters);
}

}  // namespace cosoup::testing
