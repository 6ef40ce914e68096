#include "cosoup/rtc/sdp_read.hpp"

#include "examples.hpp"
#include "recorded_sdp.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::sdp;
using example::integer;

namespace {

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

/// A description with one video section of the given lines.
MediaSection videoSection(const std::string& lines) {
  return parse(kHead + "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" +
               recorded::withLineEnds("a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\n" + lines))
      .sections.at(0);
}

}  // namespace

TEST_CASE("webrtcbin's offer is read section by section") {
  const SessionDescription offer = parse(recorded::sendOffer);
  CHECK(offer.bundle ==
        std::vector<std::string>{"application0", "audio1", "video2", "video3", "video4"});
  REQUIRE(offer.sections.size() == 5);
  CHECK_FALSE(offer.sections[0].kind);
  CHECK(offer.sections[0].sctpPort == 5000);
  CHECK_FALSE(offer.sections[0].maxMessageSize);
  const MediaSection& video = offer.section("video2");
  CHECK(video.kind == MediaKind::video);
  CHECK(video.protocol == "UDP/TLS/RTP/SAVPF");
  CHECK(video.direction == MediaDirection::sendonly);
  CHECK(video.setup == "actpass");
  CHECK(video.iceUfrag == offer.sections[0].iceUfrag);
  CHECK(video.icePwd.size() == 32);
  CHECK(video.fingerprints.at(0).algorithm == "sha-256");
}

TEST_CASE("a bundled section of webrtcbin's offer has port 0 and is not closed") {
  const SessionDescription offer = parse(recorded::sendOffer);
  CHECK(offer.sections[0].port == 9);
  CHECK(offer.section("video2").port == 0);
  CHECK(offer.section("video2").direction == MediaDirection::sendonly);
}

TEST_CASE("codecs are read with their parameters and feedback") {
  const MediaSection video = parse(recorded::sendOffer).section("video3");
  REQUIRE(video.codecs.size() == 2);
  CHECK(video.codecs[0].mimeType == "video/H264");
  CHECK(video.codecs[0].payloadType == 103);
  CHECK(video.codecs[0].clockRate == 90000);
  CHECK_FALSE(video.codecs[0].channels);
  CHECK(video.codecs[0].parameters ==
        CodecParameters{{"packetization-mode", integer(1)},
                        {"profile-level-id", "42e01f"},
                        {"sprop-parameter-sets", "Z0LAH9oBQBbsBEAAAPpAADqYI8YMqA==,aM48gA=="}});
  CHECK(video.codecs[0].rtcpFeedback ==
        std::vector<RtcpFeedback>{
            {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"transport-cc", ""}});
  CHECK(video.codecs[1].parameters == CodecParameters{{"apt", integer(103)}});
}

TEST_CASE("channels are read for audio") {
  const MediaSection audio = parse(recorded::sendOffer).section("audio1");
  CHECK(audio.codecs.at(0).mimeType == "audio/OPUS");
  CHECK(audio.codecs.at(0).channels == 2);
  CHECK_FALSE(audio.codecs.at(1).channels);
}

TEST_CASE("a profile-level-id of decimal digits stays text") {
  const SessionDescription offer = parse(recorded::browserOffer);
  CHECK(offer.section("1").codecs.at(2).parameters ==
        CodecParameters{{"level-asymmetry-allowed", integer(1)},
                        {"packetization-mode", integer(1)},
                        {"profile-level-id", "420010"}});
}

