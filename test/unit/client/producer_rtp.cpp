// What a producer's RTP packets say beside the media, and who may see them.
#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_transport.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("an app is shown the pad of a producer's packets before the server is asked") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    std::vector<Ref<GstPad>> pads;
    const auto remember = [&](GstPad* pad) {
      pads.push_back(Ref<GstPad>::share(pad));
      CHECK(call.produced.size() + 1 == pads.size());
    };
    for (int i = 0; i < 2; ++i) {
      ProduceOptions options(rawVideoTrack());
      options.encodings.resize(2);
      options.onRtpSender = remember;
      const auto producer = co_await transport->produce(std::move(options));
      producer->close();
    }
    REQUIRE(pads.size() == 2);
    CHECK(pads[0] == pads[1]);  // the second took over the slot of the first
    CHECK(GST_PAD_IS_SRC(pads[0].get()));
    CHECK(gst_pad_is_linked(pads[0].get()));
    co_await transport->close();
  }());
}

TEST_CASE("what onRtpSender throws fails produce, and the next one is made") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(vp8Track());
    options.onRtpSender = [](GstPad*) { throw Error(Error::Code::Media, "no probe"); };
    const Error error = co_await errorOf(transport->produce(std::move(options)));
    CHECK(std::string(error.what()) == "produce: no probe");
    CHECK(call.produced.empty());
    const auto producer = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(producer->id() == "producer 1");
    CHECK(call.peer().sendSlots().size() == 1);
    co_await transport->close();
  }());
}

TEST_CASE("audio has room for its level, and video has not") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto audio = co_await transport->produce(ProduceOptions(opusTrack()));
    const auto video = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(hasExtension(audio->rtpParameters(), "ssrc-audio-level"));
    CHECK_FALSE(hasExtension(video->rtpParameters(), "ssrc-audio-level"));
    co_await transport->close();
  }());
}

TEST_CASE("header extensions can be left out") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto both = co_await transport->produce(ProduceOptions(vp8Track()));
    CHECK(hasExtension(both->rtpParameters(), "transport-wide-cc"));
    CHECK_FALSE(hasExtension(both->rtpParameters(), "abs-send-time"));
    ProduceOptions remb(vp8Track());
    remb.headerExtensionOptions.transportCc = false;
    const auto one = co_await transport->produce(std::move(remb));
    CHECK_FALSE(hasExtension(one->rtpParameters(), "transport-wide-cc"));
    CHECK(hasExtension(one->rtpParameters(), "abs-send-time"));
    ProduceOptions none(vp8Track());
    none.headerExtensionOptions.transportCc = false;
    none.headerExtensionOptions.absSendTime = false;
    const auto neither = co_await transport->produce(std::move(none));
    CHECK_FALSE(hasExtension(neither->rtpParameters(), "transport-wide-cc"));
    CHECK_FALSE(hasExtension(neither->rtpParameters(), "abs-send-time"));
    CHECK(hasExtension(neither->rtpParameters(), "sdes:mid"));
    ProduceOptions quiet(opusTrack());
    quiet.headerExtensionOptions.audioLevel = false;
    const auto unheard = co_await transport->produce(std::move(quiet));
    CHECK_FALSE(hasExtension(unheard->rtpParameters(), "ssrc-audio-level"));
    co_await transport->close();
  }());
}

TEST_CASE("tracks are of the stream that the app names, else all of one") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto streamOf = [](const Producer& producer) {
      const std::string msid = producer.rtpParameters().msid.value();
      return msid.substr(0, msid.find(' '));
    };
    const auto first = co_await transport->produce(ProduceOptions(vp8Track()));
    const auto second = co_await transport->produce(ProduceOptions(opusTrack()));
    ProduceOptions options(vp8Track());
    options.streamId = "share";
    const auto third = co_await transport->produce(std::move(options));
    CHECK(streamOf(*first) == streamOf(*second));
    CHECK(first->rtpParameters().msid != second->rtpParameters().msid);
    CHECK(streamOf(*third) == "share");
    co_await transport->close();
  }());
}

TEST_CASE("orientation, time of capture and playout delay are signalled unless left out") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    const auto video = co_await transport->produce(ProduceOptions(vp8Track()));
    const auto audio = co_await transport->produce(ProduceOptions(opusTrack()));
    CHECK(hasExtension(video->rtpParameters(), "video-orientation"));
    CHECK_FALSE(hasExtension(audio->rtpParameters(), "video-orientation"));
    for (const char* uri : {"abs-capture-time", "playout-delay"}) {
      CHECK(hasExtension(video->rtpParameters(), uri));
      CHECK(hasExtension(audio->rtpParameters(), uri));
    }
    ProduceOptions options(vp8Track());
    options.headerExtensionOptions.videoOrientation = false;
    options.headerExtensionOptions.absCaptureTime = false;
    options.headerExtensionOptions.playoutDelay = false;
    const auto without = co_await transport->produce(std::move(options));
    for (const char* uri : {"video-orientation", "abs-capture-time", "playout-delay"}) {
      CHECK_FALSE(hasExtension(without->rtpParameters(), uri));
    }
    co_await transport->close();
  }());
}

TEST_CASE("a playout delay that cannot be sent is refused before anything happens") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions options(vp8Track());
    options.playoutDelay.emplace(std::chrono::milliseconds(0), std::chrono::milliseconds(50000));
    const Error error = co_await errorOf(transport->produce(std::move(options)));
    CHECK(error.code() == Error::Code::InvalidArgument);
    CHECK(std::string(error.what()) == "produce: playout delay: 50000 ms are out of range");
    CHECK(call.produced.empty());
    co_await transport->close();
  }());
}
