// Notifications and requests of the server, from JSON to the structs of signaler.hpp: what the
// dialects have in common, in the words of that of 2024.
#include "cosoup/signaling/protoo_content.hpp"

#include "cosoup/signaling/dialect.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::notification;
using namespace cosoup::protoo;

namespace {

std::optional<Notification> toNotification(const std::string& method, const Json& data) {
  return protoo::toNotification(demo2024, method, data);
}

std::optional<ServerRequest::Content> toServerRequest(const std::string& method, const Json& data) {
  return protoo::toServerRequest(demo2024, method, data);
}

template <class T>
T notified(const std::string& method, const char* data) {
  const std::optional<Notification> notification = toNotification(method, Json::parse(data));
  REQUIRE(notification);
  REQUIRE(std::holds_alternative<T>(*notification));
  return std::get<T>(*notification);
}

const char* const kConsumer = R"({
  "peerId":"bob","producerId":"p","id":"c","kind":"video","type":"simulcast",
  "rtpParameters":{"mid":"0","codecs":[{"mimeType":"video/VP8","payloadType":101,
    "clockRate":90000,"parameters":{},"rtcpFeedback":[]}],"headerExtensions":[],
    "encodings":[{"ssrc":1111}],"rtcp":{"cname":"x","reducedSize":true}},
  "appData":{"share":true},"producerPaused":true})";

const char* const kDataConsumer = R"({
  "peerId":null,"dataProducerId":"dp","id":"dc",
  "sctpStreamParameters":{"streamId":1,"ordered":false,"maxRetransmits":1},
  "label":"bot","protocol":"","appData":{}})";

/// The consumer above with one member replaced (or removed, for an empty value).
Json changed(const char* text, const std::string& key, const std::string& value) {
  Json result = Json::object();
  const Json original = Json::parse(text);
  for (const std::string& name : original.keys()) {
    if (name == key && value.empty()) continue;
    result.set(name, name == key ? Json::parse(value) : original.getOr<Json>(name, Json()));
  }
  return result;
}

}  // namespace

TEST_CASE("peers come with what the server knows of them") {
  const auto peer = notified<NewPeer>(
      "newPeer",
      R"({"id":"b","displayName":"Bob","device":{"flag":"f","name":"n","version":"v"}})");
  CHECK(peer.peer.id == "b");
  CHECK(peer.peer.displayName == "Bob");
  CHECK(peer.peer.device.flag == "f");
  CHECK(peer.peer.device.name == "n");
  CHECK(peer.peer.device.version == "v");
  CHECK(notified<NewPeer>("newPeer", R"({"id":"b"})").peer.device.name.empty());
  CHECK(notified<PeerClosed>("peerClosed", R"({"peerId":"b"})").peerId == "b");
  const auto renamed = notified<PeerDisplayNameChanged>(
      "peerDisplayNameChanged", R"({"peerId":"b","displayName":"B","oldDisplayName":"Bob"})");
  CHECK(renamed.displayName == "B");
  CHECK(renamed.oldDisplayName == "Bob");
}

TEST_CASE("whatever a peer says of itself, it is a peer") {
  const char* const odd[] = {R"({"id":"b","displayName":5,"device":"x"})",
                             R"({"id":"b","displayName":{},"device":{"flag":[],"name":1}})",
                             R"({"id":"b","displayName":null,"device":{"version":120}})",
                             R"({"id":"b","device":[],"remoteAddress":7})"};
  for (const char* data : odd) {
    const auto peer = notified<NewPeer>("newPeer", data);
    CHECK(peer.peer.id == "b");
    CHECK(peer.peer.displayName.empty());
    CHECK(peer.peer.device.version.empty());
    CHECK_FALSE(peer.peer.remoteAddress);
  }
  const Json peers = Json::parse(R"({"peers":[{"id":5},7,{"id":"b","displayName":5},null]})");
  const std::vector<PeerDescription> present = toPeers(demo2024, peers);
  REQUIRE(present.size() == 1);
  CHECK(present[0].id == "b");
}

