#include "cosoup/rtc/sending/frame_reader.hpp"

#include "support/catch.hpp"

using namespace cosoup;

namespace {

using Bytes = std::vector<std::uint8_t>;

RtpHeader at(std::uint32_t timestamp) {
  RtpHeader header;
  header.timestamp = timestamp;
  return header;
}

// VP8 (RFC 7741): the payload descriptor, and the first byte of the frame.
const Bytes kKey = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a};
const Bytes kDelta = {0x10, 0x11, 0, 0};
const Bytes kDisposable = {0x30, 0x11, 0, 0};
const Bytes kRest = {0x00, 0x10, 0, 0};

}  // namespace

TEST_CASE("packets of one timestamp are one frame, and the next is another") {
  FrameReader reader(VideoCodec::vp8);
  const auto first = reader.read(at(1), kDelta);
  CHECK(reader.read(at(1), kRest).number == first.number);
  const auto second = reader.read(at(2), kDelta);
  CHECK(second.number == first.number + 1);
  CHECK(reader.read(at(0xffffffff), kDelta).number == second.number + 1);
}

TEST_CASE("the first packet tells what others need of a frame, for all of it") {
  FrameReader reader(VideoCodec::vp8);
  CHECK(reader.read(at(1), kKey).role == FrameRole::key);
  CHECK(reader.read(at(1), kRest).role == FrameRole::key);
  CHECK(reader.read(at(2), kDelta).role == FrameRole::delta);
  CHECK(reader.read(at(3), kDisposable).role == FrameRole::disposable);
  CHECK(reader.read(at(3), kRest).role == FrameRole::disposable);
  CHECK(reader.read(at(4), kDelta).role == FrameRole::delta);
}

TEST_CASE("parameter sets begin a key frame") {
  FrameReader reader(VideoCodec::h264);
  const Bytes set = {0x67, 0x42, 0xe0, 0x1f};
  const Bytes picture = {0x65, 0x88, 0x84, 0};
  const Bytes other = {0x61, 0xe0, 0x22, 0};
  CHECK(reader.read(at(1), set).role == FrameRole::key);
  CHECK(reader.read(at(1), picture).role == FrameRole::key);
  CHECK(reader.read(at(2), other).role == FrameRole::delta);
  CHECK(reader.read(at(3), picture).role == FrameRole::key);
}

TEST_CASE("a payload that cannot be read is needed by others") {
  FrameReader reader(VideoCodec::vp9);
  CHECK(reader.read(at(1), {}).role == FrameRole::delta);
}
