#include "cosoup/rtc/packet_history.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using History = PacketHistory<std::uint16_t>;

/// A history of numbers, each the packet's own, sent every 20 ms, two to a picture.
class Sent {
 public:
  void send(unsigned packets) {
    for (unsigned i = 0; i < packets; ++i) {
      now_ += 20ms;
      history.put(next_, next_ / 2u, next_, now_);
      ++next_;
    }
  }
  void wait(std::chrono::milliseconds time) { now_ += time; }
  void jumpTo(std::uint16_t number) { next_ = number; }
  const History::Entry* find(std::uint16_t number) { return history.find(number, now_); }
  /// Whether it is there, and is the right one.
  bool has(std::uint16_t number) {
    const auto* entry = find(number);
    if (entry) CHECK(entry->packet == number);
    return entry != nullptr;
  }

  History history;

 private:
  std::uint16_t next_ = 100;
  History::Time now_;
};

}  // namespace

TEST_CASE("a packet that was sent is found, another is not") {
  Sent sent;
  CHECK_FALSE(sent.has(100));
  sent.send(10);
  CHECK(sent.has(100));
  CHECK(sent.has(109));
  CHECK_FALSE(sent.has(110));
  CHECK_FALSE(sent.has(99));
}

TEST_CASE("a packet is found with the time at which it was sent, and its picture begun") {
  Sent sent;
  sent.send(4);
  CHECK(sent.find(102)->sent.time_since_epoch() == 60ms);
  CHECK(sent.find(102)->picture.time_since_epoch() == 60ms);
  CHECK(sent.find(103)->sent.time_since_epoch() == 80ms);
  CHECK(sent.find(103)->picture.time_since_epoch() == 60ms);
  CHECK(sent.find(103)->timestamp == 51);
}

TEST_CASE("what is older than five seconds is forgotten") {
  Sent sent;
  sent.send(1);
  sent.wait(5000ms);
  CHECK(sent.has(100));
  sent.wait(1ms);
  CHECK_FALSE(sent.has(100));
  CHECK(sent.history.size() == 0);
}

TEST_CASE("a history of many packets a second has an end, too") {
  History history;
  const History::Time now;
  for (std::uint16_t i = 0; i < 3000; ++i) history.put(i, i, i, now);
  CHECK(history.size() == 1024);
  CHECK_FALSE(history.find(1975, now));
  REQUIRE(history.find(1976, now));
  CHECK(history.find(1976, now)->packet == 1976);
  CHECK(history.find(2999, now));
}

TEST_CASE("numbers wrap in a history, and go on without") {
  Sent sent;
  sent.jumpTo(65530);
  sent.send(12);
  CHECK(sent.has(65530));
  CHECK(sent.has(65535));
  CHECK(sent.has(0));
  CHECK(sent.has(5));
  CHECK(sent.find(5)->number - sent.find(65530)->number == 11);
}

TEST_CASE("a packet that comes by a second time does not become a new one") {
  History history;
  History::Time now;
  for (std::uint16_t i = 0; i < 5; ++i) history.put(i, i, i, now);
  history.put(2, 2, 77, now + 20ms);
  CHECK(history.size() == 5);
  CHECK(history.find(2, now)->packet == 2);
  CHECK(history.find(2, now)->sent == now);
}

TEST_CASE("where the numbers jump a new history begins, whose numbers are others") {
  for (const std::uint16_t to : {20000, 60000, 2000}) {
    INFO(to);
    Sent sent;
    sent.send(10);
    const std::int64_t before = sent.find(109)->number;
    sent.jumpTo(to);
    sent.send(5);
    CHECK(sent.history.size() == 5);
    CHECK_FALSE(sent.has(105));
    REQUIRE(sent.has(to));
    CHECK(sent.find(to)->number > before);
    CHECK(static_cast<std::uint16_t>(sent.find(to)->number) == to);
  }
}

TEST_CASE("a packet 1024 numbers behind the newest is found, one further behind is not") {
  History history;
  const History::Time now;
  history.put(9, 9, 9, now);
  history.put(10, 10, 10, now);
  history.put(1000, 1000, 1000, now);
  history.put(1034, 1034, 1034, now);
  CHECK_FALSE(history.find(9, now));
  REQUIRE(history.find(10, now));
  CHECK_FALSE(history.find(11, now));
}
