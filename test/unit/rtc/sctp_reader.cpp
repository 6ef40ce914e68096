// Whole messages out of SCTP packets.
#include "cosoup/rtc/sctp_reader.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/rtc/sctp_packets.hpp"

using namespace cosoup;
using cosoup::test::SctpPacket;
using Data = SctpPacket::Data;

namespace {

/// An association whose peer begins with TSN 1000, and what has come out of it, as text:
/// "stream:content", "stream>size" for an oversized message, "reset 1,2", "end".
class Association {
 public:
  explicit Association(std::uint32_t initialTsn = 1000, std::size_t most = 1024 * 1024)
      : reader_(most) {
    read(SctpPacket().init(initialTsn));
  }

  void read(const SctpPacket& packet) {
    for (const sctp::Event& event : reader_.read(packet.bytes())) {
      std::visit([this](const auto& happened) { write(happened); }, event);
    }
  }
  void read(const Data& data) { read(SctpPacket().data(data)); }

  std::vector<std::string> out;
  std::vector<std::uint32_t> ppids;

 private:
  void write(const sctp::Message& message) {
    out.push_back(std::to_string(message.streamId) + ":" + message.bytes);
    ppids.push_back(message.ppid);
  }
  void write(const sctp::Oversized& message) {
    out.push_back(std::to_string(message.streamId) + ">" + std::to_string(message.size));
  }
  void write(const sctp::StreamReset& reset) {
    std::string text = "reset";
    for (const std::uint16_t streamId : reset.streamIds) text += " " + std::to_string(streamId);
    out.push_back(text);
  }
  void write(const sctp::Ended&) { out.push_back("end"); }

  sctp::SctpReader reader_;
};

using Lines = std::vector<std::string>;

Data part(std::uint32_t tsn, std::string content, bool begins, bool ends) {
  Data data;
  data.tsn = tsn;
  data.streamId = 7;
  data.content = std::move(content);
  data.begins = begins;
  data.ends = ends;
  return data;
}

Data whole(std::uint32_t tsn, std::uint16_t streamId, std::uint16_t sequence, std::string content) {
  Data data;
  data.tsn = tsn;
  data.streamId = streamId;
  data.sequence = sequence;
  data.content = std::move(content);
  return data;
}

Data unordered(Data data) {
  data.unordered = true;
  return data;
}

}  // namespace

TEST_CASE("a message in one chunk comes out with its stream and its payload protocol") {
  Association peer;
  Data data = whole(1000, 3, 0, "hello");
  data.ppid = 53;
  peer.read(data);
  CHECK(peer.out == Lines{"3:hello"});
  CHECK(peer.ppids == std::vector<std::uint32_t>{53});
}

TEST_CASE("several messages in one packet come out in their order") {
  Association peer;
  SctpPacket packet;
  packet.data(whole(1000, 1, 0, "a")).data(whole(1001, 2, 0, "b")).data(whole(1002, 1, 1, "c"));
  peer.read(packet);
  CHECK(peer.out == Lines{"1:a", "2:b", "1:c"});
}

TEST_CASE("the parts of a message are put together in whichever order they come") {
  std::vector<Data> parts{part(1000, "one ", true, false), part(1001, "two ", false, false),
                          part(1002, "three ", false, false), part(1003, "four", false, true)};
  const auto byTsn = [](const Data& a, const Data& b) { return a.tsn < b.tsn; };
  int orders = 0;
  do {
    Association peer;
    for (const Data& data : parts) peer.read(data);
    CHECK(peer.out == Lines{"7:one two three four"});
    ++orders;
  } while (std::next_permutation(parts.begin(), parts.end(), byTsn));
  CHECK(orders == 24);
}

TEST_CASE("parts of neighbouring messages are not mixed") {
  Association peer;
  peer.read(part(1001, "B", false, true));
  Data second = part(1002, "C", true, false);
  second.sequence = 1;
  peer.read(second);
  CHECK(peer.out.empty());
  peer.read(part(1000, "A", true, false));
  CHECK(peer.out == Lines{"7:AB"});
  second.tsn = 1003;
  second.content = "D";
  second.begins = false;
  second.ends = true;
  peer.read(second);
  CHECK(peer.out == Lines{"7:AB", "7:CD"});
}

