// Which frames of a server libsoup gets to see. Frames are written as RFC 6455, 5.2 has them.
#include "cosoup/signaling/frame_gate.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::string_literals;

namespace {

/// What comes out, with the bytes given one by one and all at once, which must be the same.
std::string through(FrameGate gate, const std::string& bytes) {
  FrameGate other = gate;
  std::string whole;
  std::string piecemeal;
  gate.pass(bytes, whole);
  for (const char byte : bytes) other.pass(std::string_view(&byte, 1), piecemeal);
  CHECK(whole == piecemeal);
  CHECK(gate.skipped() == other.skipped());
  return whole;
}

const std::string kEndless = "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s;

}  // namespace

TEST_CASE("frames of messages that are not too long pass untouched") {
  const std::string medium = "\x81\x7e\x01\x00"s + std::string(256, 'x');
  for (const std::string& frames :
       {""s, "\x81\x05hello"s, "\x82\x01x\x81\x00"s, "\x01\x02he\x00\x01l\x80\x02lo\x81\x01x"s,
        "\x01\x01h\x89\x02pi\x80\x01i"s, "\x88\x02\x0f\xa0"s, "\x81"s, medium}) {
    CHECK(through(FrameGate(256), frames) + (frames == "\x81"s ? frames : "") == frames);
  }
}

TEST_CASE("a message that is too long is left out, and those around it are not") {
  const std::string longer = "\x81\x06longer"s;
  CHECK(through(FrameGate(5), "\x81\x05hello"s + longer + "\x81\x01x"s + longer) ==
        "\x81\x05hello\x81\x01x"s);
  FrameGate gate(5);
  std::string out;
  gate.pass(longer + longer, out);
  CHECK(gate.skipped() == 2);
  CHECK(out.empty());
}

TEST_CASE("fragments that are too long in all end in a frame that libsoup refuses") {
  CHECK(through(FrameGate(5), "\x01\x03hel\x80\x03lo!"s) == "\x01\x03hel"s + kEndless + "lo!");
  CHECK(through(FrameGate(5), "\x01\x06longer"s) == kEndless + "longer");
  // Each message has the whole limit.
  const std::string twice = "\x01\x03hel\x80\x02lo\x01\x03hel\x80\x02lo"s;
  CHECK(through(FrameGate(5), twice) == twice);
}

TEST_CASE("a frame that is longer than what is worth skipping is refused") {
  for (const std::string& size :
       {"\x00\x00\x00\x00\x10\x00\x00\x01"s, "\xff\xff\xff\xff\xff\xff\xff\xff"s}) {
    CHECK(through(FrameGate(5), "\x81\x7f"s + size + "rest") == kEndless + "rest");
  }
}

TEST_CASE("what follows a masked frame is libsoup's affair") {
  const std::string masked = "\x81\x86\x01\x02\x03\x04longer\x81\x06longer"s;
  CHECK(through(FrameGate(5), masked) == masked);
}

TEST_CASE("pings are left out on demand, pongs and close frames are not") {
  const std::string frames = "\x89\x02pi\x8a\x02po\x88\x00"s;
  FrameGate gate(5);
  std::string out;
  gate.pass(frames, out);
  CHECK(out == frames);
  CHECK(gate.pongBytes() == 8);
  gate.setPingsPass(false);
  CHECK(through(gate, frames) == "\x8a\x02po\x88\x00"s);
  CHECK(gate.pongBytes() == 8);
}
