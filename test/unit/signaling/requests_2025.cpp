// Every request and notification of the dialect of 2025 on the wire, exactly as the protocol has
// it, and the typed result of the answers.
#include "exchange.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr ProtooDialect kDialect = ProtooDialect::demo2025;

Exchange asked(std::string method, std::string data, std::function<Task<Json>(Signaler&)> call) {
  return {std::move(method), std::move(data), R"({"stats":[{"type":"x"}]})", R"([{"type":"x"}])",
          [call](Signaler& signaler) { return textOf(call(signaler)); }};
}

/// produce() of this kind and appData says so of itself.
Exchange produced(MediaKind kind, const char* appData, const char* said) {
  const std::string data = R"({"transportId":"t","kind":")" + toString(kind) +
                           R"(","rtpParameters":{"codecs":[],"headerExtensions":[],"encodings":[],)"
                           R"("rtcp":{"cname":"","reducedSize":true}},"appData":)" +
                           said + "}";
  const Json given = Json::parse(appData);
  return {"produce", data, R"({"producerId":"p1"})", "p1",
          [kind, given](Signaler& s) { return s.produce("t", kind, RtpParameters(), given); }};
}

Exchange producedData(const char* label, const char* appData, const char* said) {
  const std::string name = label;
  const std::string data = R"({"transportId":"t","sctpStreamParameters":{"streamId":3,)"
                           R"("ordered":true},"label":")" +
                           name + R"(","protocol":"","appData":)" + said + "}";
  const Json given = Json::parse(appData);
  return {"produceData", data, R"({"dataProducerId":"d1"})", "d1", [name, given](Signaler& s) {
            SctpStreamParameters stream;
            stream.streamId = 3;
            stream.ordered = true;
            return s.produceData("t", stream, name, "", given);
          }};
}

}  // namespace

TEST_CASE("2025: the requests before joining look as the protocol says") {
  const Exchange capabilities{"getRouterRtpCapabilities", "{}",
                              R"({"routerRtpCapabilities":{"codecs":[],"headerExtensions":[]}})",
                              R"({"codecs":[],"headerExtensions":[]})",
                              [](Signaler& s) { return jsonOf(s.getRouterRtpCapabilities()); }};
  const Exchange send{"createWebRtcTransport",
                      R"({"forceTcp":false,"appData":{"direction":"producer"},)"
                      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
                      transportNamed("transportId"), "t1 u 127.0.0.1 5000",
                      [](Signaler& s) { return transportOf(s.createWebRtcTransport(sending())); }};
  const Exchange receive{
      "createWebRtcTransport", R"({"forceTcp":false,"appData":{"direction":"consumer"}})",
      transportNamed("transportId"), "t1 u 127.0.0.1 5000", [](Signaler& s) {
        return transportOf(s.createWebRtcTransport(WebRtcTransportOptions(false)));
      }};
  runTest(play(kDialect, {capabilities, send, receive}));
}

TEST_CASE("2025: joining looks as the protocol says and gives the peers that are there") {
  const Exchange join{
      "join",
      R"({"displayName":"Ada","device":{"flag":"cosoup","name":"cosoup","version":"0.1.0"},)"
      R"("rtpCapabilities":{"codecs":[],"headerExtensions":[]},)"
      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
      R"({"peers":[{"peerId":"p1","displayName":"Bob","device":{"flag":"chrome","name":"Chrome",
          "version":"1"},"remoteAddress":"10.0.0.1"},
         {"peerId":"p2","displayName":"Caster","device":{"name":"FFmpeg"}}]})",
      "p1/Bob/chrome/Chrome/1/10.0.0.1 p2/Caster//FFmpeg// ",
      [](Signaler& s) { return names(s.join(joining())); }};
  runTest(play(kDialect, {join}));
}

TEST_CASE("2025: the requests about transports look as the protocol says") {
  const Exchange connect =
      told("connectWebRtcTransport",
           R"({"transportId":"t","dtlsParameters":{"role":"client",)"
           R"("fingerprints":[{"algorithm":"sha-256","value":"AA:BB"}]}})",
           [](Signaler& s) { return s.connectWebRtcTransport("t", dtlsClient()); });
  const Exchange restart{
      "restartIce", R"({"transportId":"t"})",
      R"({"iceParameters":{"usernameFragment":"u","password":"p","iceLite":true}})",
      R"({"usernameFragment":"u","password":"p","iceLite":true})",
      [](Signaler& s) { return jsonOf(s.restartIce("t")); }};
  runTest(play(kDialect, {connect, restart}));
}