TEST_CASE("what comes twice counts once") {
  Association peer;
  for (int i = 0; i < 3; ++i) peer.read(whole(1000, 1, 0, "a"));
  for (int i = 0; i < 2; ++i) peer.read(unordered(whole(1002, 1, 0, "c")));  // ahead of a gap
  peer.read(whole(1001, 1, 1, "b"));
  peer.read(unordered(whole(1002, 1, 0, "c")));
  CHECK(peer.out == Lines{"1:a", "1:c", "1:b"});
}

TEST_CASE("an ordered stream waits for what is missing, other streams and the unordered do not") {
  Association peer;
  peer.read(whole(1001, 1, 1, "second"));
  peer.read(whole(1002, 2, 0, "other"));
  peer.read(unordered(whole(1003, 1, 0, "urgent")));
  CHECK(peer.out == Lines{"2:other", "1:urgent"});
  peer.read(whole(1000, 1, 0, "first"));
  CHECK(peer.out == Lines{"2:other", "1:urgent", "1:first", "1:second"});
}

TEST_CASE("numbers wrap around") {
  Association peer(0xfffffffe);
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    peer.read(whole(0xfffffffe + i, 1, static_cast<std::uint16_t>(i), "x"));
  }
  CHECK(peer.out.size() == 70'000);
}

TEST_CASE("what the peer has given up is not waited for") {
  Association peer;
  peer.read(whole(1001, 1, 1, "second"));
  peer.read(part(1003, "half of a message", true, false));
  CHECK(peer.out.empty());
  peer.read(SctpPacket().forwardTsn(1003, {{1, 0}, {7, 0}}));
  CHECK(peer.out == Lines{"1:second"});
  Data next = part(1004, "next", true, true);
  next.sequence = 1;
  peer.read(next);
  CHECK(peer.out == Lines{"1:second", "7:next"});
}

TEST_CASE("what did come before something given up is delivered in its order") {
  Association peer;
  peer.read(whole(1001, 1, 1, "one"));
  peer.read(whole(1003, 1, 3, "three"));
  peer.read(whole(1005, 1, 5, "five"));
  peer.read(SctpPacket().forwardTsn(1004, {{1, 4}}));
  CHECK(peer.out == Lines{"1:one", "1:three", "1:five"});
}

TEST_CASE("a message that comes after it was given up is dropped") {
  Association peer;
  peer.read(SctpPacket().forwardTsn(1000, {{1, 0}}));
  peer.read(whole(1000, 1, 0, "too late"));
  peer.read(whole(1001, 1, 0, "of an old number"));
  peer.read(whole(1002, 1, 1, "in time"));
  CHECK(peer.out == Lines{"1:in time"});
}

TEST_CASE("a reset stream begins anew, once all before the reset has come") {
  Association peer;
  peer.read(whole(1000, 1, 0, "old"));
  peer.read(SctpPacket().resetStreams(50, 1001, {1}));
  CHECK(peer.out == Lines{"1:old"});
  peer.read(whole(1001, 1, 1, "last"));
  CHECK(peer.out == Lines{"1:old", "1:last", "reset 1"});
  peer.read(SctpPacket().resetStreams(50, 1001, {1}));  // the answer was lost
  peer.read(whole(1002, 1, 0, "new"));
  CHECK(peer.out == Lines{"1:old", "1:last", "reset 1", "1:new"});
}

TEST_CASE("a reset without stream ids is of all streams") {
  Association peer;
  peer.read(whole(1000, 1, 0, "a"));
  peer.read(whole(1001, 2, 0, "b"));
  peer.read(SctpPacket().resetStreams(50, 1001, {}));
  peer.read(whole(1002, 1, 0, "c"));
  peer.read(whole(1003, 2, 0, "d"));
  CHECK(peer.out == Lines{"1:a", "2:b", "reset", "1:c", "2:d"});
}

TEST_CASE("the same association may be told of twice") {
  Association peer;
  peer.read(whole(1000, 1, 0, "a"));
  peer.read(SctpPacket().init(1000, 2));
  peer.read(whole(1001, 1, 1, "b"));
  CHECK(peer.out == Lines{"1:a", "1:b"});
}

