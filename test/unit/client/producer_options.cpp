// What an app can ask of a producer, and what it must not.
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

std::shared_ptr<Track> rawAudio() {
  return trackOf(MediaKind::audio,
                 "audio/x-raw, format=S16LE, layout=interleaved, rate=48000, channels=2");
}

/// What the answer of the fake server says of the section of a slot.
sdp::MediaSection answerFor(FakeCall& call, const Producer& producer) {
  return call.peer().remote().section(*producer.rtpParameters().mid);
}

Error::Code codeOf(const std::function<void()>& call) { return errorOf(call).code(); }

}  // namespace

TEST_CASE("a producer that begins paused is paused, and its track asks for nothing") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    int asked = 0;
    track->setKeyFrameRequest([&] { ++asked; });
    ProduceOptions options(track);
    options.paused = true;
    const auto producer = co_await transport->produce(std::move(options));
    CHECK(producer->isPaused());
    CHECK(asked == 0);
    producer->resume();
    CHECK_FALSE(producer->isPaused());
    CHECK(asked == 1);
    co_await transport->close();
    track->setKeyFrameRequest(nullptr);
  }());
}

TEST_CASE("a producer tells that it is paused, resumed and closed, each once") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    std::string said;
    const Connection first = producer->paused.connect([&] { said += "paused "; });
    const Connection second = producer->resumed.connect([&] { said += "resumed "; });
    const Connection third = producer->closed.connect([&] { said += "closed "; });
    producer->resume();
    producer->pause();
    producer->pause();
    producer->resume();
    producer->close();
    CHECK(said == "paused resumed closed ");
    co_await transport->close();
  }());
}

TEST_CASE("a track is replaced without any negotiation") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> before = rawVideoTrack();
    const std::shared_ptr<Track> after = rawVideoTrack();
    const std::shared_ptr<Track> encoded = vp8Track();
    ProduceOptions options(before);
    const auto producer = co_await transport->produce(std::move(options));
    const std::size_t steps = call.steps->noted().size();
    const std::size_t elements = call.peer().elements();
    producer->replaceTrack(after);
    CHECK(producer->track() == after);
    CHECK_FALSE(before->hasReceivers());
    CHECK(after->hasReceivers());
    CHECK(call.peer().elements() == elements);
    producer->replaceTrack(encoded);
    CHECK(call.peer().elements() == elements - 1);  // no encoder
    producer->replaceTrack(nullptr);
    CHECK(producer->track() == nullptr);
    CHECK_FALSE(encoded->hasReceivers());
    producer->pause();
    producer->replaceTrack(before);
    CHECK(producer->isPaused());
    CHECK(before->hasReceivers());
    CHECK(call.steps->noted().size() == steps);
    co_await transport->close();
    CHECK_FALSE(before->hasReceivers());
  }());
}

TEST_CASE("a track that is replaced by itself goes on, as does a pause") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    const std::shared_ptr<Track> other = vp8Track();
    int asked = 0;
    track->setKeyFrameRequest([&] { ++asked; });
    const auto producer = co_await transport->produce(ProduceOptions(track));
    const int atFirst = asked;
    producer->replaceTrack(track);
    CHECK(producer->track() == track);
    CHECK(track->hasReceivers());
    CHECK(asked == atFirst);
    producer->pause();
    producer->replaceTrack(other);
    producer->replaceTrack(track);
    CHECK(producer->isPaused());
    CHECK(asked == atFirst);
    co_await transport->close();
    track->setKeyFrameRequest(nullptr);
  }());
}

