#include "cosoup/rtc/packet_history.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// A history of numbers, each the packet's own, sent every 20 ms.
class Sent {
 public:
  void send(unsigned packets) {
    for (unsigned i = 0; i < packets; ++i) {
      now_ += 20ms;
      history.put(next_, next_, now_);
      ++next_;
    }
  }
  void wait(std::chrono::milliseconds time) { now_ += time; }
  void jumpTo(std::uint16_t number) { next_ = number; }
  /// Whether it is sent again, and is the right one.
  bool again(std::uint16_t number, std::chrono::milliseconds roundTrip = 0ms) {
    const auto packet = history.again(number, now_, roundTrip);
    if (packet) CHECK(*packet == number);
    return packet.has_value();
  }

  PacketHistory<std::uint16_t> history;

 private:
  std::uint16_t next_ = 100;
  PacketHistory<std::uint16_t>::Time now_;
};

}  // namespace

TEST_CASE("a packet that was just sent can be sent again, another cannot") {
  Sent sent;
  CHECK_FALSE(sent.again(100));
  sent.send(10);
  CHECK(sent.again(100));
  CHECK(sent.again(109));
  CHECK_FALSE(sent.again(110));
  CHECK_FALSE(sent.again(99));
}

TEST_CASE("a packet is sent again once in a round trip") {
  Sent sent;
  sent.send(10);
  CHECK(sent.again(105, 100ms));
  sent.wait(99ms);
  CHECK_FALSE(sent.again(105, 100ms));
  CHECK(sent.again(106, 100ms));
  sent.wait(1ms);
  CHECK(sent.again(105, 100ms));
}

TEST_CASE("without a known round trip 20 ms have to pass") {
  Sent sent;
  sent.send(10);
  CHECK(sent.again(105));
  sent.wait(19ms);
  CHECK_FALSE(sent.again(105));
  sent.wait(1ms);
  CHECK(sent.again(105));
}

TEST_CASE("what is older than a second is not sent again") {
  Sent sent;
  sent.send(1);
  sent.wait(1000ms);
  CHECK(sent.again(100));
  sent.wait(1ms);
  CHECK_FALSE(sent.again(100));
  CHECK(sent.history.size() == 0);
}

TEST_CASE("a history of many packets a second has an end, too") {
  PacketHistory<int> history;
  const PacketHistory<int>::Time now;
  for (std::uint16_t i = 0; i < 1000; ++i) history.put(i, i, now);
  CHECK(history.size() == 256);
  CHECK_FALSE(history.again(743, now));
  CHECK(history.again(744, now) == 744);
  CHECK(history.again(999, now) == 999);
}

TEST_CASE("numbers wrap in a history") {
  Sent sent;
  sent.jumpTo(65530);
  sent.send(12);
  CHECK(sent.again(65530));
  CHECK(sent.again(65535));
  CHECK(sent.again(0));
  CHECK(sent.again(5));
}

TEST_CASE("a packet that comes by a second time does not become a new one") {
  PacketHistory<int> history;
  PacketHistory<int>::Time now;
  for (std::uint16_t i = 0; i < 5; ++i) history.put(i, i, now);
  CHECK(history.again(2, now) == 2);
  history.put(2, 77, now);
  CHECK(history.size() == 5);
  CHECK_FALSE(history.again(2, now));
  CHECK(history.again(2, now + 20ms) == 2);
}

TEST_CASE("where the numbers jump a new history begins") {
  for (const std::uint16_t to : {20000, 60000, 500}) {
    INFO(to);
    Sent sent;
    sent.send(10);
    sent.jumpTo(to);
    sent.send(5);
    CHECK(sent.history.size() == 5);
    CHECK_FALSE(sent.again(105));
    CHECK(sent.again(to));
  }
}

TEST_CASE("a packet 256 numbers behind the newest is sent again, one further behind is not") {
  PacketHistory<int> history;
  const PacketHistory<int>::Time now;
  history.put(9, 9, now);
  history.put(10, 10, now);
  history.put(250, 250, now);
  history.put(266, 266, now);
  CHECK_FALSE(history.again(9, now));
  CHECK(history.again(10, now) == 10);
}

TEST_CASE("of what is sent half as much is sent again in the long run") {
  Sent sent;
  sent.send(50);
  unsigned again = 0;
  for (std::uint16_t i = 100; i < 150; ++i) again += sent.again(i) ? 1 : 0;
  CHECK(again == 25);  // a burst
  sent.send(10);
  again = 0;
  for (std::uint16_t i = 130; i < 160; ++i) again += sent.again(i) ? 1 : 0;
  CHECK(again == 5);
}
