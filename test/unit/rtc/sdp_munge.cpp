#include "cosoup/rtc/sdp_munge.hpp"

#include "cosoup/rtc/sdp_read.hpp"
#include "examples.hpp"
#include "recorded_sdp.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::sdp;
using example::integer;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

RtpParameters stereo(std::uint8_t payloadType, std::int64_t value) {
  RtpParameters consumer = example::audioConsumer();
  consumer.codecs[0].payloadType = payloadType;
  consumer.codecs[0].parameters = {{"sprop-stereo", value}};
  return consumer;
}

}  // namespace

TEST_CASE("a description that is not edited comes out as it went in") {
  CHECK(LocalSdpEditor(recorded::sendOffer).text() == recorded::sendOffer);
  CHECK(LocalSdpEditor(recorded::receiveAnswer).text() == recorded::receiveAnswer);
  CHECK(LocalSdpEditor(recorded::browserOffer).text() == recorded::browserOffer);
}

TEST_CASE("long lines come out whole") {
  const std::string line = "a=fmtp:100 sprop-parameter-sets=" + std::string(100000, 'x') + "\r\n";
  CHECK(LocalSdpEditor(recorded::sendOffer + line).text() == recorded::sendOffer + line);
}

TEST_CASE("the size of data channel messages stands behind the SCTP port") {
  const std::string text = LocalSdpEditor(recorded::sendOffer).setMaxMessageSize(262144).text();
  CHECK(count(text, "a=sctp-port:5000\r\na=max-message-size:262144\r\n") == 1);
  CHECK(parse(text).sections.at(0).maxMessageSize == 262144u);
}

TEST_CASE("the size of data channel messages is set once") {
  LocalSdpEditor editor(recorded::sendOffer);
  const std::string text = editor.setMaxMessageSize(1).setMaxMessageSize(65536).text();
  CHECK(count(text, "a=max-message-size:") == 1);
  CHECK(parse(text).sections.at(0).maxMessageSize == 65536u);
}

TEST_CASE("a description without data has no size of messages") {
  CHECK(LocalSdpEditor(recorded::browserOffer).setMaxMessageSize(262144).text() ==
        recorded::browserOffer);
}

TEST_CASE("a header extension is added to the section it is meant for") {
  const std::string text = LocalSdpEditor(recorded::receiveAnswer)
                               .addHeaderExtension("v0", 5, example::kTransportCc)
                               .text();
  const SessionDescription answer = parse(text);
  CHECK(answer.section("v0").headerExtensions.at(0).uri == example::kTransportCc);
  CHECK(answer.section("v0").headerExtensions.at(0).id == 5);
  CHECK(answer.section("a0").headerExtensions.empty());
  CHECK(answer.section("data").headerExtensions.empty());
}

TEST_CASE("a header extension is not added twice, nor under an id in use") {
  LocalSdpEditor editor(recorded::sendOffer);
  editor.addHeaderExtension("video2", 9, example::kTransportCc);
  editor.addHeaderExtension("video2", 4, "urn:other");
  editor.addHeaderExtension("no such mid", 4, "urn:other");
  CHECK(editor.text() == recorded::sendOffer);
}

TEST_CASE("stereo is added to the fmtp of the answer's opus") {
  const std::string text =
      LocalSdpEditor(recorded::receiveAnswer).setOpusStereo("a0", stereo(100, 1)).text();
  CHECK(count(text, "a=fmtp:100 minptime=10;sprop-stereo=1;useinbandfec=1;stereo=1\r\n") == 1);
}

TEST_CASE("stereo is changed where it stands already") {
  LocalSdpEditor editor(recorded::receiveAnswer);
  editor.setOpusStereo("a0", stereo(100, 1)).setOpusStereo("a0", stereo(100, 0));
  CHECK(count(editor.text(), "useinbandfec=1;stereo=0\r\n") == 1);
  CHECK(count(editor.text(), ";stereo=") == 1);
}

TEST_CASE("an opus without fmtp gets one for stereo") {
  std::string answer = recorded::receiveAnswer;
  const std::size_t at = answer.find("a=fmtp:100 ");
  answer.erase(at, answer.find("\r\n", at) + 2 - at);
  const std::string text = LocalSdpEditor(answer).setOpusStereo("a0", stereo(100, 1)).text();
  CHECK(parse(text).section("a0").codecs.at(0).parameters ==
        CodecParameters{{"stereo", integer(1)}});
}

TEST_CASE("stereo is left alone for other codecs, payload types and silence about it") {
  LocalSdpEditor editor(recorded::receiveAnswer);
  editor.setOpusStereo("a0", stereo(101, 1));
  editor.setOpusStereo("v0", stereo(101, 1));
  editor.setOpusStereo("v0", example::videoConsumer());
  editor.setOpusStereo("no such mid", stereo(100, 1));
  CHECK(editor.text() == recorded::receiveAnswer);
}

TEST_CASE("an editor takes nothing but SDP") { CHECK_THROWS_AS(LocalSdpEditor("garbage"), Error); }

TEST_CASE("an edit cannot add a line of its own choosing") {
  LocalSdpEditor editor(recorded::receiveAnswer);
  CHECK_THROWS_AS(editor.addHeaderExtension("v0", 5, "urn:x\r\na=inactive"), Error);
}

TEST_CASE("an answer takes the DTLS role that it is told, in every section") {
  const std::string answer = LocalSdpEditor(recorded::receiveAnswer).setSetup("passive").text();
  CHECK(count(recorded::receiveAnswer, "a=setup:active\r\n") > 0);
  CHECK(count(answer, "a=setup:passive\r\n") ==
        count(recorded::receiveAnswer, "a=setup:active\r\n"));
  CHECK(count(answer, "a=setup:") == count(answer, "a=setup:passive\r\n"));
  CHECK(LocalSdpEditor(answer).setSetup("active").text() == recorded::receiveAnswer);
}
