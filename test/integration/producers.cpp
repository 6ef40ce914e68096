// Producers on a real mediasoup server: what arrives there and at another peer is what was asked.
#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> shows(Decoded& decoded, const char* colour, bool (Picture::*is)() const) {
  return eventually(std::string("the picture is ") + colour, [&decoded, is] {
    const auto picture = decoded.picture();
    return picture && ((*picture).*is)();
  });
}

Task<> turnsBlackWhilePaused() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.picture("red");
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await shows(decoded, "red", &Picture::isRed);
    int paused = 0;
    int resumed = 0;
    const Connection whenPaused = producer->paused.connect([&] { ++paused; });
    const Connection whenResumed = producer->resumed.connect([&] { ++resumed; });
    producer->pause();
    producer->pause();
    CHECK(producer->isPaused());
    co_await shows(decoded, "black", &Picture::isBlack);
    co_await stage.flows(producer);
    producer->resume();
    producer->resume();
    co_await shows(decoded, "red again", &Picture::isRed);
    CHECK(paused == 1);
    CHECK(resumed == 1);
    CHECK(consumer->counters().lost == 0);
  }
  co_await stage.close();
}

Task<> fallsSilentWhilePaused() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.sound();
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await eventually("there is sound", [&] { return decoded.loudness().value_or(0) > 3000; });
    producer->pause();
    co_await eventually("there is silence", [&] { return decoded.loudness().value_or(9999) < 50; });
    producer->resume();
    co_await eventually("there is sound again",
                        [&] { return decoded.loudness().value_or(0) > 3000; });
  }
  co_await stage.close();
}

Task<> sendsNothingWhilePaused(bool encoded) {
  Stage stage;
  co_await stage.open();
  std::shared_ptr<Track> track;
  if (encoded) {
    track = co_await stage.encodedPicture("red");
  } else {
    track = co_await stage.picture("red");
  }
  ProduceOptions options(track);
  options.zeroRtpOnPause = !encoded;
  options.paused = true;
  const auto producer = co_await stage.produce(std::move(options));
  CHECK(producer->isPaused());
  CHECK(producer->counters().packets == 0);
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    for (int i = 0; i < 2; ++i) {
      producer->resume();
      co_await shows(decoded, "red", &Picture::isRed);
      producer->pause();
      co_await stage.stands(producer);
    }
    CHECK(consumer->counters().lost == 0);
  }
  const Json seen = co_await stage.atServer(producer);
  CHECK(seen.list("streams").size() == 1);
  co_await stage.close();
}

Task<> onlyMarksAsPaused() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.picture("red");
  ProduceOptions options(track);
  options.disableTrackOnPause = false;
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  producer->pause();
  CHECK(producer->isPaused());
  {
    Decoded decoded(consumer->track());
    co_await shows(decoded, "red", &Picture::isRed);
  }
  co_await stage.close();
}

Task<> replacesTracks() {
  Stage stage;
  co_await stage.open();
  const auto red = co_await stage.picture("red");
  const auto blue = co_await stage.picture("blue", 160, 120);
  const auto green = co_await stage.encodedPicture("green");
  ProduceOptions options(red);
  const auto producer = co_await stage.produce(std::move(options));
  const auto consumer = co_await stage.consumerOf(producer);
  {
    Decoded decoded(consumer->track());
    co_await shows(decoded, "red", &Picture::isRed);
    // Raw to raw, of another size.
    producer->replaceTrack(blue);
    CHECK(producer->track() == blue);
    co_await eventually("the picture is blue and small", [&] {
      const auto picture = decoded.picture();
      return picture && picture->isBlue() && picture->width == 160;
    });
    // Raw to encoded, and back while paused.
    producer->replaceTrack(green);
    co_await shows(decoded, "green", &Picture::isGreen);
    producer->pause();
    producer->replaceTrack(red);
    co_await shows(decoded, "black", &Picture::isBlack);
    producer->resume();
    co_await shows(decoded, "red", &Picture::isRed);
    // To nothing and back.
    producer->replaceTrack(nullptr);
    CHECK_FALSE(producer->track());
    co_await stage.stands(producer);
    producer->replaceTrack(blue);
    producer->replaceTrack(blue);
    co_await shows(decoded, "blue", &Picture::isBlue);
    CHECK(consumer->counters().lost == 0);
  }
  const Json seen = co_await stage.atServer(producer);
  CHECK(seen.list("streams").size() == 1);
  CHECK(seen.get<Json>("stats").get<std::int64_t>("packetsLost") == 0);
  co_await stage.close();
}

