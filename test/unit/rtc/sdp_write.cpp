#include "cosoup/rtc/sdp_write.hpp"

#include "remote_sides.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::sdp;
using example::answering;
using example::has;
using example::integer;
using example::mids;
using example::offering;

namespace {

MediaSection answered(const RtpParameters& remoteView, MediaSection offer) {
  RemoteSdp remote = example::remote();
  remote.addSendSlot(offer, remoteView);
  return parse(remote.answer()).sections.at(0);
}

std::string sha256() { return example::dtls().fingerprints.at(1).value; }

}  // namespace

TEST_CASE("the session says who it is, its fingerprint and its bundle") {
  CHECK(example::remote().offer() ==
        recorded::withLineEnds("v=0\no=cosoup 10000 1 IN IP4 0.0.0.0\ns=-\nt=0 0\na=ice-lite\n"
                               "a=fingerprint:sha-256 " +
                               sha256() + "\na=msid-semantic: WMS *\n"));
  CHECK(has(offering().offer(), "a=group:BUNDLE data a0 v0"));
}

TEST_CASE("each description has the next version") {
  RemoteSdp remote = example::remote();
  CHECK(has(remote.offer(), "o=cosoup 10000 1 IN IP4 0.0.0.0"));
  CHECK(has(remote.offer(), "o=cosoup 10000 2 IN IP4 0.0.0.0"));
  CHECK(has(remote.answer(), "o=cosoup 10000 3 IN IP4 0.0.0.0"));
}

TEST_CASE("a copy of a remote side goes its own way") {
  RemoteSdp kept = offering();
  RemoteSdp tried = kept;
  tried.addReceiveSlot("v1", MediaKind::video, example::videoConsumer(7), "x", "y");
  tried.vacateReceiveSlot("v0");
  tried.offer();
  CHECK(kept.size() == 3);
  CHECK(kept.ssrcs() == std::set<std::uint32_t>{1000001, 1000002, 1000003});
  CHECK(has(kept.offer(), "o=cosoup 10000 1 IN IP4 0.0.0.0"));
}

TEST_CASE("of several fingerprints sha-256 is used, else the last") {
  const auto line = [](std::vector<DtlsFingerprint> fingerprints) {
    RemoteSdp remote(example::ice(), {}, {DtlsRole::automatic, std::move(fingerprints)});
    const std::string text = remote.offer();
    const std::size_t at = text.find("a=fingerprint:") + 14;
    return text.substr(at, text.find("\r\n", at) - at);
  };
  CHECK(line({{"sha-1", "01"}, {"SHA-256", "02"}, {"sha-512", "03"}}) == "SHA-256 02");
  CHECK(line({{"sha-1", "01"}, {"sha-384", "02"}}) == "sha-384 02");
  CHECK_THROWS_AS(line({}), Error);
}

TEST_CASE("ice-lite is said only when the server is") {
  IceParameters ice = example::ice();
  ice.iceLite = false;
  RemoteSdp remote(ice, {}, example::dtls());
  CHECK_FALSE(has(remote.offer(), "a=ice-lite"));
  ice.iceLite = true;
  remote.updateIceParameters(ice);
  CHECK(has(remote.offer(), "a=ice-lite"));
}

TEST_CASE("every section has the whole transport in it") {
  RemoteSdp remote = offering();
  const std::string text = remote.offer();
  const std::string transport = recorded::withLineEnds(
      "a=ice-ufrag:serverufrag\na=ice-pwd:serverpassword0123456789\n"
      "a=candidate:udpcandidate 1 udp 1076302079 192.0.2.1 40533 typ host\n"
      "a=candidate:tcpcandidate 1 tcp 1076276479 192.0.2.1 40534 typ host tcptype passive\n"
      "a=end-of-candidates\na=ice-options:renomination\na=setup:actpass\n");
  std::size_t found = 0;
  for (std::size_t at = text.find(transport); at != std::string::npos;
       at = text.find(transport, at + 1)) {
    ++found;
  }
  CHECK(found == 3);
}

TEST_CASE("new ICE parameters reach every section") {
  RemoteSdp remote = offering();
  remote.offer();
  remote.updateIceParameters(example::ice("restarted"));
  for (const MediaSection& section : parse(remote.offer()).sections) {
    CHECK(section.iceUfrag == "restarted");
  }
}