TEST_CASE("a new association forgets the old one") {
  Association peer;
  peer.read(part(1000, "half", true, false));
  peer.read(SctpPacket().init(5));
  peer.read(whole(5, 1, 0, "a"));
  CHECK(peer.out == Lines{"1:a"});
}

TEST_CASE("a message that is too large is told by its size, and the next one comes") {
  Association peer(1000, 10);
  peer.read(part(1000, "123456", true, false));
  peer.read(part(1001, "789012", false, false));
  peer.read(part(1002, "3", false, true));
  Data next = part(1003, "1234567890", true, true);
  next.sequence = 1;
  peer.read(next);
  CHECK(peer.out == Lines{"7>13", "7:1234567890"});
}

TEST_CASE("a message of 5 MiB comes out whole, one of a byte more does not") {
  constexpr std::uint32_t kParts = 5 * 1024;
  Association peer(1000, 1024 * kParts);
  const auto send = [&](std::uint32_t first, std::uint16_t sequence, std::size_t last) {
    const auto read = [&](std::uint32_t i, std::size_t size, bool begins, bool ends) {
      Data fragment = part(first + i, std::string(size, 'x'), begins, ends);
      fragment.sequence = sequence;
      peer.read(fragment);
    };
    read(0, 1024, true, false);
    for (std::uint32_t i = 1; i < kParts - 1; ++i) read(i, 1024, false, false);
    read(kParts - 1, last, false, true);
  };
  send(1000, 0, 1024);
  REQUIRE(peer.out.size() == 1);
  CHECK(peer.out.front().size() == 2 + 1024 * kParts);  // with "7:"
  send(1000 + kParts, 1, 1025);
  CHECK(peer.out.back() == "7>5242881");
}

TEST_CASE("before the association begins there are no messages") {
  sctp::SctpReader reader(1024);
  CHECK(reader.read(SctpPacket().data(whole(1, 1, 0, "a")).bytes()).empty());
}

TEST_CASE("the end of the association is told once") {
  for (const std::uint8_t type : {6, 7, 64}) {  // ABORT, SHUTDOWN, I-DATA
    Association peer;
    SctpPacket packet;
    packet.data(whole(1000, 1, 0, "a")).chunk(type, 0, {0, 0, 0, 0});
    peer.read(packet);
    peer.read(packet);
    CHECK(peer.out == Lines{"1:a", "end"});
  }
}

TEST_CASE("a peer that never ends a message cannot fill the memory") {
  Association peer(1000, 1000);
  const std::string content(1000, 'x');
  peer.read(part(1000, content, true, false));
  for (std::uint32_t i = 1; i < 10'000; ++i) peer.read(part(1000 + i, content, false, false));
  CHECK(peer.out.empty());  // only counted
  peer.read(part(11000, content, false, true));
  CHECK(peer.out == Lines{"7>10001000"});
}

TEST_CASE("a peer that leaves gaps cannot fill the memory") {
  Association peer(1000, 1000);
  const std::string content(1000, 'x');
  for (std::uint32_t i = 0; i < 10'000 && peer.out.empty(); ++i) {
    peer.read(whole(1001 + 2 * i, 1, static_cast<std::uint16_t>(i + 1), content));
  }
  CHECK(peer.out == Lines{"end"});
}

TEST_CASE("no packet of the wrong shape is read beyond its end") {
  const std::vector<std::uint8_t> good = SctpPacket()
                                             .init(1000)
                                             .data(whole(1000, 1, 0, "abc"))
                                             .forwardTsn(1005, {{1, 3}})
                                             .resetStreams(1, 1005, {1, 2, 3})
                                             .bytes();
  for (std::size_t size = 0; size < good.size(); ++size) {
    sctp::SctpReader reader(1024);
    reader.read(std::vector(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
  }
  for (std::size_t at = 12; at < good.size(); ++at) {
    std::vector<std::uint8_t> bad = good;
    for (const int value : {0, 1, 3, 5, 0x7f, 0xff}) {
      bad[at] = static_cast<std::uint8_t>(value);
      sctp::SctpReader reader(1024);
      reader.read(bad);
      reader.read(good);
    }
  }
  SUCCEED("the sanitizers have seen nothing");
}