TEST_CASE("silence is an active speaker without a peer") {
  const auto speaker = notified<ActiveSpeaker>("activeSpeaker", R"({"peerId":"b","volume":-42})");
  CHECK(speaker.peerId == "b");
  CHECK(speaker.volume == -42.0);
  const auto silence = notified<ActiveSpeaker>("activeSpeaker", R"({"peerId":null})");
  CHECK_FALSE(silence.peerId);
  CHECK_FALSE(silence.volume);
  CHECK_FALSE(notified<ActiveSpeaker>("activeSpeaker", "{}").peerId);
}

TEST_CASE("scores are read with and without ssrc, rid and encoding index") {
  const auto score = notified<ProducerScore>(
      "producerScore",
      R"({"producerId":"p","score":[{"encodingIdx":1,"ssrc":4294967295,"rid":"r1","score":10},
                                    {"score":0}]})");
  REQUIRE(score.scores.size() == 2);
  CHECK(score.scores[0].encodingIdx == 1);
  CHECK(score.scores[0].ssrc == 4294967295U);
  CHECK(score.scores[0].rid == "r1");
  CHECK(score.scores[0].score == 10);
  CHECK_FALSE(score.scores[1].ssrc);
  const auto consumer = notified<ConsumerScore>(
      "consumerScore",
      R"({"consumerId":"c","score":{"score":9,"producerScore":8,"producerScores":[8,7,0]}})");
  CHECK(consumer.score.score == 9);
  CHECK(consumer.score.producerScore == 8);
  CHECK(consumer.score.producerScores == std::vector<int>{8, 7, 0});
}

TEST_CASE("layers may be null, which means that nothing flows") {
  const auto layers = notified<ConsumerLayersChanged>(
      "consumerLayersChanged", R"({"consumerId":"c","spatialLayer":2,"temporalLayer":0})");
  CHECK(layers.spatialLayer == 2);
  CHECK(layers.temporalLayer == 0);
  const auto none = notified<ConsumerLayersChanged>(
      "consumerLayersChanged", R"({"consumerId":"c","spatialLayer":null,"temporalLayer":null})");
  CHECK_FALSE(none.spatialLayer);
  CHECK_FALSE(none.temporalLayer);
}

TEST_CASE("the life of consumers is told by their ids") {
  CHECK(notified<ConsumerPaused>("consumerPaused", R"({"consumerId":"c"})").consumerId == "c");
  CHECK(notified<ConsumerResumed>("consumerResumed", R"({"consumerId":"c"})").consumerId == "c");
  CHECK(notified<ConsumerClosed>("consumerClosed", R"({"consumerId":"c"})").consumerId == "c");
  CHECK(notified<DataConsumerClosed>("dataConsumerClosed", R"({"dataConsumerId":"d"})")
            .dataConsumerId == "d");
}

TEST_CASE("bandwidths may be integers or not, or missing") {
  const auto bwe = notified<DownlinkBwe>(
      "downlinkBwe",
      R"({"desiredBitrate":1000000,"effectiveDesiredBitrate":2.5e5,"availableBitrate":0.5})");
  CHECK(bwe.estimate.desiredBitrate == 1e6);
  CHECK(bwe.estimate.effectiveDesiredBitrate == 2.5e5);
  CHECK(bwe.estimate.availableBitrate == 0.5);
  CHECK(notified<DownlinkBwe>("downlinkBwe", "{}").estimate.availableBitrate == 0);
}

TEST_CASE("unknown methods are nothing, whatever their data") {
  for (const char* data : {"{}", "[]", "5", R"({"version":"3.14.16"})"}) {
    CHECK_FALSE(toNotification("mediasoup-version", Json::parse(data)));
    CHECK_FALSE(toServerRequest("newSomething", Json::parse(data)));
  }
  CHECK_FALSE(toNotification("", Json::object()));
  CHECK_FALSE(toNotification("newConsumer", Json::object()));
  CHECK_FALSE(toServerRequest("consumerClosed", Json::object()));
}