TEST_CASE("only the end of the present track is told") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> before = vp8Track();
    const std::shared_ptr<Track> after = vp8Track();
    ProduceOptions options(before);
    const auto producer = co_await transport->produce(std::move(options));
    int ended = 0;
    const Connection listening = producer->trackEnded.connect([&] { ++ended; });
    producer->replaceTrack(after);
    emitSignal(before->ended);
    CHECK(ended == 0);
    emitSignal(after->ended);
    CHECK(ended == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a track that does not fit is refused, and the old one stays") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    const std::shared_ptr<Track> ended = vp8Track();
    ended->end();
    const std::shared_ptr<Track> unknown = std::make_shared<Track>(MediaKind::video);
    const std::shared_ptr<Track> other =
        trackOf(MediaKind::video, "video/x-vp9, profile=(string)0");
    const std::shared_ptr<Track> sound = opusTrack();
    ProduceOptions options(track);
    const auto producer = co_await transport->produce(std::move(options));
    CHECK(codeOf([&] { producer->replaceTrack(ended); }) == Error::Code::InvalidArgument);
    CHECK(codeOf([&] { producer->replaceTrack(unknown); }) == Error::Code::InvalidArgument);
    CHECK(codeOf([&] { producer->replaceTrack(sound); }) == Error::Code::InvalidArgument);
    CHECK(codeOf([&] { producer->replaceTrack(other); }) == Error::Code::Unsupported);
    CHECK(producer->track() == track);
    CHECK(track->hasReceivers());
    const Error error = errorOf([&] { producer->replaceTrack(ended); });
    CHECK(std::string(error.what()) == "replaceTrack: the track has ended");
    producer->close();
    CHECK(codeOf([&] { producer->replaceTrack(nullptr); }) == Error::Code::InvalidState);
    CHECK(codeOf([&] { producer->setMaxSpatialLayer(0); }) == Error::Code::InvalidState);
    CHECK(codeOf([&] { producer->setRtpEncodingParameters({}); }) == Error::Code::InvalidState);
    co_await transport->close();
  }());
}

TEST_CASE("a track that has ended cannot be produced") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    track->end();
    const Error error = co_await errorOf(transport->produce(ProduceOptions(track)));
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(call.connected.empty());
    co_await transport->close();
  }());
}

TEST_CASE("several encodings are one section with rids, and SSRCs that the section does not name") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(rawVideoTrack());
    options.encodings.resize(3);
    options.encodings[1].maxBitrate = 300000;
    const auto producer = co_await transport->produce(std::move(options));
    const auto& encodings = producer->rtpParameters().encodings;
    REQUIRE(encodings.size() == 3);
    CHECK(encodings[0].rid == "r0");
    CHECK(encodings[0].ssrc.has_value());
    CHECK(encodings[0].scaleResolutionDownBy == 4);
    CHECK(encodings[1].maxBitrate == 300000);
    CHECK(hasExtension(producer->rtpParameters(), "rtp-stream-id"));
    CHECK(call.produced.at(0).rtpParameters == producer->rtpParameters());
    const GstStructure* caps = gst_caps_get_structure(call.peer().sendSlots().at(0).caps.get(), 0);
    CHECK_FALSE(gst_structure_has_field(caps, "ssrc"));
    CHECK(std::string(gst_structure_get_string(caps, "a-simulcast")) == "send r0;r1;r2");
    const sdp::MediaSection answer = answerFor(call, *producer);
    CHECK(answer.simulcast == "recv r0;r1;r2");
    CHECK(answer.rids.size() == 3);
    CHECK(answer.rids.at(0) == sdp::Rid{"r0", "recv"});
    co_await transport->close();
  }());
}

TEST_CASE("one encoding is told by its SSRC and carries no rid") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(rawVideoTrack());
    options.encodings.resize(1);
    options.encodings[0].maxBitrate = 300000;
    const auto producer = co_await transport->produce(std::move(options));
    const auto& encodings = producer->rtpParameters().encodings;
    REQUIRE(encodings.size() == 1);
    CHECK(encodings[0].ssrc.has_value());
    CHECK_FALSE(encodings[0].rid.has_value());
    CHECK(encodings[0].maxBitrate == 300000);
    CHECK_FALSE(hasExtension(producer->rtpParameters(), "rtp-stream-id"));
    co_await transport->close();
  }());
}