TEST_CASE("new ICE parameters say anew whether the server is lite") {
  RemoteSdp remote = offering();
  CHECK(has(remote.offer(), "a=ice-lite"));
  IceParameters full = example::ice("restarted");
  full.iceLite = false;
  remote.updateIceParameters(full);
  CHECK_FALSE(has(remote.offer(), "a=ice-lite"));
}

TEST_CASE("no section is closed") {
  RemoteSdp remote = offering();
  remote.vacateReceiveSlot("a0");
  remote.vacateReceiveSlot("v0");
  const SessionDescription offer = parse(remote.offer());
  CHECK(offer.bundle == std::vector<std::string>{"data", "a0", "v0"});
  for (const MediaSection& section : offer.sections) CHECK(section.port == 7);
}

TEST_CASE("an answer says the server's DTLS role") {
  const auto setup = [](DtlsRole role) {
    return parse(answering(role).answer()).sections[1].setup;
  };
  CHECK(setup(DtlsRole::client) == "active");
  CHECK(setup(DtlsRole::server) == "passive");
  CHECK(setup(DtlsRole::automatic) == "actpass");
}

TEST_CASE("an offer leaves the DTLS role open whatever it is") {
  RemoteSdp remote = offering();
  remote.setDtlsRole(DtlsRole::server);
  for (const MediaSection& section : parse(remote.offer()).sections) {
    CHECK(section.setup == "actpass");
  }
}

TEST_CASE("the data section has the server's port and message size") {
  const std::string text = offering().offer();
  CHECK(has(text, "m=application 7 UDP/DTLS/SCTP webrtc-datachannel"));
  const MediaSection data = parse(text).sections.at(0);
  CHECK(data.mid == "data");
  CHECK(data.sctpPort == 5000);
  CHECK(data.maxMessageSize == 200000u);
}

TEST_CASE("the data section of the server has the size of messages that it receives") {
  SctpParameters sctp;
  sctp.maxMessageSize = 3;
  sctp.maxSendMessageSize = 2;
  sctp.maxReceiveMessageSize = 1;
  RemoteSdp remote(example::ice(), example::candidates(), example::dtls(), sctp);
  remote.addDataSlot("data");
  CHECK(parse(remote.offer()).sections.at(0).maxMessageSize == 1u);
}

TEST_CASE("there is no data section without the server's SCTP") {
  RemoteSdp remote(example::ice(), example::candidates(), example::dtls());
  try {
    remote.addDataSlot("data");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::InvalidState);
  }
}

TEST_CASE("the answer has the offer's sections in the offer's order") {
  const SessionDescription answer = parse(answering().answer());
  CHECK(mids(answer) == mids(parse(recorded::sendOffer)));
  CHECK(answer.bundle == mids(answer));
}

TEST_CASE("data may stand between media, in answers and offers") {
  const SessionDescription offer = parse(recorded::sendOffer);
  RemoteSdp sending = example::remote();
  sending.addSendSlot(offer.section("audio1"), {});
  sending.addDataSlot("application0");
  sending.addSendSlot(offer.section("video2"), {});
  CHECK(mids(parse(sending.answer())) ==
        std::vector<std::string>{"audio1", "application0", "video2"});
}

TEST_CASE("an answer receives what is sent") {
  const SessionDescription answer = parse(answering().answer());
  for (std::size_t i = 1; i < answer.sections.size(); ++i) {
    CHECK(answer.sections[i].direction == MediaDirection::recvonly);
    CHECK(answer.sections[i].protocol == "UDP/TLS/RTP/SAVPF");
    CHECK(answer.sections[i].ssrcs.empty());
  }
}

TEST_CASE("an answer has the codecs of the remote view, rtx included, each once") {
  const SessionDescription offer = parse(recorded::sendOffer);
  const SessionDescription answer = parse(answering().answer());
  for (const char* mid : {"audio1", "video2", "video3", "video4"}) {
    CHECK(answer.section(mid).codecs == offer.section(mid).codecs);
  }
  CHECK(has(answering().answer(), "m=video 7 UDP/TLS/RTP/SAVPF 101 97"));
}

