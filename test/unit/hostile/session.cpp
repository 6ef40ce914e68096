#include "session.hpp"

#include "cosoup/testing/fake_parameters.hpp"

namespace cosoup::test {
namespace {

constexpr const char* kTransport = R"({
  "iceParameters":{"usernameFragment":"ufrag","password":"apasswordofsomelength01","iceLite":true},
  "iceCandidates":[
    {"foundation":"udpcandidate","priority":1076302079,"ip":"127.0.0.1","address":"127.0.0.1",
     "protocol":"udp","port":45444,"type":"host"},
    {"foundation":"tcpcandidate","priority":1076276479,"ip":"127.0.0.1","address":"127.0.0.1",
     "protocol":"tcp","port":45444,"type":"host","tcpType":"passive"}],
  "dtlsParameters":{"fingerprints":[{"algorithm":"sha-256","value":
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
    }],"role":"auto"},
  "sctpParameters":{"port":5000,"maxSendMessageSize":262144,"maxReceiveMessageSize":262144,
    "sendBufferSize":2000000,"perStreamSendQueueLimit":2000000,
    "maxReceiverWindowBufferSize":5242880,"isDataChannel":true,
    "OS":65535,"MIS":65535,"maxMessageSize":262144}})";

constexpr const char* kAudio = R"({"peerId":"alice","producerId":"p1","kind":"audio",
  "rtpParameters":{"codecs":[{"mimeType":"audio/opus","payloadType":100,"clockRate":48000,
  "channels":2,"parameters":{"useinbandfec":1},"rtcpFeedback":[{"type":"transport-cc"}]}],
  "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":1,"encrypt":false,
  "parameters":{}},{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":10,"encrypt":false,
  "parameters":{}}],"encodings":[{"ssrc":866589161}],"rtcp":{"cname":"c","reducedSize":true,
  "mux":true},"mid":"0"},"type":"simple","producerPaused":false,
  "consumerScore":{"score":10,"producerScore":10,"producerScores":[10]},
  "appData":{"peerId":"alice","source":"audio"}})";

constexpr const char* kVideo = R"({"peerId":"alice","producerId":"p2","kind":"video",
  "rtpParameters":{"codecs":[{"mimeType":"video/VP8","payloadType":101,"clockRate":90000,
  "parameters":{},"rtcpFeedback":[{"type":"nack"},{"type":"nack","parameter":"pli"}]},
  {"mimeType":"video/rtx","payloadType":102,"clockRate":90000,"parameters":{"apt":101},
  "rtcpFeedback":[]}],"headerExtensions":[],"encodings":[{"ssrc":866589162,"rtx":{"ssrc":
  866589163},"scalabilityMode":"L1T3"}],"rtcp":{"cname":"c","reducedSize":true},"mid":"1"},
  "type":"simulcast","producerPaused":true,"appData":{"peerId":"alice","source":"screensharing"}})";

constexpr const char* kChat = R"({"peerId":"alice","dataProducerId":"dp1",
  "sctpStreamParameters":{"streamId":0,"ordered":false,"maxRetransmits":1},"label":"chat",
  "protocol":"","appData":{"peerId":"alice","channel":"chat"}})";

constexpr const char* kBot = R"({"dataProducerId":"dp0",
  "sctpStreamParameters":{"streamId":1,"ordered":true},"label":"bot","protocol":"",
  "appData":{"channel":"bot"}})";

constexpr const char* kDescription = R"({"displayName":"Alice","device":{"flag":"unknown",
  "name":"node","version":"1"},"remoteAddress":"127.0.0.1"})";

Json with(const char* data, const char* key, const char* id) {
  return Json::parse(data).set(key, id);
}

Json notice(const char* method, const char* data) {
  return notificationOf(method, Json::parse(data));
}

std::vector<Json> noticesOfBoth() {
  return {
      notice("activeSpeaker", R"({"peerId":"alice","volume":-30})"),
      notice("activeSpeaker", "{}"),
      notice("producerScore",
             R"({"producerId":"p9","score":[{"encodingIdx":0,"ssrc":1,"rid":"r","score":10}]})"),
      notice("consumerScore",
             R"({"consumerId":"c1","score":{"score":9,"producerScore":9,"producerScores":[9]}})"),
      notice("consumerLayersChanged",
             R"({"consumerId":"c2","layers":{"spatialLayer":1,"temporalLayer":2}})"),
      notice("consumerPaused", R"({"consumerId":"c1"})"),
      notice("consumerResumed", R"({"consumerId":"c1"})"),
      notice("peerDisplayNameChanged",
             R"({"peerId":"alice","displayName":"Alice 2","oldDisplayName":"Alice"})"),
      notice("consumerClosed", R"({"consumerId":"c2"})"),
      notice("dataConsumerClosed", R"({"dataConsumerId":"d1"})"),
      notice("peerClosed", R"({"peerId":"bob"})"),
      notice("somethingNew", R"({"a":1})"),
  };
}

}  // namespace

RecordedSession::RecordedSession(ProtooDialect dialect) {
  const bool isOld = dialect == ProtooDialect::demo2024;
  const auto idOf = [&](const char* since2025) { return isOld ? "id" : since2025; };
  const Json capabilities = toJson(testing::fakeRouterRtpCapabilities());
  const Json alice = with(kDescription, idOf("peerId"), "alice");
  const Json bob = with(kDescription, idOf("peerId"), "bob");
  const Json transport = Json::parse(kTransport);
  const Json ice = transport.get<Json>("iceParameters");
  answers["getRouterRtpCapabilities"] =
      isOld ? capabilities : Json::object({{"routerRtpCapabilities", capabilities}});
  answers["createWebRtcTransport"] = with(kTransport, idOf("transportId"), "t");
  answers["restartIce"] = isOld ? ice : Json::object({{"iceParameters", ice}});
  answers["join"] = Json::object({{"peers", Json::array({alice})}});
  answers["produce"] = Json::object({{idOf("producerId"), "p9"}});
  answers["produceData"] = Json::object({{idOf("dataProducerId"), "dp9"}});
  answers["getTransportStats"] = isOld ? Json::array({Json::object({{"type", "webrtc-transport"}})})
                                       : Json::object({{"stats", Json::array({Json::object()})}});
  answers["getConsumerStats"] = answers["getTransportStats"];
  answers["getProducerStats"] = answers["getTransportStats"];
  messages = {
      requestOf(1, "newConsumer", with(kAudio, idOf("consumerId"), "c1")),
      requestOf(2, "newConsumer", with(kVideo, idOf("consumerId"), "c2")),
      requestOf(3, "newDataConsumer", with(kChat, idOf("dataConsumerId"), "d1")),
      requestOf(4, "newDataConsumer", with(kBot, idOf("dataConsumerId"), "d2")),
      requestOf(5, "somethingElse", Json::object()),
      notificationOf("newPeer", isOld ? bob : Json::object({{"peer", bob}})),
      isOld ? notice("downlinkBwe", R"({"desiredBitrate":1,"effectiveDesiredBitrate":2,
                                        "availableBitrate":3})")
            : notice("speakingPeers", R"({"peerVolumes":[{"peerId":"alice","volume":-18}]})"),
      successOf(1'003, answers["join"]),
      failureOf(1'004),
  };
  for (const Json& message : noticesOfBoth()) messages.push_back(message);
}

}  // namespace cosoup::test
