// Every field of every message of the server, in each dialect, with values that nobody expects. A
// field that names a thing is needed: its message is refused. All others cost only themselves.
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/protoo_content.hpp"
#include "support/catch.hpp"

using namespace cosoup;

namespace {

enum class Field { needed, free };

struct Row {
  const char* method;
  const char* data;
  std::vector<std::pair<const char*, Field>> fields;
};

constexpr Field needed = Field::needed;
constexpr Field free_ = Field::free;

const char* const kAudio = R"("kind":"audio","rtpParameters":{"codecs":[{"mimeType":"audio/opus",
  "payloadType":100,"clockRate":48000,"channels":2,"parameters":{},"rtcpFeedback":[]}],
  "headerExtensions":[],"encodings":[{"ssrc":866589161}],"rtcp":{"cname":"c"},"mid":"0"},
  "type":"simple","producerPaused":true,"consumerScore":{"score":10,"producerScore":9,
  "producerScores":[9]},"appData":{"source":"audio"}})";
const char* const kStream = R"("sctpStreamParameters":{"streamId":1,"ordered":true},
  "label":"chat","protocol":"p","appData":{"channel":"chat"}})";

std::vector<Row> rowsOfBoth() {
  return {
      {"peerClosed", R"({"peerId":"b"})", {{"peerId", needed}}},
      {"peerDisplayNameChanged",
       R"({"peerId":"b","displayName":"B","oldDisplayName":"Bob"})",
       {{"peerId", needed}, {"displayName", free_}, {"oldDisplayName", free_}}},
      {"activeSpeaker", R"({"peerId":"b","volume":-30})", {{"volume", free_}}},
      {"producerScore",
       R"({"producerId":"p","score":[{"encodingIdx":0,"ssrc":1,"rid":"r","score":10}]})",
       {{"producerId", needed},
        {"score", free_},
        {"score.0", free_},
        {"score.0.encodingIdx", free_},
        {"score.0.ssrc", free_},
        {"score.0.rid", free_},
        {"score.0.score", free_}}},
      {"consumerScore",
       R"({"consumerId":"c","score":{"score":10,"producerScore":9,"producerScores":[9]}})",
       {{"consumerId", needed},
        {"score.producerScore", free_},
        {"score.producerScores", free_},
        {"score.producerScores.0", free_}}},
      {"consumerLayersChanged", R"({"consumerId":"c"})", {{"consumerId", needed}}},
      {"consumerPaused", R"({"consumerId":"c"})", {{"consumerId", needed}}},
      {"consumerResumed", R"({"consumerId":"c"})", {{"consumerId", needed}}},
      {"consumerClosed", R"({"consumerId":"c"})", {{"consumerId", needed}}},
      {"dataConsumerClosed", R"({"dataConsumerId":"d"})", {{"dataConsumerId", needed}}},
  };
}

/// The fields of a peer, which are called that way there.
std::vector<std::pair<const char*, Field>> peerFields(const char* id) {
  return {{id, needed},
          {"displayName", free_},
          {"device", free_},
          {"device.flag", free_},
          {"device.name", free_},
          {"device.version", free_},
          {"remoteAddress", free_}};
}

const char* const kPeer2024 = R"({"id":"b","displayName":"Bob","device":{"flag":"f","name":"n",
  "version":"1"},"remoteAddress":"::1"})";
const char* const kPeer2025 = R"({"peerId":"b","displayName":"Bob","device":{"flag":"f","name":"n",
  "version":"1"},"remoteAddress":"::1"})";

std::vector<std::pair<const char*, Field>> consumerFields(const char* id) {
  return {{"peerId", needed},
          {"producerId", needed},
          {id, needed},
          {"kind", needed},
          {"type", free_},
          {"producerPaused", free_},
          {"appData", free_},
          {"consumerScore", free_},
          {"consumerScore.score", free_},
          {"consumerScore.producerScore", free_},
          {"consumerScore.producerScores", free_}};
}

