// How what gets lost on the way to the server is sent again, and what the server is told of it.
#include <map>

#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_transport.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "support/catch.hpp"
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// What the answer of the fake server says of the section of a slot.
sdp::MediaSection answerFor(FakeCall& call, const Producer& producer) {
  return call.peer().remote().section(*producer.rtpParameters().mid);
}

/// The SSRCs that the server is told, those of RTX by those of the media.
std::map<std::uint32_t, std::uint32_t> announced(const Producer& producer) {
  std::map<std::uint32_t, std::uint32_t> ssrcs;
  for (const RtpEncodingParameters& encoding : producer.rtpParameters().encodings) {
    ssrcs[encoding.ssrc.value()] = encoding.rtxSsrc.value();
  }
  return ssrcs;
}

}  // namespace

TEST_CASE("lost packets are sent again as RTX, with opusNack as they were, without it not at all") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions withNack(opusTrack());
    withNack.codecOptions.opusNack = true;
    const auto again = co_await transport->produce(std::move(withNack));
    const auto never = co_await transport->produce(ProduceOptions(opusTrack()));
    const auto video = co_await transport->produce(ProduceOptions(vp8Track()));
    const auto& slots = call.peer().sendSlots();
    REQUIRE(slots.size() == 3);
    CHECK(slots[0].retransmission.form == Retransmission::Form::verbatim);
    CHECK(slots[1].retransmission.form == Retransmission::Form::none);
    CHECK(slots[2].retransmission.form == Retransmission::Form::rtx);
    CHECK(ortc::hasNack(again->rtpParameters().codecs.at(0)));
    CHECK_FALSE(again->rtpParameters().encodings.at(0).rtxSsrc);
    CHECK_FALSE(ortc::hasNack(never->rtpParameters().codecs.at(0)));
    CHECK(ortc::hasNack(video->rtpParameters().codecs.at(0)));
    CHECK(ortc::hasNack(answerFor(call, *again).codecs.at(0)));
    CHECK_FALSE(ortc::hasNack(answerFor(call, *never).codecs.at(0)));
    co_await transport->close();
  }());
}

TEST_CASE("the server is told the SSRCs of RTX that are sent, also of a slot that is used again") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    ProduceOptions layers(rawVideoTrack());
    layers.encodings.resize(3);
    const auto layered = co_await transport->produce(std::move(layers));
    auto video = co_await transport->produce(ProduceOptions(vp8Track()));
    const auto sound = co_await transport->produce(ProduceOptions(opusTrack()));
    const auto& slots = call.peer().sendSlots();
    REQUIRE(slots.size() == 3);
    CHECK(announced(*layered).size() == 3);
    CHECK(slots[0].retransmission.rtxSsrcs == announced(*layered));
    CHECK(slots[0].retransmission.rtxPayloadType ==
          layered->rtpParameters().codecs.at(1).payloadType);
    CHECK(slots[1].retransmission.rtxSsrcs == announced(*video));
    CHECK(slots[2].retransmission.rtxSsrcs.empty());
    video->close();
    video = co_await transport->produce(ProduceOptions(vp8Track()));
    REQUIRE(slots.size() == 3);
    CHECK(slots[1].retransmission.rtxSsrcs == announced(*video));
    co_await transport->close();
  }());
}