TEST_CASE("a slot is reused for other bitrates, not for another number of layers") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    std::vector<std::string> mids;
    for (const std::size_t layers : {2, 2, 3, 1}) {
      ProduceOptions options(rawVideoTrack());
      options.encodings.resize(layers);
      options.encodings[0].maxBitrate = 100000 * static_cast<std::uint32_t>(mids.size() + 1);
      const auto producer = co_await transport->produce(std::move(options));
      mids.push_back(*producer->rtpParameters().mid);
      CHECK(producer->rtpParameters().encodings[0].maxBitrate == 100000 * mids.size());
      producer->close();
    }
    CHECK(mids[0] == mids[1]);
    CHECK(mids[2] != mids[0]);
    CHECK(mids[3] != mids[2]);
    CHECK(call.peer().sendSlots().size() == 3);
    co_await transport->close();
  }());
}

TEST_CASE("layers are switched and changed by their rids") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(rawVideoTrack());
    options.encodings.resize(2);
    const auto producer = co_await transport->produce(std::move(options));
    CHECK_FALSE(producer->maxSpatialLayer().has_value());
    producer->setMaxSpatialLayer(0);
    CHECK(codeOf([&] { producer->setMaxSpatialLayer(-1); }) == Error::Code::InvalidArgument);
    CHECK(producer->maxSpatialLayer() == 0);
    ProduceOptions negative(rawVideoTrack());
    negative.maxSpatialLayer = -1;
    const Error refused = co_await errorOf(transport->produce(std::move(negative)));
    CHECK(refused.code() == Error::Code::InvalidArgument);
    RtpEncodingParameters change;
    change.maxBitrate = 123456;
    producer->setRtpEncodingParameters(change);
    CHECK(producer->encodings()[0].maxBitrate == 123456);
    CHECK(producer->encodings()[1].maxBitrate == 123456);
    change.rid = "r1";
    change.active = false;
    producer->setRtpEncodingParameters(change);
    CHECK_FALSE(producer->encodings()[0].active.has_value());
    CHECK(producer->encodings()[1].active == false);
    CHECK_FALSE(producer->rtpParameters().encodings[1].active.has_value());
    change.rid = "r2";
    CHECK(codeOf([&] { producer->setRtpEncodingParameters(change); }) ==
          Error::Code::InvalidArgument);
    change.rid = "r1";
    change.maxFramerate = -1;
    CHECK(codeOf([&] { producer->setRtpEncodingParameters(change); }) ==
          Error::Code::InvalidArgument);
    co_await transport->close();
  }());
}

TEST_CASE("audio has no spatial layers and no simulcast") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions layered(rawAudio());
    layered.encodings.resize(2);
    const Error error = co_await errorOf(transport->produce(std::move(layered)));
    CHECK(error.code() == Error::Code::Unsupported);
    CHECK(std::string(error.what()).starts_with("produce: "));
    ProduceOptions options(rawAudio());
    const auto producer = co_await transport->produce(std::move(options));
    CHECK(codeOf([&] { producer->setMaxSpatialLayer(1); }) == Error::Code::Unsupported);
    co_await transport->close();
  }());
}

TEST_CASE("layers that cannot be made of the track are refused, and nothing is left") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions encoded(vp8Track());
    encoded.encodings.resize(2);
    ProduceOptions svc(rawVideoTrack());
    svc.encodings.resize(1);
    svc.encodings[0].scalabilityMode = "L3T3_KEY";
    ProduceOptions small(rawVideoTrack());
    small.encodings.emplace_back().scaleResolutionDownBy = 0.5;
    const Error first = co_await errorOf(transport->produce(std::move(encoded)));
    const Error second = co_await errorOf(transport->produce(std::move(svc)));
    const Error third = co_await errorOf(transport->produce(std::move(small)));
    CHECK(first.code() == Error::Code::Unsupported);
    CHECK(second.code() == Error::Code::Unsupported);
    CHECK(third.code() == Error::Code::InvalidArgument);
    CHECK(call.peer().sendSlots().empty());
    CHECK(call.produced.empty());
    const auto producer = co_await transport->produce(ProduceOptions(rawVideoTrack()));
    CHECK(producer->id() == "producer 1");
    co_await transport->close();
  }());
}