std::vector<std::pair<const char*, Field>> dataConsumerFields(const char* id) {
  return {{"dataProducerId", needed}, {id, needed},        {"sctpStreamParameters", needed},
          {"label", free_},           {"protocol", free_}, {"appData", free_}};
}

/// The same with another value at that place: members and items, separated by dots.
Json changed(const Json& json, const std::string& path, const Json& value) {
  const std::size_t dot = path.find('.');
  const std::string key = path.substr(0, dot);
  Json inner = value;
  if (json.isArray()) {
    std::vector<Json> items = json.items();
    const std::size_t index = std::stoul(key);
    if (dot != std::string::npos) inner = changed(items[index], path.substr(dot + 1), value);
    items[index] = inner;
    return Json::array(items);
  }
  if (dot != std::string::npos) inner = changed(json.get<Json>(key), path.substr(dot + 1), value);
  Json result = json;
  return result.set(key, inner);
}

std::vector<Json> oddValues() {
  return {Json(),
          Json(true),
          Json(5),
          Json(-1),
          Json(0.5),
          Json(1e300),
          Json(std::int64_t{1} << 62),
          Json(""),
          Json(std::string(100'000, 'x')),
          Json("a\x1b[2Jb\n"),
          Json::array(),
          Json::array({Json(1), Json("x"), Json::object()}),
          Json::object(),
          Json::object({{"a", Json::object({{"b", 1}})}})};
}

bool isRead(const protoo::Dialect& dialect, const std::string& method, const Json& data) {
  try {
    if (protoo::toNotification(dialect, method, data)) return true;
    return protoo::toServerRequest(dialect, method, data).has_value();
  } catch (const Error&) {
    return false;
  }
}

void check(const protoo::Dialect& dialect, const Row& row) {
  const Json data = Json::parse(row.data);
  REQUIRE(isRead(dialect, row.method, data));
  for (const auto& [path, field] : row.fields) {
    for (const Json& value : oddValues()) {
      INFO(dialect.name << " " << row.method << " " << path << " = " << value.text().substr(0, 60));
      CHECK(isRead(dialect, row.method, changed(data, path, value)) == (field == free_));
    }
  }
  for (const Json& value : oddValues()) {
    INFO(row.method << " with the data " << value.text().substr(0, 60));
    CHECK_NOTHROW(isRead(dialect, row.method, value));
  }
}

std::string joined(const std::string& begin, const char* end) { return begin + "," + end; }

}  // namespace

TEST_CASE("2024: a field costs its message only if it names something") {
  for (const Row& row : rowsOfBoth()) check(protoo::demo2024, row);
  check(protoo::demo2024, {"newPeer", kPeer2024, peerFields("id")});
  check(protoo::demo2024,
        {"downlinkBwe",
         R"({"desiredBitrate":1,"effectiveDesiredBitrate":2,"availableBitrate":3})",
         {{"desiredBitrate", free_},
          {"effectiveDesiredBitrate", free_},
          {"availableBitrate", free_}}});
  const std::string consumer = joined(R"({"peerId":"b","producerId":"p","id":"c")", kAudio);
  check(protoo::demo2024, {"newConsumer", consumer.c_str(), consumerFields("id")});
  const std::string data = joined(R"({"peerId":"b","dataProducerId":"p","id":"c")", kStream);
  check(protoo::demo2024, {"newDataConsumer", data.c_str(), dataConsumerFields("id")});
}

TEST_CASE("2025: a field costs its message only if it names something") {
  for (const Row& row : rowsOfBoth()) check(protoo::demo2025, row);
  const std::string peer = std::string(R"({"peer":)") + kPeer2025 + "}";
  std::vector<std::string> paths;
  for (const auto& [path, field] : peerFields("peerId"))
    paths.push_back("peer." + std::string(path));
  Row row{"newPeer", peer.c_str(), {}};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    row.fields.emplace_back(paths[i].c_str(), peerFields("peerId")[i].second);
  }
  check(protoo::demo2025, row);
  check(protoo::demo2025, {"speakingPeers",
                           R"({"peerVolumes":[{"peerId":"b","volume":-18}]})",
                           {{"peerVolumes", free_},
                            {"peerVolumes.0", free_},
                            {"peerVolumes.0.peerId", free_},
                            {"peerVolumes.0.volume", free_}}});
  const std::string consumer = joined(R"({"peerId":"b","producerId":"p","consumerId":"c")", kAudio);
  check(protoo::demo2025, {"newConsumer", consumer.c_str(), consumerFields("consumerId")});
  const std::string data =
      joined(R"({"peerId":"b","dataProducerId":"p","dataConsumerId":"c")", kStream);
  check(protoo::demo2025, {"newDataConsumer", data.c_str(), dataConsumerFields("dataConsumerId")});
}

