#include "cosoup/webrtc/sent_section.hpp"

#include "support/catch.hpp"
#include "unit/webrtc/rtp_packets.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a section knows its kind, payload type and extensions by its caps") {
  const SentSection video = videoSection();
  CHECK(video.kind == MediaKind::video);
  CHECK(video.payloadType == kVideoPayloadType);
  CHECK(video.extensions.absSendTime == kTimeId);
  CHECK(video.extensions.transportCc == kNumberId);
  CHECK(video.retransmission.form == Retransmission::Form::rtx);
}

TEST_CASE("a section without header extensions has no ids of them") {
  const SentSection audio = section("media=audio, encoding-name=OPUS, payload=100", {});
  CHECK(audio.kind == MediaKind::audio);
  CHECK(audio.extensions.absSendTime == 0);
  CHECK(audio.extensions.transportCc == 0);
}
