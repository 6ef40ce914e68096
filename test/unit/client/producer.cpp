#include "cosoup/client/producer.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// What an element says that cannot go on.
void breakElement(GstElement* element) {
  GError* error = g_error_new(GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE, "broken");
  gst_element_post_message(element, gst_message_new_error(GST_OBJECT(element), error, nullptr));
  g_error_free(error);
}

Ref<GstElement> elementOf(FakePeerConnection& peer, const char* factory) {
  return Ref<GstElement>::adopt(findElement(peer.pipeline().element(), factory));
}

}  // namespace

TEST_CASE("a producer is what was produced") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    const auto producer = co_await transport->produce(ProduceOptions(track));
    CHECK(producer->id() == "producer 1");
    CHECK(producer->kind() == MediaKind::video);
    CHECK(producer->track() == track);
    CHECK_FALSE(producer->isPaused());
    CHECK_FALSE(producer->isClosed());
    co_await transport->close();
  }());
}

TEST_CASE("a producer is paused and resumed without any negotiation") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    const std::size_t steps = call.steps->noted().size();
    producer->pause();
    producer->pause();
    CHECK(producer->isPaused());
    producer->resume();
    producer->resume();
    CHECK_FALSE(producer->isPaused());
    CHECK(call.steps->noted().size() == steps);
    co_await transport->close();
  }());
}

TEST_CASE("a producer asks its track for a key frame when it begins and when it resumes") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = vp8Track();
    int asked = 0;
    track->setKeyFrameRequest([&] { ++asked; });
    const auto producer = co_await transport->produce(ProduceOptions(track));
    const int atFirst = asked;
    CHECK(atFirst > 0);
    producer->pause();
    CHECK(asked == atFirst);
    producer->resume();
    CHECK(asked == atFirst + 1);
    co_await transport->close();
    track->setKeyFrameRequest(nullptr);
  }());
}

TEST_CASE("a producer tells of the end of its track until it is closed") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = opusTrack();
    const auto producer = co_await transport->produce(ProduceOptions(track));
    int ended = 0;
    const Connection listening = producer->trackEnded.connect([&] { ++ended; });
    emitSignal(track->ended);
    CHECK(ended == 1);
    CHECK_FALSE(producer->isClosed());
    producer->close();
    emitSignal(track->ended);
    CHECK(ended == 1);
    co_await transport->close();
  }());
}

TEST_CASE("a producer whose encoder breaks tells so, and begins anew with another track") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto producer = co_await transport->produce(ProduceOptions(rawVideoTrack()));
    std::vector<std::string> failures;
    const Connection listening =
        producer->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
    const Ref<GstElement> encoder = elementOf(call.peer(), "vp8enc");
    REQUIRE(encoder);
    breakElement(encoder.get());
    breakElement(encoder.get());
    co_await eventually("it tells", [&] { return !failures.empty(); });
    producer->replaceTrack(rawVideoTrack());
    const Ref<GstElement> next = elementOf(call.peer(), "vp8enc");
    CHECK(next);
    CHECK(next != encoder);
    breakElement(call.peer().pipeline().element());  // not its own
    breakElement(next.get());
    co_await eventually("it tells again", [&] { return failures.size() > 1; });
    CHECK(failures.size() == 2);
    CHECK_THAT(failures.back(), Catch::Matchers::ContainsSubstring(": broken"));
    co_await transport->close();
  }());
}

TEST_CASE("a producer that is closed tells, once, and can only be read") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const std::shared_ptr<Track> track = opusTrack();
    const auto producer = co_await transport->produce(ProduceOptions(track));
    CHECK(track->hasReceivers());
    int closed = 0;
    int transportClosed = 0;
    const Connection first = producer->closed.connect([&] { ++closed; });
    const Connection second = producer->transportClosed.connect([&] { ++transportClosed; });
    producer->close();
    producer->close();
    CHECK(producer->isClosed());
    CHECK(closed == 1);
    CHECK_FALSE(track->hasReceivers());
    CHECK(producer->counters().packets == 0);
    CHECK(producer->id() == "producer 1");
    CHECK(producer->kind() == MediaKind::audio);
    CHECK(producer->rtpParameters().codecs.size() == 1);
    CHECK(errorOf([&] { producer->pause(); }).code() == Error::Code::InvalidState);
    CHECK(errorOf([&] { producer->resume(); }).code() == Error::Code::InvalidState);
    co_await transport->close();
    CHECK(closed == 1);
    CHECK(transportClosed == 0);
  }());
}
