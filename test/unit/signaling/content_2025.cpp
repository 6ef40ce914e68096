// What the server sends in the dialect of 2025, where it differs from that of 2024.
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/protoo_content.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::notification;
using namespace cosoup::protoo;

namespace {

template <class T>
T notified(const std::string& method, const char* data) {
  const auto notification = toNotification(demo2025, method, Json::parse(data));
  REQUIRE(notification);
  REQUIRE(std::holds_alternative<T>(*notification));
  return std::get<T>(*notification);
}

template <class T>
T requested(const std::string& method, const std::string& data) {
  const auto content = toServerRequest(demo2025, method, Json::parse(data));
  REQUIRE(content);
  REQUIRE(std::holds_alternative<T>(*content));
  return std::get<T>(*content);
}

/// As it was seen at a real server, `more` beside it.
std::string recordedConsumer(const std::string& more) {
  return R"({"peerId":"alice","transportId":"t4","consumerId":"c1","producerId":"p1","kind":"audio",
    "rtpParameters":{"codecs":[{"mimeType":"audio/opus","payloadType":100,"clockRate":48000,
    "channels":2,"parameters":{},"rtcpFeedback":[]}],"headerExtensions":[],
    "encodings":[{"ssrc":866589161}],"rtcp":{"cname":"c","reducedSize":true},"mid":"0",
    "msid":"a b"},"type":"simple","producerPaused":false)" +
         more + "}";
}

}  // namespace

TEST_CASE("2025: a new peer is described in an object of its own") {
  const auto joined = notified<NewPeer>(
      "newPeer", R"({"peer":{"peerId":"bob","displayName":"Bob","device":{"flag":"f","name":"n"},
                     "remoteAddress":"127.0.0.1"}})");
  CHECK(joined.peer.id == "bob");
  CHECK(joined.peer.displayName == "Bob");
  CHECK(joined.peer.device.flag == "f");
  CHECK(joined.peer.remoteAddress == "127.0.0.1");
  CHECK_THROWS_WITH(toNotification(demo2025, "newPeer", Json::parse(R"({"peerId":"bob"})")),
                    "'peer' is missing");
}

TEST_CASE("2025: the peers that speak come with their volumes, or there are none") {
  const auto speaking = notified<SpeakingPeers>(
      "speakingPeers",
      R"({"peerVolumes":[{"peerId":"a","volume":-18},{"peerId":"b","volume":-7.5}]})");
  REQUIRE(speaking.volumes.size() == 2);
  CHECK(speaking.volumes[0].peerId == "a");
  CHECK(speaking.volumes[0].volume == -18.0);
  CHECK(speaking.volumes[1].volume == -7.5);
  CHECK(notified<SpeakingPeers>("speakingPeers", R"({"peerVolumes":[]})").volumes.empty());
  CHECK(notified<SpeakingPeers>("speakingPeers", "{}").volumes.empty());
  CHECK(notified<SpeakingPeers>("speakingPeers", R"({"peerVolumes":[1]})").volumes.empty());
}

TEST_CASE("2025: an active speaker has no volume, and nobody is one without a peer") {
  const auto speaker = notified<ActiveSpeaker>("activeSpeaker", R"({"peerId":"alice"})");
  CHECK(speaker.peerId == "alice");
  CHECK_FALSE(speaker.volume);
  CHECK_FALSE(notified<ActiveSpeaker>("activeSpeaker", "{}").peerId);
}

TEST_CASE("2025: layers come in an object, or not at all") {
  const auto both = notified<ConsumerLayersChanged>(
      "consumerLayersChanged",
      R"({"consumerId":"c","layers":{"spatialLayer":2,"temporalLayer":1}})");
  CHECK(both.spatialLayer == 2);
  CHECK(both.temporalLayer == 1);
  const auto spatial = notified<ConsumerLayersChanged>(
      "consumerLayersChanged", R"({"consumerId":"c","layers":{"spatialLayer":0}})");
  CHECK(spatial.spatialLayer == 0);
  CHECK_FALSE(spatial.temporalLayer);
  const auto none =
      notified<ConsumerLayersChanged>("consumerLayersChanged", R"({"consumerId":"c"})");
  CHECK_FALSE(none.spatialLayer);
  const auto flat = notified<ConsumerLayersChanged>(
      "consumerLayersChanged", R"({"consumerId":"c","spatialLayer":1,"temporalLayer":0})");
  CHECK(flat.spatialLayer == 1);
}

TEST_CASE("2025: a new consumer is read whole, with its score") {
  const auto consumer = requested<NewConsumer>(
      "newConsumer", recordedConsumer(R"(,"consumerScore":{"score":10,"producerScore":0,
        "producerScores":[0]},"appData":{"peerId":"alice","source":"audio"})"));
  CHECK(consumer.id == "c1");
  CHECK(consumer.peerId == "alice");
  CHECK(consumer.producerId == "p1");
  CHECK(consumer.rtpParameters.msid == "a b");
  CHECK(consumer.appData.get<std::string>("source") == "audio");
  CHECK_FALSE(consumer.appData.has("share"));
  REQUIRE(consumer.score);
  CHECK(consumer.score->score == 10);
  CHECK(consumer.score->producerScores == std::vector<int>{0});
}

TEST_CASE("2025: a score that makes no sense is no reason to refuse a consumer") {
  for (const char* score : {"5", "{}", R"({"score":"high"})", "null"}) {
    INFO(score);
    const auto consumer = requested<NewConsumer>(
        "newConsumer", recordedConsumer(std::string(R"(,"consumerScore":)") + score));
    CHECK_FALSE(consumer.score);
  }
}

TEST_CASE("2025: a screen is shared, as in our own appData") {
  const auto screen = requested<NewConsumer>(
      "newConsumer", recordedConsumer(R"(,"appData":{"peerId":"alice","source":"screensharing"})"));
  CHECK(screen.appData.get<bool>("share"));
  for (const char* source : {"5", "null", R"("video")"}) {
    const auto other = requested<NewConsumer>(
        "newConsumer", recordedConsumer(std::string(R"(,"appData":{"source":)") + source + "}"));
    CHECK_FALSE(other.appData.has("share"));
  }
}

TEST_CASE("2025: the bot's data consumer has no peer") {
  const auto bot = requested<NewDataConsumer>(
      "newDataConsumer",
      R"({"transportId":"t2","dataConsumerId":"dc0","dataProducerId":"dp0","sctpStreamParameters":
          {"streamId":0,"ordered":true},"label":"bot","protocol":"","appData":{"channel":"bot"}})");
  CHECK(bot.id == "dc0");
  CHECK_FALSE(bot.peerId);
  CHECK(bot.appData.get<std::string>("channel") == "bot");
}