TEST_CASE("a parameter is a number when its text is one and would be written the same") {
  const std::vector<std::pair<std::string, ParameterValue>> table = {
      {"1", integer(1)},
      {"-7", integer(-7)},
      {"1000", integer(1000)},
      {"0.5", 0.5},
      {"-2.25", -2.25},
      {"42e01f", "42e01f"},
      {"1e3", "1e3"},
      {"0010", "0010"},
      {"+1", "+1"},
      {"1.50", "1.50"},
      {"1.", "1."},
      {".5", ".5"},
      {"0x10", "0x10"},
      {"nan", "nan"},
      {"inf", "inf"},
      {"99999999999999999999", "99999999999999999999"},
      {"-0", "-0"},
      {"", ""},
  };
  for (const auto& [text, value] : table) {
    CAPTURE(text);
    const MediaSection section = videoSection("a=fmtp:96 key=" + text + "\n");
    CHECK(section.codecs.at(0).parameters == CodecParameters{{"key", value}});
  }
}

TEST_CASE("feedback for * is that of all codecs but rtx") {
  const MediaSection video = parse(recorded::browserOffer).section("1");
  REQUIRE(video.codecs.size() == 4);
  CHECK(video.codecs[0].rtcpFeedback ==
        std::vector<RtcpFeedback>{{"goog-remb", ""}, {"nack", "pli"}, {"nack", ""}});
  CHECK(video.codecs[1].rtcpFeedback.empty());
  CHECK(video.codecs[2].rtcpFeedback ==
        std::vector<RtcpFeedback>{{"goog-remb", ""}, {"nack", "pli"}});
}