TEST_CASE("the remote view's parameters are written as one fmtp line") {
  RtpParameters remote;
  remote.codecs.resize(1);
  remote.codecs[0].mimeType = "audio/opus";
  remote.codecs[0].payloadType = 100;
  remote.codecs[0].clockRate = 48000;
  remote.codecs[0].parameters = {{"stereo", integer(1)}, {"ratio", 0.5}, {"text", "a,b=="}};
  const MediaSection section = answered(remote, parse(recorded::sendOffer).section("audio1"));
  CHECK(section.codecs.at(0).parameters ==
        CodecParameters{{"stereo", integer(1)}, {"ratio", 0.5}, {"text", "a,b=="}});
}

TEST_CASE("feedback without a parameter has no trailing blank") {
  const std::string text = answering().answer();
  CHECK(has(text, "a=rtcp-fb:101 transport-cc"));
  CHECK(has(text, "a=rtcp-fb:101 nack pli"));
  CHECK(text.find(" \r\n") == std::string::npos);
}

TEST_CASE("channels are written when there is more than one") {
  const auto rtpmap = [](std::optional<std::uint8_t> channels) {
    RtpParameters consumer = example::audioConsumer();
    consumer.codecs[0].channels = channels;
    RemoteSdp remote = example::remote();
    remote.addReceiveSlot("a", MediaKind::audio, consumer, "s", "t");
    return remote.offer();
  };
  CHECK(has(rtpmap(2), "a=rtpmap:100 opus/48000/2"));
  CHECK(has(rtpmap(1), "a=rtpmap:100 opus/48000"));
  CHECK(has(rtpmap(std::nullopt), "a=rtpmap:100 opus/48000"));
}

TEST_CASE("an answer has only the header extensions of the offer, under our ids") {
  RtpParameters remote;
  remote.headerExtensions = {{example::kTransportCc, 5, false, {}}, {"urn:unknown", 6, false, {}}};
  const MediaSection section = answered(remote, parse(recorded::sendOffer).section("video2"));
  REQUIRE(section.headerExtensions.size() == 1);
  CHECK(section.headerExtensions[0].uri == example::kTransportCc);
  CHECK(section.headerExtensions[0].id == 5);
}

TEST_CASE("mixed header extensions are allowed in the answer when the offer allows them") {
  MediaSection offer = parse(recorded::sendOffer).section("video2");
  CHECK_FALSE(answered({}, offer).extmapAllowMixed);
  offer.extmapAllowMixed = true;
  CHECK(answered({}, offer).extmapAllowMixed);
}

TEST_CASE("an answer receives the rids that are sent") {
  const MediaSection section = parse(answering().answer()).section("video4");
  CHECK(section.simulcast == "recv r0;r1;r2");
  CHECK(section.rids == std::vector<Rid>{{"r0", "recv"}, {"r1", "recv"}, {"r2", "recv"}});
  CHECK(parse(answering().answer()).section("video2").simulcast.empty());
}

TEST_CASE("paused layers of simulcast stay paused in the answer") {
  MediaSection offer = parse(recorded::sendOffer).section("video4");
  offer.simulcast = "send r0;~r1;~r2";
  CHECK(answered({}, offer).simulcast == "recv r0;~r1;~r2");
}

TEST_CASE("the old syntax of simulcast is answered in the old syntax") {
  MediaSection offer = parse(recorded::sendOffer).section("video4");
  offer.simulcast = " send rid=r0;r1;r2";
  const std::string text = [&] {
    RemoteSdp remote = example::remote();
    remote.addSendSlot(offer, {});
    return remote.answer();
  }();
  CHECK(has(text, "a=simulcast: recv rid=r0;r1;r2"));
}

TEST_CASE("an answer of audio alone and one of audio and video differ by a section") {
  const SessionDescription offer = parse(recorded::sendOffer);
  RemoteSdp remote = example::remote();
  remote.addSendSlot(offer.section("audio1"), {});
  CHECK(parse(remote.answer()).bundle == std::vector<std::string>{"audio1"});
  remote.addSendSlot(offer.section("video2"), {});
  const SessionDescription answer = parse(remote.answer());
  CHECK(answer.bundle == std::vector<std::string>{"audio1", "video2"});
  CHECK(mids(answer) == answer.bundle);
}

TEST_CASE("an answer names no SSRC") { CHECK(answering().ssrcs().empty()); }
