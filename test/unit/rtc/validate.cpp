#include "cosoup/rtc/validate.hpp"

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::ortc;

namespace {

/// A router's capabilities with something wrong in them.
template <class Change>
RtpCapabilities changed(Change change) {
  RtpCapabilities capabilities = example::router();
  change(capabilities);
  return capabilities;
}

template <class Change>
RtpParameters changedConsumer(Change change) {
  RtpParameters parameters = example::videoConsumer();
  change(parameters);
  return parameters;
}

}  // namespace

TEST_CASE("a router's and our own capabilities are valid, and so are none at all") {
  CHECK_NOTHROW(validateRtpCapabilities(example::router()));
  CHECK_NOTHROW(validateRtpCapabilities(example::local()));
  CHECK_NOTHROW(validateRtpCapabilities({}));
}

TEST_CASE("capabilities that give a payload type twice are invalid") {
  CHECK_THROWS_WITH(
      validateRtpCapabilities(changed([](auto& c) { c.codecs[3].preferredPayloadType = 100; })),
      "codec video/VP9 (payload type 100) is given twice");
}

TEST_CASE("capabilities whose codec has no payload type, or none there is, are invalid") {
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.codecs[3].preferredPayloadType.reset(); })),
      Error);
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.codecs[3].preferredPayloadType = 128; })),
      Error);
}

TEST_CASE("capabilities whose rtx points at no codec are invalid") {
  const auto withApt = [](const CodecParameters& parameters) {
    return changed([&](auto& c) { c.codecs[2].parameters = parameters; });
  };
  CHECK_THROWS_AS(validateRtpCapabilities(withApt({})), Error);
  CHECK_THROWS_AS(validateRtpCapabilities(withApt({{"apt", std::int64_t{42}}})), Error);
  CHECK_THROWS_AS(validateRtpCapabilities(withApt({{"apt", std::int64_t{102}}})), Error);
  CHECK_THROWS_AS(validateRtpCapabilities(withApt({{"apt", "x"}})), Error);
  CHECK_NOTHROW(validateRtpCapabilities(withApt({{"apt", "101"}})));
}

TEST_CASE("capabilities whose codec is of another kind than its media type are invalid") {
  CHECK_THROWS_WITH(
      validateRtpCapabilities(changed([](auto& c) { c.codecs[1].kind = MediaKind::audio; })),
      "codec video/VP8 is not audio");
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.codecs[1].mimeType = "video/"; })), Error);
}

TEST_CASE("capabilities without a clock rate are invalid") {
  CHECK_THROWS_AS(validateRtpCapabilities(changed([](auto& c) { c.codecs[1].clockRate = 0; })),
                  Error);
}

TEST_CASE("a header extension id may not mean two things of one kind") {
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.headerExtensions[2].preferredId = 1; })),
      Error);
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.headerExtensions[2].preferredId = 0; })),
      Error);
  CHECK_THROWS_AS(
      validateRtpCapabilities(changed([](auto& c) { c.headerExtensions[2].uri.clear(); })), Error);
  // An extension without a kind is of both.
  CHECK_THROWS_AS(validateRtpCapabilities(changed([](auto& c) {
                    c.headerExtensions.push_back({{}, "urn:other", 1, false, {}});
                  })),
                  Error);
}

TEST_CASE("consumers' parameters are valid") {
  CHECK_NOTHROW(validateConsumerRtpParameters(example::videoConsumer()));
  CHECK_NOTHROW(validateConsumerRtpParameters(example::audioConsumer()));
}

TEST_CASE("parameters without a media codec in front are invalid") {
  CHECK_THROWS_AS(validateRtpParameters({}), Error);
  CHECK_THROWS_AS(
      validateRtpParameters(changedConsumer([](auto& p) { p.codecs.erase(p.codecs.begin()); })),
      Error);
  CHECK_THROWS_AS(
      validateRtpParameters(changedConsumer([](auto& p) { p.codecs[0].mimeType = "text/x"; })),
      Error);
}

TEST_CASE("parameters that use a payload type or extension id twice are invalid") {
  CHECK_THROWS_AS(
      validateRtpParameters(changedConsumer([](auto& p) { p.codecs[1].payloadType = 101; })),
      Error);
  CHECK_THROWS_AS(
      validateRtpParameters(changedConsumer([](auto& p) { p.headerExtensions[1].id = 1; })), Error);
}

TEST_CASE("a consumer's stream has to be named by its SSRC") {
  CHECK_THROWS_AS(
      validateConsumerRtpParameters(changedConsumer([](auto& p) { p.encodings.clear(); })), Error);
  CHECK_THROWS_AS(
      validateConsumerRtpParameters(changedConsumer([](auto& p) { p.encodings[0].ssrc.reset(); })),
      Error);
  CHECK_THROWS_AS(validateConsumerRtpParameters(
                      changedConsumer([](auto& p) { p.encodings[0].rtxSsrc = 1000002; })),
                  Error);
}

TEST_CASE("a data channel is ordered unless it may lose messages") {
  SctpStreamParameters reliable;
  validateSctpStreamParameters(reliable);
  CHECK(reliable.ordered == true);
  SctpStreamParameters lossy;
  lossy.maxRetransmits = 0;
  validateSctpStreamParameters(lossy);
  CHECK(lossy.ordered == false);
  SctpStreamParameters unordered;
  unordered.ordered = false;
  validateSctpStreamParameters(unordered);
  CHECK(unordered.ordered == false);
}

TEST_CASE("reliabilities that exclude each other are invalid") {
  SctpStreamParameters both;
  both.maxPacketLifeTime = 100;
  both.maxRetransmits = 1;
  CHECK_THROWS_AS(validateSctpStreamParameters(both), Error);
  SctpStreamParameters ordered;
  ordered.ordered = true;
  ordered.maxPacketLifeTime = 100;
  CHECK_THROWS_AS(validateSctpStreamParameters(ordered), Error);
}