TEST_CASE("an odd peer among others costs its own entry at most") {
  for (const protoo::Dialect* dialect : protoo::dialects()) {
    const Json good = Json::parse(dialect == &protoo::demo2024 ? kPeer2024 : kPeer2025);
    for (const auto& [path, field] : peerFields(dialect->peerId)) {
      for (const Json& value : oddValues()) {
        INFO(dialect->name << " " << path << " = " << value.text().substr(0, 60));
        const Json odd = changed(good, path, value);
        const Json answer = Json::object({{"peers", Json::array({good, odd, value, good})}});
        const auto peers = protoo::toPeers(*dialect, answer);
        CHECK(peers.size() == (field == needed ? 2 : 3));
        CHECK(peers.back().displayName == "Bob");
      }
    }
  }
}

TEST_CASE("names are bounded and cannot steer a terminal") {
  const Json long_ = Json(std::string(255, 'x') + "€");
  Json peer = Json::object({{"id", "b"}, {"displayName", long_}, {"remoteAddress", "\x1b[2J::1"}});
  peer.set("device", Json::object({{"flag", "a\nb"}, {"name", long_}, {"version", "\u009b1"}}));
  const PeerDescription read = protoo::toPeer(protoo::demo2024, peer);
  CHECK(read.displayName == std::string(255, 'x'));
  CHECK(read.device.name == std::string(255, 'x'));
  CHECK(read.device.flag == "a b");
  CHECK(read.device.version == "1");
  CHECK(read.remoteAddress == "[2J::1");
}

TEST_CASE("appData that is too large is read as none") {
  const std::string begin = R"({"peerId":"b","producerId":"p","id":"c")";
  const Json data = Json::parse(joined(begin, kAudio));
  const auto read = [&](std::size_t size) {
    const Json appData = Json::object({{"text", std::string(size, 'x')}});
    const auto content =
        protoo::toServerRequest(protoo::demo2024, "newConsumer", changed(data, "appData", appData));
    return std::get<NewConsumer>(content.value()).appData.has("text");
  };
  CHECK(read(60'000));
  CHECK_FALSE(read(70'000));
}

TEST_CASE("lists of scores and volumes without end are cut") {
  Json scores = Json::array();
  Json volumes = Json::array();
  for (int i = 0; i < 100; ++i) {
    scores.push(Json::object({{"score", 1}}));
    volumes.push(Json::object({{"peerId", "b"}, {"volume", -1}}));
  }
  const Json data =
      Json::object({{"producerId", "p"}, {"score", scores}, {"peerVolumes", volumes}});
  const auto score = protoo::toNotification(protoo::demo2025, "producerScore", data);
  CHECK(std::get<notification::ProducerScore>(score.value()).scores.size() == 64);
  const auto speaking = protoo::toNotification(protoo::demo2025, "speakingPeers", data);
  CHECK(std::get<notification::SpeakingPeers>(speaking.value()).volumes.size() == 64);
}