TEST_CASE("2025: a producer says of which source it is, beside the app's own appData") {
  runTest(play(
      kDialect,
      {
          produced(MediaKind::audio, "{}", R"({"source":"audio"})"),
          produced(MediaKind::video, "null", R"({"source":"video"})"),
          produced(MediaKind::video, R"({"share":true})",
                   R"({"share":true,"source":"screensharing"})"),
          produced(MediaKind::video, R"({"share":false})", R"({"share":false,"source":"video"})"),
          produced(MediaKind::video, R"({"share":"yes"})", R"({"share":"yes","source":"video"})"),
          produced(MediaKind::audio, R"({"mine":[1]})", R"({"mine":[1],"source":"audio"})"),
          produced(MediaKind::audio, R"({"source":"mic"})", R"({"source":"mic"})"),
      }));
}

TEST_CASE("2025: a data producer says on which channel it is, beside the app's own appData") {
  runTest(
      play(kDialect, {
                         producedData("chat", "{}", R"({"channel":"chat"})"),
                         producedData("bot", "null", R"({"channel":"bot"})"),
                         producedData("position", R"({"x":1})", R"({"x":1,"channel":"position"})"),
                         producedData("mine", R"({"channel":"chat"})", R"({"channel":"chat"})"),
                     }));
}

TEST_CASE("2025: changes of producers are notified") {
  const std::string id = R"({"producerId":"p"})";
  runTest(
      play(kDialect,
           {
               notified("pauseProducer", id, [](Signaler& s) { return s.pauseProducer("p"); }),
               notified("resumeProducer", id, [](Signaler& s) { return s.resumeProducer("p"); }),
               notified("closeProducer", id, [](Signaler& s) { return s.closeProducer("p"); }),
           }));
}

TEST_CASE("2025: changes of consumers and of the peer are notified") {
  const std::string id = R"({"consumerId":"c"})";
  runTest(play(
      kDialect,
      {
          notified("pauseConsumer", id, [](Signaler& s) { return s.pauseConsumer("c"); }),
          notified("resumeConsumer", id, [](Signaler& s) { return s.resumeConsumer("c"); }),
          notified("setConsumerPreferredLayers",
                   R"({"consumerId":"c","spatialLayer":2,"temporalLayer":1})",
                   [](Signaler& s) { return s.setConsumerPreferredLayers("c", 2, 1); }),
          notified("setConsumerPreferredLayers", R"({"consumerId":"c","spatialLayer":0})",
                   [](Signaler& s) { return s.setConsumerPreferredLayers("c", 0, std::nullopt); }),
          notified("setConsumerPriority", R"({"consumerId":"c","priority":7})",
                   [](Signaler& s) { return s.setConsumerPriority("c", 7); }),
          notified("requestConsumerKeyFrame", id,
                   [](Signaler& s) { return s.requestConsumerKeyFrame("c"); }),
          notified("changeDisplayName", R"({"displayName":"Ada"})",
                   [](Signaler& s) { return s.changeDisplayName("Ada"); }),
      }));
}

TEST_CASE("2025: the requests for a bad network look as the protocol says") {
  runTest(play(
      kDialect,
      {
          told("applyNetworkThrottle",
               R"({"secret":"s","options":{"up":1000,"down":1000000,"rtt":0,"packetLoss":2.5}})",
               [](Signaler& s) { return s.applyNetworkThrottle(aBadNetwork()); }),
          told("stopNetworkThrottle", R"({"secret":"s"})",
               [](Signaler& s) { return s.resetNetworkThrottle("s"); }),
      }));
}

TEST_CASE("2025: the requests for statistics give the server's array") {
  runTest(play(kDialect, {
                             asked("getTransportStats", R"({"transportId":"t"})",
                                   [](Signaler& s) { return s.getTransportStats("t"); }),
                             asked("getProducerStats", R"({"producerId":"p"})",
                                   [](Signaler& s) { return s.getProducerStats("p"); }),
                             asked("getConsumerStats", R"({"consumerId":"c"})",
                                   [](Signaler& s) { return s.getConsumerStats("c"); }),
                             asked("getDataProducerStats", R"({"dataProducerId":"d"})",
                                   [](Signaler& s) { return s.getDataProducerStats("d"); }),
                             asked("getDataConsumerStats", R"({"dataConsumerId":"d"})",
                                   [](Signaler& s) { return s.getDataConsumerStats("d"); }),
                         }));
}
