// Who speaks, by the levels in the packets: at the server and at other peers.
#include <algorithm>

#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

ProduceConfig toneOf(double volume) {
  TestSourceOptions options(true, false);
  options.wave = "sine";
  options.volume = volume;
  return ProduceConfig::test(std::move(options));
}

/// Whom the server names as the active speaker, as one member is told.
class ActiveSpeakers {
 public:
  explicit ActiveSpeakers(Member& member)
      : listening_(member.client.events().on<event::ActiveSpeaker>(
            [this](const event::ActiveSpeaker& speaker) { take(speaker); })),
        hearing_(member.client.events().on<event::SpeakingPeers>(
            [this](const event::SpeakingPeers& speaking) { take(speaking); })) {}

  const std::string& latest() const { return latest_; }
  /// All that are loud enough, the loudest first; a server of 2024 does not tell.
  const std::string& heard() const { return heard_; }

 private:
  static std::string nameOf(const std::shared_ptr<Peer>& peer, bool isMe) {
    if (isMe) return "me";
    return peer ? peer->id() : "nobody";
  }
  void take(const event::ActiveSpeaker& speaker) { latest_ = nameOf(speaker.peer, speaker.isMe); }
  void take(const event::SpeakingPeers& speaking) {
    heard_.clear();
    for (const auto& speaker : speaking.speakers) heard_ += nameOf(speaker.peer, speaker.isMe);
  }

  std::string latest_;
  std::string heard_;
  Connection listening_;
  Connection hearing_;
};

/// Bob is silent, and never among those who speak.
Task<> isTold(const ActiveSpeakers& atAda, const ActiveSpeakers& atBob) {
  co_await eventually("ada is elected", [&] { return atBob.latest() == "ada"; });
  co_await eventually("ada is told so, too", [&] { return atAda.latest() == "me"; });
  if (speaks2024()) co_return;
  co_await eventually("only ada is heard", [&] { return atBob.heard() == "ada"; });
  co_await eventually("ada is told so", [&] { return atAda.heard() == "me"; });
}

Task<> areElected() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  const ActiveSpeakers atAda(ada);
  const ActiveSpeakers atBob(bob);
  co_await bob.join(toneOf(0), ConsumeConfig::discard());
  co_await ada.join(toneOf(0.5), ConsumeConfig::discard());
  co_await isTold(atAda, atBob);
  co_await ada.receives(1);  // bob sends, but is silent
  ada.producers.at(0)->pause();
  co_await eventually("nobody is elected", [&] { return atBob.latest() == "nobody"; });
  ada.producers.at(0)->resume();
  // The observer of 2025 elects anew only when it is another one.
  const auto speaksAgain = [&] {
    return speaks2024() ? atBob.latest() == "ada" : atBob.heard() == "ada";
  };
  co_await eventually("ada is heard again", speaksAgain);
  co_await leaveAll(ada, bob);
}

Task<> areHeard() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.sound("sine");  // of amplitude 0.4: -11 dBov
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  std::vector<bool> told;
  const Connection listening =
      consumer->speakingChanged.connect([&](bool speaks) { told.push_back(speaks); });
  co_await eventually("speech is told", [&] { return consumer->isSpeaking(); });
  const auto loud = consumer->audioLevel();
  REQUIRE(loud);
  CHECK(loud->dBov >= -13);
  CHECK(loud->dBov <= -9);
  CHECK_FALSE(consumer->track()->hasReceivers());

  producer->pause();
  co_await eventually("silence is told", [&] { return !consumer->isSpeaking(); });
  CHECK(consumer->audioLevel() == AudioLevel{-127, false});
  producer->resume();
  co_await eventually("speech is told again", [&] { return consumer->isSpeaking(); });
  producer->replaceTrack(nullptr);  // no packets at all
  co_await eventually("its end is told", [&] { return !consumer->isSpeaking(); });
  CHECK(told == std::vector<bool>{true, false, true, false});
  co_await eventually("the level is forgotten", [&] { return !consumer->audioLevel(); });
  co_await stage.close();
}

/// Of Opus that nobody here encodes, at an amplitude of 0.5: -9 dBov.
Task<> areHeardUntouched(bool decode) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  ProduceConfig produce = ProduceConfig::launch(
      "audiotestsrc is-live=true volume=0.5 ! audio/x-raw,rate=48000,channels=2 ! opusenc");
  produce.encoding.levelOfEncodedOpus = decode;
  co_await ada.join(produce, ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(1);
  const auto consumer = bob.consumers.at(0);
  if (decode) {
    co_await eventually("speech is told", [&] { return consumer->isSpeaking(); });
    const auto level = consumer->audioLevel();
    REQUIRE(level);
    CHECK(level->dBov >= -11);
    CHECK(level->dBov <= -7);
    CHECK(level->voice);
  } else {
    CHECK(consumer->counters().packets > 0);
    CHECK_FALSE(consumer->audioLevel());
  }
  co_await leaveAll(ada, bob);
}

constexpr char kTimeOffset[] = "urn:ietf:params:rtp-hdrext:toffset";

bool hasTimeOffset(const RtpParameters& parameters) {
  const auto& extensions = parameters.headerExtensions;
  return std::any_of(extensions.begin(), extensions.end(),
                     [](const auto& extension) { return extension.uri == kTimeOffset; });
}

Task<> areAskedFor() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  RtpHeaderExtension offset;
  offset.kind = MediaKind::video;
  offset.uri = kTimeOffset;
  ada.client.device.headerExtensions = {offset};
  bob.client.device.headerExtensions = {offset};
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  for (const auto& producer : ada.producers) {
    CHECK(hasTimeOffset(producer->rtpParameters()) == (producer->kind() == MediaKind::video));
  }
  for (const auto& consumer : bob.consumers) {
    CHECK(hasTimeOffset(consumer->rtpParameters()) == (consumer->kind() == MediaKind::video));
  }
  co_await leaveAll(ada, bob);
}

}  // namespace

TEST_CASE("the server elects who speaks, and nobody when all are silent", "[dialect]") {
  runTest(areElected(), 120s);
}

TEST_CASE("a consumer hears how loud a producer is, and when it starts and stops to speak") {
  runTest(areHeard(), 120s);
}

TEST_CASE("Opus that is sent untouched is heard to be loud only where that is asked for") {
  runTest(areHeardUntouched(true), 120s);
  runTest(areHeardUntouched(false), 120s);
}

TEST_CASE("further header extensions are asked for by a MediasoupClient, too") {
  runTest(areAskedFor(), 120s);
}
