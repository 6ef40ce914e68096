// Every request on the wire, exactly as the protocol has it, and the typed result of its answer.
#include <functional>

#include "cosoup/signaling/protoo.hpp"
#include "support/fake_server.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

struct Exchange {
  std::string method;
  std::string data;    ///< of the request, as JSON
  std::string answer;  ///< data of the response, as JSON
  std::string result;  ///< what the call gives, as a text
  std::function<Task<std::string>(Signaler&)> call;
};

Task<std::string> done(Task<> task) {
  co_await std::move(task);
  co_return std::string("done");
}

Task<std::string> textOf(Task<Json> task) { co_return (co_await std::move(task)).text(); }

template <class T>
Task<std::string> jsonOf(Task<T> task) {
  co_return toJson(co_await std::move(task)).text();
}

Task<std::string> names(Task<std::vector<PeerDescription>> task) {
  std::string result;
  for (const PeerDescription& peer : co_await std::move(task)) {
    result += peer.id + "/" + peer.displayName + "/" + peer.device.flag + "/" + peer.device.name +
              "/" + peer.device.version + " ";
  }
  co_return result;
}

Task<std::string> transportOf(Task<TransportParameters> task) {
  const TransportParameters transport = co_await std::move(task);
  co_return transport.id + " " + transport.iceParameters.usernameFragment + " " +
      transport.iceCandidates.at(0).address + " " +
      std::to_string(transport.sctpParameters.value().port);
}

Task<> play(std::vector<Exchange> exchanges) {
  FakeServer server;
  ProtooSignaler signaler;
  co_await signaler.connect(server.address(), "ada");
  const std::shared_ptr<FakePeer> peer = co_await server.peer();
  for (const Exchange& exchange : exchanges) {
    Running<std::string> running(exchange.call(signaler));
    const Json request = co_await peer->message();
    CHECK(request.keys() == std::vector<std::string>{"request", "id", "method", "data"});
    CHECK(request.get<bool>("request"));
    CHECK(request.get<Json>("id").isInteger());
    CHECK(request.get<std::string>("method") == exchange.method);
    CHECK(request.get<Json>("data").text() == exchange.data);
    peer->accept(request, Json::parse(exchange.answer));
    const std::string result = co_await running.result();
    CHECK(result == exchange.result);
  }
  co_await signaler.close();
}

Exchange told(std::string method, std::string data, std::function<Task<>(Signaler&)> call) {
  return {std::move(method), std::move(data), "{}", "done",
          [call](Signaler& signaler) { return done(call(signaler)); }};
}

Exchange asked(std::string method, std::string data, std::function<Task<Json>(Signaler&)> call) {
  return {std::move(method), std::move(data), R"([{"type":"x"}])", R"([{"type":"x"}])",
          [call](Signaler& signaler) { return textOf(call(signaler)); }};
}

const char* const kTransport = R"({
  "id":"t1","iceParameters":{"usernameFragment":"u","password":"p","iceLite":true},
  "iceCandidates":[{"foundation":"f","priority":1,"ip":"127.0.0.1","protocol":"udp","port":4,
    "type":"host"}],
  "dtlsParameters":{"role":"auto","fingerprints":[{"algorithm":"sha-256","value":"AA"}]},
  "sctpParameters":{"port":5000,"OS":1024,"MIS":1024,"maxMessageSize":262144}})";

WebRtcTransportOptions sending() {
  WebRtcTransportOptions options(true);
  options.sctpCapabilities = SctpCapabilities();
  return options;
}

JoinOptions joining() {
  JoinOptions options(PeerInfo("ada", "Ada"));
  options.rtpCapabilities = RtpCapabilities();
  options.sctpCapabilities = SctpCapabilities();
  return options;
}

DtlsParameters dtlsClient() {
  DtlsParameters dtls;
  dtls.role = DtlsRole::client;
  dtls.fingerprints.push_back({"sha-256", "AA:BB"});
  return dtls;
}

}  // namespace

