// Every request of the dialect of 2024 on the wire, exactly as the protocol has it, and the typed
// result of its answer.
#include "exchange.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr ProtooDialect kDialect = ProtooDialect::demo2024;

Exchange asked(std::string method, std::string data, std::function<Task<Json>(Signaler&)> call) {
  return {std::move(method), std::move(data), R"([{"type":"x"}])", R"([{"type":"x"}])",
          [call](Signaler& signaler) { return textOf(call(signaler)); }};
}

}  // namespace

TEST_CASE("2024: the requests before joining look as the protocol says") {
  const Exchange capabilities{"getRouterRtpCapabilities", "{}",
                              R"({"codecs":[],"headerExtensions":[]})",
                              R"({"codecs":[],"headerExtensions":[]})",
                              [](Signaler& s) { return jsonOf(s.getRouterRtpCapabilities()); }};
  const Exchange send{"createWebRtcTransport",
                      R"({"forceTcp":false,"producing":true,"consuming":false,)"
                      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
                      transportNamed("id"), "t1 u 127.0.0.1 5000",
                      [](Signaler& s) { return transportOf(s.createWebRtcTransport(sending())); }};
  const Exchange receive{
      "createWebRtcTransport", R"({"forceTcp":false,"producing":false,"consuming":true})",
      transportNamed("id"), "t1 u 127.0.0.1 5000", [](Signaler& s) {
        return transportOf(s.createWebRtcTransport(WebRtcTransportOptions(false)));
      }};
  runTest(play(kDialect, {capabilities, send, receive}));
}

TEST_CASE("2024: joining looks as the protocol says and gives the peers that are there") {
  const Exchange join{
      "join",
      R"({"displayName":"Ada","device":{"flag":"cosoup","name":"cosoup","version":"0.1.0"},)"
      R"("rtpCapabilities":{"codecs":[],"headerExtensions":[]},)"
      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
      R"({"peers":[{"id":"p1","displayName":"Bob","device":{"flag":"chrome","name":"Chrome",
          "version":"1"}},{"id":"p2","displayName":"Caster","device":{"name":"FFmpeg"}}]})",
      "p1/Bob/chrome/Chrome/1/ p2/Caster//FFmpeg// ",
      [](Signaler& s) { return names(s.join(joining())); }};
  const Exchange bareJoin{
      "join",
      R"({"displayName":"Ada","device":{"flag":"cosoup","name":"cosoup","version":"0.1.0"}})",
      R"({"peers":[]})", "",
      [](Signaler& s) { return names(s.join(JoinOptions(PeerInfo("ada", "Ada")))); }};
  runTest(play(kDialect, {join, bareJoin}));
}

TEST_CASE("2024: the requests about transports look as the protocol says") {
  const Exchange connect =
      told("connectWebRtcTransport",
           R"({"transportId":"t","dtlsParameters":{"role":"client",)"
           R"("fingerprints":[{"algorithm":"sha-256","value":"AA:BB"}]}})",
           [](Signaler& s) { return s.connectWebRtcTransport("t", dtlsClient()); });
  const Exchange restart{"restartIce", R"({"transportId":"t"})",
                         R"({"usernameFragment":"u","password":"p","iceLite":true})",
                         R"({"usernameFragment":"u","password":"p","iceLite":true})",
                         [](Signaler& s) { return jsonOf(s.restartIce("t")); }};
  runTest(play(kDialect, {connect, restart}));
}

