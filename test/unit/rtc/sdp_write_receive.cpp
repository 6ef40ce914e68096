#include "cosoup/rtc/sdp_write.hpp"

#include "remote_sides.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::sdp;
using example::has;
using example::mids;
using example::offering;

TEST_CASE("a receive slot offers the consumer's stream") {
  const std::string text = offering().offer();
  const MediaSection video = parse(text).section("v0");
  CHECK(video.direction == MediaDirection::sendonly);
  CHECK(video.protocol == "UDP/TLS/RTP/SAVPF");
  CHECK(video.codecs == example::videoConsumer().codecs);
  CHECK(has(text, "a=msid:ada-mic c2"));
  CHECK(video.ssrcs == std::vector<std::uint32_t>{1000002, 1000003});
  CHECK(video.fidGroups.size() == 1);
  CHECK(video.cname == "ada");
  CHECK(has(text, "a=rtcp-mux\na=rtcp-rsize"));
}

TEST_CASE("a stream without rtx has one SSRC and no group") {
  const MediaSection audio = parse(offering().offer()).section("a0");
  CHECK(audio.ssrcs == std::vector<std::uint32_t>{1000001});
  CHECK(audio.fidGroups.empty());
}

TEST_CASE("a slot's mid is ours, so that the consumer's mid extension is not offered") {
  const MediaSection video = parse(offering().offer()).section("v0");
  REQUIRE(video.headerExtensions.size() == 1);
  CHECK(video.headerExtensions[0].uri == example::kAbsSendTime);
  CHECK(video.headerExtensions[0].id == 4);
  CHECK_FALSE(parse(offering().offer()).find("5"));
}

TEST_CASE("an SSRC is named though the server gave no cname") {
  RtpParameters consumer = example::audioConsumer();
  consumer.rtcp.cname.clear();
  RemoteSdp remote = example::remote();
  remote.addReceiveSlot("a", MediaKind::audio, consumer, "", "c1");
  const std::string text = remote.offer();
  CHECK(has(text, "a=ssrc:1000001 cname:c1"));
  CHECK(has(text, "a=msid:- c1"));
}

TEST_CASE("blanks in a stream id do not make two ids of it") {
  RemoteSdp remote = example::remote();
  remote.addReceiveSlot("a", MediaKind::audio, example::audioConsumer(), "ada l mic", "c1");
  CHECK(has(remote.offer(), "a=msid:ada_l_mic c1"));
}

TEST_CASE("another consumer takes over a slot in place") {
  RemoteSdp remote = offering();
  RtpParameters next = example::videoConsumer(2000000);
  next.mid = "17";
  next.codecs[0].mimeType = "video/VP9";
  next.codecs[0].payloadType = 103;
  next.codecs.pop_back();
  remote.replaceReceiveSlot("v0", next, "bob-webcam", "c9");
  const std::string text = remote.offer();
  const SessionDescription offer = parse(text);
  CHECK(mids(offer) == std::vector<std::string>{"data", "a0", "v0"});
  CHECK(offer.section("v0").codecs == next.codecs);
  CHECK(offer.section("v0").ssrcs == std::vector<std::uint32_t>{2000000, 2000001});
  CHECK(has(text, "a=msid:bob-webcam c9"));
  CHECK_FALSE(has(text, "a=msid:ada-mic c2"));
}

TEST_CASE("a vacant slot stays sendonly and names no stream") {
  RemoteSdp remote = offering();
  remote.vacateReceiveSlot("v0");
  const std::string text = remote.offer();
  const MediaSection video = parse(text).section("v0");
  CHECK(video.direction == MediaDirection::sendonly);
  CHECK(video.codecs == example::videoConsumer().codecs);
  CHECK(video.ssrcs.empty());
  CHECK(video.fidGroups.empty());
  CHECK_FALSE(has(text, "a=msid:ada-mic c2"));
}

TEST_CASE("a vacant slot can be taken again") {
  RemoteSdp remote = offering();
  remote.vacateReceiveSlot("v0");
  remote.replaceReceiveSlot("v0", example::videoConsumer(9), "s", "t");
  CHECK(parse(remote.offer()).section("v0").ssrcs == std::vector<std::uint32_t>{9, 10});
}