TEST_CASE("the requests before joining look as the protocol says") {
  const Exchange capabilities{"getRouterRtpCapabilities", "{}",
                              R"({"codecs":[],"headerExtensions":[]})",
                              R"({"codecs":[],"headerExtensions":[]})",
                              [](Signaler& s) { return jsonOf(s.getRouterRtpCapabilities()); }};
  const Exchange send{"createWebRtcTransport",
                      R"({"forceTcp":false,"producing":true,"consuming":false,)"
                      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
                      kTransport, "t1 u 127.0.0.1 5000",
                      [](Signaler& s) { return transportOf(s.createWebRtcTransport(sending())); }};
  const Exchange receive{
      "createWebRtcTransport", R"({"forceTcp":false,"producing":false,"consuming":true})",
      kTransport, "t1 u 127.0.0.1 5000", [](Signaler& s) {
        return transportOf(s.createWebRtcTransport(WebRtcTransportOptions(false)));
      }};
  runTest(play({capabilities, send, receive}));
}

TEST_CASE("joining looks as the protocol says and gives the peers that are there") {
  const Exchange join{
      "join",
      R"({"displayName":"Ada","device":{"flag":"cosoup","name":"cosoup","version":"0.1.0"},)"
      R"("rtpCapabilities":{"codecs":[],"headerExtensions":[]},)"
      R"("sctpCapabilities":{"numStreams":{"OS":1024,"MIS":1024}}})",
      R"({"peers":[{"id":"p1","displayName":"Bob","device":{"flag":"chrome","name":"Chrome",
          "version":"1"}},{"id":"p2","displayName":"Caster","device":{"name":"FFmpeg"}}]})",
      "p1/Bob/chrome/Chrome/1 p2/Caster//FFmpeg/ ",
      [](Signaler& s) { return names(s.join(joining())); }};
  const Exchange bareJoin{
      "join",
      R"({"displayName":"Ada","device":{"flag":"cosoup","name":"cosoup","version":"0.1.0"}})",
      R"({"peers":[]})", "",
      [](Signaler& s) { return names(s.join(JoinOptions(PeerInfo("ada", "Ada")))); }};
  runTest(play({join, bareJoin}));
}

TEST_CASE("the requests about transports look as the protocol says") {
  const Exchange connect =
      told("connectWebRtcTransport",
           R"({"transportId":"t","dtlsParameters":{"role":"client",)"
           R"("fingerprints":[{"algorithm":"sha-256","value":"AA:BB"}]}})",
           [](Signaler& s) { return s.connectWebRtcTransport("t", dtlsClient()); });
  const Exchange restart{"restartIce", R"({"transportId":"t"})",
                         R"({"usernameFragment":"u","password":"p","iceLite":true})",
                         R"({"usernameFragment":"u","password":"p","iceLite":true})",
                         [](Signaler& s) { return jsonOf(s.restartIce("t")); }};
  runTest(play({connect, restart}));
}

TEST_CASE("the requests about producers look as the protocol says") {
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
  runTest(play({produce, produceData,
                told("closeProducer", id, [](Signaler& s) { return s.closeProducer("p"); }),
                told("pauseProducer", id, [](Signaler& s) { return s.pauseProducer("p"); }),
                told("resumeProducer", id, [](Signaler& s) { return s.resumeProducer("p"); })}));
}

TEST_CASE("the requests about consumers and the peer look as the protocol says") {
  const std::string id = R"({"consumerId":"c"})";
  runTest(play({
      told("pauseConsumer", id, [](Signaler& s) { return s.pauseConsumer("c"); }),
      told("resumeConsumer", id, [](Signaler& s) { return s.resumeConsumer("c"); }),
      told("setConsumerPreferredLayers", R"({"consumerId":"c","spatialLayer":2,"temporalLayer":1})",
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
           [](Signaler& s) {
             NetworkThrottle throttle("s");
             throttle.uplink = 1000;
             throttle.packetLoss = 2.5;
             return s.applyNetworkThrottle(throttle);
           }),
      told("resetNetworkThrottle", R"({"secret":"s"})",
           [](Signaler& s) { return s.resetNetworkThrottle("s"); }),
  }));
}

TEST_CASE("the requests for statistics give the server's array") {
  runTest(play({
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

TEST_CASE("a malformed answer names the request and the field") {
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
      ProtooSignaler signaler;
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