TEST_CASE("2024: the requests about producers look as the protocol says") {
  const Exchange produce{
      "produce",
      R"({"transportId":"t","kind":"video","rtpParameters":{"codecs":[],)"
      R"("headerExtensions":[],"encodings":[],)"
      R"("rtcp":{"cname":"","reducedSize":true}},"appData":{"share":true}})",
      R"({"id":"p1"})", "p1", [](Signaler& s) {
        return s.produce("t", MediaKind::video, RtpParameters(), Json::object({{"share", true}}));
      }};
  const Exchange produceData{
      "produceData",
      R"({"transportId":"t","sctpStreamParameters":{"streamId":3,"ordered":false,)"
      R"("maxRetransmits":1},"label":"chat","protocol":"","appData":{}})",
      R"({"id":"d1"})", "d1", [](Signaler& s) {
        SctpStreamParameters stream;
        stream.streamId = 3;
        stream.ordered = false;
        stream.maxRetransmits = 1;
        return s.produceData("t", stream, "chat", "", Json());
      }};
  const std::string id = R"({"producerId":"p"})";
  runTest(play(kDialect,
               {produce, produceData,
                told("closeProducer", id, [](Signaler& s) { return s.closeProducer("p"); }),
                told("pauseProducer", id, [](Signaler& s) { return s.pauseProducer("p"); }),
                told("resumeProducer", id, [](Signaler& s) { return s.resumeProducer("p"); })}));
}

TEST_CASE("2024: the requests about consumers and the peer look as the protocol says") {
  const std::string id = R"({"consumerId":"c"})";
  runTest(
      play(kDialect,
           {
               told("pauseConsumer", id, [](Signaler& s) { return s.pauseConsumer("c"); }),
               told("resumeConsumer", id, [](Signaler& s) { return s.resumeConsumer("c"); }),
               told("setConsumerPreferredLayers",
                    R"({"consumerId":"c","spatialLayer":2,"temporalLayer":1})",
                    [](Signaler& s) { return s.setConsumerPreferredLayers("c", 2, 1); }),
               told("setConsumerPreferredLayers", R"({"consumerId":"c","spatialLayer":0})",
                    [](Signaler& s) { return s.setConsumerPreferredLayers("c", 0, std::nullopt); }),
               told("setConsumerPriority", R"({"consumerId":"c","priority":7})",
                    [](Signaler& s) { return s.setConsumerPriority("c", 7); }),
               told("requestConsumerKeyFrame", id,
                    [](Signaler& s) { return s.requestConsumerKeyFrame("c"); }),
               told("changeDisplayName", R"({"displayName":"Ada \"the\" Countess ♥"})",
                    [](Signaler& s) { return s.changeDisplayName("Ada \"the\" Countess ♥"); }),
               told("applyNetworkThrottle",
                    R"({"secret":"s","uplink":1000,"downlink":1000000,"rtt":0,"packetLoss":2.5})",
                    [](Signaler& s) { return s.applyNetworkThrottle(aBadNetwork()); }),
               told("resetNetworkThrottle", R"({"secret":"s"})",
                    [](Signaler& s) { return s.resetNetworkThrottle("s"); }),
           }));
}

TEST_CASE("2024: the requests for statistics give the server's array") {
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

TEST_CASE("2024: a malformed answer names the request and the field") {
  struct Body {
    static Task<std::string> reply(FakePeer& peer, Task<std::string> call, Json data) {
      Running<std::string> running(errorOf(std::move(call)));
      const Json request = co_await peer.message();
      peer.accept(request, data);
      co_return co_await running.result();
    }
    static Task<std::string> produce(Signaler& signaler) {
      return signaler.produce("t", MediaKind::audio, RtpParameters(), Json::object());
    }
    static Task<> run() {
      FakeServer server;
      ProtooOptions options;
      options.dialect = kDialect;
      ProtooSignaler signaler(options);
      co_await signaler.connect(server.address(), "ada");
      const std::shared_ptr<FakePeer> peer = co_await server.peer();
      const std::string noId = co_await reply(*peer, produce(signaler), Json::object());
      CHECK(noId == "produce: malformed answer: 'id' is missing");
      const std::string number = co_await reply(*peer, produce(signaler), Json(5));
      CHECK(number ==
            "produce: malformed answer: 'id' is asked of something that is not an object");
      const std::string noArray =
          co_await reply(*peer, textOf(signaler.getConsumerStats("c")), Json("x"));
      CHECK(noArray == "getConsumerStats: malformed answer: not an array");
      co_await signaler.close();
    }
  };
  runTest(Body::run());
}