TEST_CASE("the SSRCs of a remote side are those its sections name") {
  RemoteSdp remote = offering();
  CHECK(remote.ssrcs() == std::set<std::uint32_t>{1000001, 1000002, 1000003});
  remote.replaceReceiveSlot("v0", example::videoConsumer(5), "s", "t");
  CHECK(remote.ssrcs() == std::set<std::uint32_t>{1000001, 5, 6});
  remote.vacateReceiveSlot("v0");
  CHECK(remote.ssrcs() == std::set<std::uint32_t>{1000001});
}

TEST_CASE("only the first encoding of a consumer is offered") {
  RtpParameters consumer = example::videoConsumer();
  consumer.encodings.push_back(consumer.encodings[0]);
  consumer.encodings[1].ssrc = 3;
  RemoteSdp remote = example::remote();
  remote.addReceiveSlot("v", MediaKind::video, consumer, "s", "t");
  CHECK(remote.ssrcs() == std::set<std::uint32_t>{1000002, 1000003});
  CHECK(parse(remote.offer()).section("v").ssrcs.size() == 2);
}

TEST_CASE("a mid is used once, and names a slot of the right kind") {
  RemoteSdp remote = offering();
  CHECK(remote.has("v0"));
  CHECK_FALSE(remote.has("v1"));
  const RtpParameters consumer = example::videoConsumer();
  CHECK_THROWS_AS(remote.addReceiveSlot("v0", MediaKind::video, consumer, "", ""), Error);
  CHECK_THROWS_AS(remote.addReceiveSlot("", MediaKind::video, consumer, "", ""), Error);
  CHECK_THROWS_AS(remote.addReceiveSlot("v 1", MediaKind::video, consumer, "", ""), Error);
  CHECK_THROWS_AS(remote.addDataSlot("data"), Error);
  CHECK_THROWS_AS(remote.replaceReceiveSlot("v1", consumer, "", ""), Error);
  CHECK_THROWS_AS(remote.replaceReceiveSlot("data", consumer, "", ""), Error);
  CHECK_THROWS_AS(remote.vacateReceiveSlot("data"), Error);
  CHECK_THROWS_AS(remote.addSendSlot(parse(recorded::sendOffer).section("application0"), {}),
                  Error);
  CHECK(remote.size() == 3);
}

TEST_CASE("no text of the server's becomes a line of its own") {
  const std::string evil = "x\r\na=candidate:1 1 udp 1 6.6.6.6 6 typ host";
  const auto refused = [](RemoteSdp remote) { CHECK_THROWS_AS(remote.offer(), Error); };
  const auto withConsumer = [&](RtpParameters consumer) {
    RemoteSdp remote = example::remote();
    remote.addReceiveSlot("v", MediaKind::video, std::move(consumer), "s", "t");
    return remote;
  };
  RtpParameters consumer = example::videoConsumer();
  consumer.codecs[0].mimeType = "video/" + evil;
  refused(withConsumer(consumer));
  consumer = example::videoConsumer();
  consumer.codecs[0].parameters = {{"a", evil}};
  refused(withConsumer(consumer));
  consumer = example::videoConsumer();
  consumer.rtcp.cname = evil;
  refused(withConsumer(consumer));
  consumer = example::videoConsumer();
  consumer.headerExtensions[1].uri = evil;
  refused(withConsumer(consumer));
  RemoteSdp remote = offering();
  remote.updateIceParameters({evil, "password", true});
  refused(remote);
  remote = offering();
  remote.replaceReceiveSlot("v0", example::videoConsumer(), evil, "t");
  refused(remote);
  refused(RemoteSdp(example::ice(), {}, {DtlsRole::automatic, {{"sha-256", evil}}}));
}

TEST_CASE("a slot that another consumer takes over has that consumer's payload types, once each") {
  RemoteSdp remote = offering();
  RtpParameters consumer = example::videoConsumer(5000);
  for (int i = 0; i < 3; ++i) remote.replaceReceiveSlot("v0", consumer, "bob", "c9");
  CHECK(has(remote.offer(), "m=video 7 UDP/TLS/RTP/SAVPF 101 102"));
  CHECK(parse(remote.offer()).section("v0").codecs.size() == 2);
  CHECK(mids(parse(remote.offer())) == std::vector<std::string>{"data", "a0", "v0"});
}

TEST_CASE("a consumer that comes without a mid is offered as any other") {
  RemoteSdp remote = example::remote();
  RtpParameters consumer = example::audioConsumer();
  consumer.mid.reset();
  remote.addReceiveSlot("a0", MediaKind::audio, consumer, "ada", "c1");
  CHECK(parse(remote.offer()).section("a0").ssrcs == std::vector<std::uint32_t>{1000001});
}