TEST_CASE("header extensions are read, with or without a direction, encrypted ones are not") {
  const MediaSection audio = parse(recorded::browserOffer).section("0");
  REQUIRE(audio.headerExtensions.size() == 2);
  CHECK(audio.headerExtensions[0].uri == "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
  CHECK(audio.headerExtensions[0].id == 1);
  CHECK(audio.headerExtensions[1].uri == example::kAbsSendTime);
  CHECK(audio.headerExtensions[1].id == 2);
}

TEST_CASE("mixed header extensions are noticed where they are allowed") {
  const SessionDescription offer = parse(recorded::browserOffer);
  CHECK_FALSE(offer.section("0").extmapAllowMixed);
  CHECK(offer.section("1").extmapAllowMixed);
}

TEST_CASE("rids and simulcast are read") {
  const MediaSection video = parse(recorded::sendOffer).section("video4");
  CHECK(video.rids == std::vector<Rid>{{"r0", "send"}, {"r1", "send"}, {"r2", "send"}});
  CHECK(video.simulcast == "send r0;r1;r2");
  CHECK(video.ssrcs.empty());
}

TEST_CASE("the cname is found behind the msid line that webrtcbin writes first") {
  CHECK(parse(recorded::sendOffer).section("video2").cname == "user2691357875@host-9e1ed763");
  CHECK(parse(recorded::sendOffer).section("video4").cname.empty());
}

TEST_CASE("a section is found by mid, or missed with an error") {
  const SessionDescription offer = parse(recorded::sendOffer);
  REQUIRE(offer.find("video3"));
  CHECK(offer.find("video3")->mid == "video3");
  CHECK(offer.find("3") == nullptr);
  CHECK_THROWS_WITH(offer.section("3"), "the description has no section '3'");
}

TEST_CASE("webrtcbin's answer makes us the DTLS client") {
  const DtlsParameters parameters = dtlsParameters(parse(recorded::receiveAnswer));
  CHECK(parameters.role == DtlsRole::client);
  REQUIRE(parameters.fingerprints.size() == 1);
  CHECK(parameters.fingerprints[0].value.size() == 95);
}

TEST_CASE("webrtcbin's offer leaves the DTLS role open") {
  CHECK(dtlsParameters(parse(recorded::sendOffer)).role == DtlsRole::automatic);
}

TEST_CASE("fingerprint and role are looked up in the session first") {
  const std::string section =
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=setup:passive\r\na=fingerprint:sha-1 BB\r\n";
  const DtlsParameters both =
      dtlsParameters(parse(kHead + "a=setup:active\r\na=fingerprint:sha-256 AA\r\n" + section));
  CHECK(both.role == DtlsRole::client);
  CHECK(both.fingerprints == std::vector<DtlsFingerprint>{{"sha-256", "AA"}});
  const DtlsParameters media = dtlsParameters(parse(kHead + section));
  CHECK(media.role == DtlsRole::server);
  CHECK(media.fingerprints == std::vector<DtlsFingerprint>{{"sha-1", "BB"}});
  CHECK(dtlsParameters(parse(recorded::browserOffer)).fingerprints.at(0).algorithm == "sha-256");
}

TEST_CASE("each setup is a role, at the session's level and at that of a section") {
  const std::vector<std::pair<std::string, DtlsRole>> table = {{"active", DtlsRole::client},
                                                               {"passive", DtlsRole::server},
                                                               {"actpass", DtlsRole::automatic}};
  const std::string fingerprint = "a=fingerprint:sha-256 AA\r\n";
  for (const auto& [setup, role] : table) {
    CAPTURE(setup);
    const std::string line = "a=setup:" + setup + "\r\n";
    const std::string media = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
    CHECK(dtlsParameters(parse(kHead + line + fingerprint + media)).role == role);
    CHECK(dtlsParameters(parse(kHead + media + fingerprint + line)).role == role);
    CHECK(dtlsParameters(parse(kHead + fingerprint + media + line)).role == role);
  }
}

TEST_CASE("fingerprint and role may stand in different sections") {
  const DtlsParameters parameters = dtlsParameters(
      parse(kHead + "m=audio 9 UDP 0\r\na=setup:active\r\nm=video 9 UDP 0\r\na=setup:passive\r\n" +
            "a=fingerprint:sha-256 AA\r\na=fingerprint:sha-512 BB\r\n"));
  CHECK(parameters.role == DtlsRole::client);
  CHECK(parameters.fingerprints.size() == 2);
}

TEST_CASE("a description without fingerprint or role has no DTLS parameters") {
  CHECK_THROWS_AS(dtlsParameters(parse(kHead)), Error);
  CHECK_THROWS_AS(dtlsParameters(parse(kHead + "a=fingerprint:sha-256 AA\r\n")), Error);
  CHECK_THROWS_AS(dtlsParameters(parse(kHead + "a=setup:active\r\n")), Error);
  CHECK_THROWS_AS(dtlsParameters(parse(kHead + "a=fingerprint:sha-256 AA\r\na=setup:holdconn\r\n")),
                  Error);
}

TEST_CASE("each media SSRC is an encoding, with its rtx SSRC") {
  const auto encodings = rtpEncodings(parse(recorded::sendOffer).section("video2"));
  REQUIRE(encodings.size() == 1);
  CHECK(encodings[0].ssrc == 2222u);
  CHECK(encodings[0].rtxSsrc == 1434895739u);
}

TEST_CASE("encodings are in the order in which their SSRCs appear") {
  const auto encodings =
      rtpEncodings(videoSection("a=ssrc-group:FID 30 31\n"
                                "a=ssrc:30 cname:x\na=ssrc:20 cname:x\n"
                                "a=ssrc:31 cname:x\na=ssrc:10 cname:x\n"
                                "a=ssrc:20 msid:a b\na=ssrc-group:FID 10 11\n"
                                "a=ssrc:11 cname:x\n"));
  REQUIRE(encodings.size() == 3);
  CHECK(encodings[0].ssrc == 30u);
  CHECK(encodings[0].rtxSsrc == 31u);
  CHECK(encodings[1].ssrc == 20u);
  CHECK_FALSE(encodings[1].rtxSsrc);
  CHECK(encodings[2].ssrc == 10u);
  CHECK(encodings[2].rtxSsrc == 11u);
}

TEST_CASE("a section without SSRCs has no encodings") {
  CHECK_THROWS_WITH(rtpEncodings(parse(recorded::sendOffer).section("video4")),
                    "section 'video4' names no SSRC");
}

TEST_CASE("capabilities are those of the first audio and the first video section") {
  const RtpCapabilities capabilities = extractRtpCapabilities(parse(recorded::browserOffer));
  REQUIRE(capabilities.codecs.size() == 8);
  CHECK(capabilities.codecs[0].mimeType == "audio/opus");
  CHECK(capabilities.codecs[0].preferredPayloadType == 111);
  CHECK(capabilities.codecs[0].channels == 2);
  CHECK(capabilities.codecs[7].mimeType == "video/rtx");
  REQUIRE(capabilities.headerExtensions.size() == 3);
  CHECK(capabilities.headerExtensions[2].kind == MediaKind::video);
  CHECK(capabilities.headerExtensions[2].preferredId == 4);
  CHECK_NOTHROW(ortc::validateRtpCapabilities(capabilities));
}

TEST_CASE("capabilities from webrtcbin's offer have codecs in common with a router") {
  const auto extended = ortc::getExtendedRtpCapabilities(
      extractRtpCapabilities(parse(recorded::sendOffer)), example::router());
  REQUIRE(extended.codecs.size() == 2);
  CHECK(extended.codecs[0].mimeType == "audio/opus");
  CHECK(extended.codecs[1].mimeType == "video/VP8");
  CHECK(extended.codecs[1].localRtxPayloadType == 97);
}

TEST_CASE("text that is not SDP is refused") {
  for (const char* text : {"", "garbage", "v=1\r\n", "v=0", "v=0\r\ns=-\r\n", "m=audio 9 UDP 0",
                           "{\"type\":\"offer\"}", "\r\nv=0\r\no=- 1 1 IN IP4 0\r\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse(text), Error);
  }
  CHECK_THROWS_AS(parse(kHead + std::string(1, '\0') + "m=audio 9 UDP 0\r\n"), Error);
  CHECK_THROWS_WITH(parse("v=0\r\n" + std::string(5000000, 'x')), "SDP: too long");
}

TEST_CASE("lines that make no sense are left out") {
  const MediaSection section = videoSection(
      "a=rtpmap:x VP8/90000\na=rtpmap:98\na=rtpmap:99 VP8\na=rtpmap:300 VP8/90000\n"
      "a=rtpmap:96 /90000\na=fmtp:x a=1\na=fmtp:96\na=fmtp:96 ;;=1;a;\na=rtcp-fb:x nack\n"
      "a=rtcp-fb:96\na=extmap:0 u\na=extmap:x u\na=extmap:3\na=extmap:256 u\na=ssrc:x cname:y\n"
      "a=ssrc:4294967296 cname:y\na=ssrc-group:FID 1\na=ssrc-group:SIM 1 2\na=rid:\n"
      "a=fingerprint:sha-256\na=sctp-port:x\na=max-message-size:-1\na=:\na=\n");
  CHECK(section.codecs.size() == 2);
  CHECK(section.codecs[0].parameters.empty());
  CHECK(section.codecs[0].rtcpFeedback.empty());
  CHECK(section.headerExtensions.empty());
  CHECK(section.ssrcs.empty());
  CHECK(section.fidGroups.empty());
  CHECK(section.rids.empty());
  CHECK(section.fingerprints.empty());
  CHECK_FALSE(section.sctpPort);
  CHECK_FALSE(section.maxMessageSize);
}

TEST_CASE("a description cut off or garbled anywhere is read or refused, never fatal") {
  const auto survives = [](const std::string& text) {
    try {
      const SessionDescription description = parse(text);
      for (const MediaSection& section : description.sections) rtpEncodings(section);
      dtlsParameters(description);
    } catch (const Error& error) {
      return error.code() == Error::Code::InvalidArgument;
    }
    return true;
  };
  const std::string& whole = recorded::sendOffer;
  bool allSurvive = true;
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    allSurvive = allSurvive && survives(whole.substr(0, length));
    std::string garbled = whole;
    garbled[length] = static_cast<char>(garbled[length] ^ static_cast<char>(length % 255 + 1));
    allSurvive = allSurvive && survives(garbled);
  }
  CHECK(allSurvive);
}