Error::Code refusal(Producer& producer, std::shared_ptr<Track> track) {
  try {
    producer.replaceTrack(std::move(track));
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("replaced");
  return Error::Code::Media;
}

Task<> refusesTracks() {
  Stage stage;
  co_await stage.open();
  const auto red = co_await stage.picture("red");
  const auto sound = co_await stage.sound();
  const auto other = std::make_shared<Track>(MediaKind::video);
  ProduceOptions options(red);
  const auto producer = co_await stage.produce(std::move(options));
  CHECK(refusal(*producer, sound) == Error::Code::InvalidArgument);
  CHECK(refusal(*producer, other) == Error::Code::InvalidArgument);  // no caps
  other->setCaps(Ref<GstCaps>::adopt(gst_caps_from_string("video/x-vp9")));
  CHECK(refusal(*producer, other) == Error::Code::Unsupported);
  other->setCaps(Ref<GstCaps>::adopt(gst_caps_from_string("video/x-vp8")));
  other->end();
  CHECK(refusal(*producer, other) == Error::Code::InvalidArgument);
  CHECK(producer->track() == red);
  co_await stage.flows(producer);
  producer->close();
  CHECK(refusal(*producer, nullptr) == Error::Code::InvalidState);
  CHECK(refusal(*producer, red) == Error::Code::InvalidState);
  co_await stage.close();
}

Task<> tellsThatTheTrackHasEnded() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.play(makeLaunchSource(
      "videotestsrc is-live=true num-buffers=60 ! video/x-raw,width=320,height=240"));
  const auto blue = co_await stage.picture("blue");
  int ended = 0;
  ProduceOptions options(track);
  const auto producer = co_await stage.produce(std::move(options));
  const Connection whenEnded = producer->trackEnded.connect([&] { ++ended; });
  co_await eventually("the track has ended", [&] { return track->isEnded(); });
  co_await eventually("the producer tells so", [&] { return ended == 1; });
  CHECK_FALSE(producer->isClosed());
  producer->replaceTrack(blue);
  co_await stage.flows(producer);
  CHECK(refusal(*producer, track) == Error::Code::InvalidArgument);
  std::string reason;
  ProduceOptions again(track);
  try {
    co_await stage.produce(std::move(again));
  } catch (const Error& error) {
    reason = error.what();
  }
  CHECK(reason == "produce: the track has ended");
  co_await stage.close();
}

}  // namespace

TEST_CASE("a paused producer shows black by default, and its own picture when it is resumed") {
  runTest(turnsBlackWhilePaused(), 120s);
}

TEST_CASE("a paused producer of sound is silent by default") {
  runTest(fallsSilentWhilePaused(), 120s);
}

TEST_CASE("with zeroRtpOnPause a paused producer sends nothing, also from the beginning") {
  runTest(sendsNothingWhilePaused(false), 120s);
}

TEST_CASE("a paused producer of an encoded track sends nothing") {
  runTest(sendsNothingWhilePaused(true), 120s);
}

TEST_CASE("without an option for it, pause only marks the producer") {
  runTest(onlyMarksAsPaused(), 120s);
}

TEST_CASE("replaced tracks arrive in one RTP stream without loss") {
  runTest(replacesTracks(), 120s);
}

TEST_CASE("a track that does not fit does not replace the old one") {
  runTest(refusesTracks(), 120s);
}

TEST_CASE("a producer tells that its track has ended and goes on with another one") {
  runTest(tellsThatTheTrackHasEnded(), 120s);
}