TEST_CASE("malformed notifications are refused and name the field") {
  struct Row {
    const char* method;
    const char* data;
    const char* reason;
  };
  const Row rows[] = {
      {"newPeer", "{}", "'id' is missing"},
      {"newPeer", R"({"id":5})", "'id' is not a string"},
      {"newPeer", "[]", "'id' is asked of something that is not an object"},
      {"peerClosed", R"({"peerId":{}})", "'peerId' is not a string"},
      {"peerClosed", R"("bob")", "'peerId' is asked of something that is not an object"},
      {"activeSpeaker", R"({"peerId":1})", "'peerId' is not a string"},
      {"consumerScore", R"({"consumerId":"c"})", "'score' is no score"},
      {"consumerScore", R"({"consumerId":"c","score":{"score":99999999999}})",
       "'score' is no score"},
      {"consumerLayersChanged", R"({"consumerId":"c","spatialLayer":"0"})",
       "'spatialLayer' is no layer"},
      {"consumerLayersChanged", R"({"consumerId":"c","temporalLayer":-1})",
       "'temporalLayer' is no layer"},
      {"consumerPaused", R"({"consumerId":""})", "'consumerId' is empty"},
  };
  for (const Row& row : rows) {
    INFO(row.method << " " << row.data);
    CHECK_THROWS_WITH(toNotification(row.method, Json::parse(row.data)), row.reason);
  }
}

TEST_CASE("a new consumer is read whole") {
  const auto content = toServerRequest("newConsumer", Json::parse(kConsumer));
  REQUIRE(content);
  const auto& consumer = std::get<NewConsumer>(*content);
  CHECK(consumer.peerId == "bob");
  CHECK(consumer.producerId == "p");
  CHECK(consumer.id == "c");
  CHECK(consumer.kind == MediaKind::video);
  CHECK(consumer.type == "simulcast");
  CHECK(consumer.producerPaused);
  CHECK(consumer.appData.get<bool>("share"));
  REQUIRE(consumer.rtpParameters.codecs.size() == 1);
  CHECK(consumer.rtpParameters.codecs[0].payloadType == 101);
}

TEST_CASE("the bot's data consumer has no peer") {
  const auto content = toServerRequest("newDataConsumer", Json::parse(kDataConsumer));
  REQUIRE(content);
  const auto& consumer = std::get<NewDataConsumer>(*content);
  CHECK_FALSE(consumer.peerId);
  CHECK(consumer.dataProducerId == "dp");
  CHECK(consumer.id == "dc");
  CHECK(consumer.label == "bot");
  CHECK(consumer.sctpStreamParameters.streamId == 1);
  CHECK(consumer.sctpStreamParameters.ordered == false);
}

TEST_CASE("optional members of the server's requests may be missing") {
  for (const char* key : {"appData", "producerPaused"}) {
    CHECK_NOTHROW(toServerRequest("newConsumer", changed(kConsumer, key, "")));
    CHECK_NOTHROW(toServerRequest("newConsumer", changed(kConsumer, key, "null")));
  }
  for (const char* key : {"peerId", "label", "protocol", "appData"}) {
    CHECK_NOTHROW(toServerRequest("newDataConsumer", changed(kDataConsumer, key, "")));
  }
}

TEST_CASE("malformed requests of the server are refused") {
  for (const char* key : {"peerId", "producerId", "id", "kind", "rtpParameters"}) {
    INFO(key);
    for (const char* value : {"", "null", "5", "[]", "true"}) {
      INFO(value);
      CHECK_THROWS_AS(toServerRequest("newConsumer", changed(kConsumer, key, value)), Error);
    }
  }
  CHECK_THROWS_AS(toServerRequest("newConsumer", changed(kConsumer, "kind", R"("smell")")), Error);
  for (const char* key : {"dataProducerId", "id", "sctpStreamParameters"}) {
    INFO(key);
    for (const char* value : {"", "null", "5", "[]"}) {
      CHECK_THROWS_AS(toServerRequest("newDataConsumer", changed(kDataConsumer, key, value)),
                      Error);
    }
  }
}
