#include "cosoup/rtc/sending/pacer.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<int>;

/// Sends 1000 bytes in 10 ms. Packets are numbered as they are pushed.
class Paced {
 public:
  explicit Paced(PacerOptions options = {}) : pacer(options) { pacer.setTarget(320'000, now - 1s); }

  void push(SendPriority priority, std::uint32_t ssrc = 1, std::size_t size = 1000) {
    pacer.push({.priority = priority, .ssrc = ssrc, .size = size}, next_++, now);
  }
  void frame(std::uint64_t frame, FrameRole role, int packets, std::uint32_t ssrc = 1) {
    for (int i = 0; i < packets; ++i) {
      pacer.push({.ssrc = ssrc, .size = 1000, .frame = frame, .role = role}, next_++, now);
    }
  }
  Numbers wake() {
    pacer.wake(now, actions);
    Numbers sent;
    for (const auto& each : actions.packets) sent.push_back(each.packet);
    return sent;
  }
  /// What is sent until a time, woken as the pacer says.
  Numbers until(Pacer<int>::Time end) {
    Numbers all;
    for (auto at = pacer.nextWake(); at && *at <= end; at = pacer.nextWake()) {
      now = std::max(now, *at);
      for (const int packet : wake()) all.push_back(packet);
      for (const auto& each : actions.dropped) dropped.push_back(each);
    }
    now = end;
    return all;
  }

  Pacer<int>::Time now{1h};
  Pacer<int> pacer;
  Pacer<int>::Actions actions;
  std::vector<DroppedPackets> dropped;

 private:
  int next_ = 0;
};

}  // namespace

TEST_CASE("a frame is spread at two and a half times the target") {
  Paced paced;
  paced.frame(1, FrameRole::key, 5);
  CHECK(paced.wake() == Numbers{0});
  // 5 ms are covered by credit.
  CHECK(paced.pacer.nextWake() == paced.now + 5ms);
  CHECK(paced.until(paced.now + 5ms) == Numbers{1});
  CHECK(paced.until(paced.now + 9999us).empty());
  CHECK(paced.until(paced.now + 1us) == Numbers{2});
  CHECK(paced.until(paced.now + 1s) == Numbers{3, 4});
  CHECK_FALSE(paced.pacer.nextWake());
  CHECK(paced.pacer.packets() == 0);
}

TEST_CASE("the pacing factor can be set") {
  Paced paced({.factor = 1});
  paced.frame(1, FrameRole::key, 11);
  const auto start = paced.now;
  CHECK(paced.until(start + 10s).size() == 11);
  paced.frame(2, FrameRole::delta, 3);
  CHECK(paced.until(paced.now + 40ms).size() == 2);  // 5 ms of credit, 25 ms a packet
}

TEST_CASE("however low the target, packets go on") {
  Paced paced;
  paced.pacer.setTarget(0, paced.now);
  paced.frame(1, FrameRole::key, 2);
  CHECK(paced.until(paced.now + 400ms).size() == 2);
}

TEST_CASE("a class goes before those below it") {
  Paced paced;
  paced.frame(1, FrameRole::key, 2);
  paced.wake();
  paced.push(SendPriority::padding);
  paced.push(SendPriority::video, 2);
  paced.push(SendPriority::retransmission);
  paced.push(SendPriority::audio, 3, 100);
  CHECK(paced.until(paced.now + 1s) == Numbers{5, 4, 3, 1, 2});
}

TEST_CASE("audio is sent at once, and what comes after it waits the longer") {
  Paced paced;
  paced.frame(1, FrameRole::key, 3);
  CHECK(paced.wake() == Numbers{0});
  CHECK(paced.pacer.nextWake() == paced.now + 5ms);
  paced.now += 100us;
  paced.push(SendPriority::audio, 2, 200);
  CHECK(paced.pacer.nextWake() == paced.now);
  CHECK(paced.wake() == Numbers{3});
  CHECK(paced.pacer.nextWake() == paced.now - 100us + 7ms);
}

TEST_CASE("streams of one class take turns by bytes") {
  Paced paced;
  for (int i = 0; i < 8; ++i) paced.push(SendPriority::video, 1, 500);
  for (int i = 0; i < 4; ++i) paced.push(SendPriority::video, 2, 1000);
  CHECK(paced.until(paced.now + 1s) == Numbers{0, 8, 1, 2, 9, 3, 4, 10, 5, 6, 11, 7});
}

TEST_CASE("a stream that was silent has saved nothing up, and neither has a new one") {
  Paced paced;
  paced.push(SendPriority::video, 2);
  for (int i = 0; i < 20; ++i) paced.push(SendPriority::video, 1);
  paced.until(paced.now + 1s);
  for (int i = 0; i < 3; ++i) paced.push(SendPriority::video, 1);
  for (int i = 0; i < 3; ++i) paced.push(SendPriority::video, 2);
  for (int i = 0; i < 3; ++i) paced.push(SendPriority::video, 3);
  CHECK(paced.until(paced.now + 1s) == Numbers{24, 27, 25, 21, 28, 26, 22, 29, 23});
}

TEST_CASE("however high the pacing rate, a millisecond is between two wakes") {
  Paced paced;
  paced.pacer.setTarget(32'000'000, paced.now);  // 10 packets a millisecond
  paced.frame(1, FrameRole::key, 300);
  const auto start = paced.now;
  int wakes = 0;
  for (; const auto at = paced.pacer.nextWake(); ++wakes) {
    paced.now = std::max(paced.now, *at);
    paced.wake();
  }
  CHECK(wakes >= 25);
  CHECK(paced.now - start == (wakes - 1) * 1ms);
  CHECK(paced.now - start <= 30ms);
}

TEST_CASE("frames that have waited too long are dropped up to the next key frame, which is told") {
  Paced paced({.dropAfter = 500ms});
  paced.frame(1, FrameRole::key, 60);
  paced.frame(2, FrameRole::delta, 3);
  paced.frame(3, FrameRole::delta, 3);
  // Begun, so it is finished, after 600 ms.
  CHECK(paced.until(paced.now + 300ms).size() == 31);
  paced.frame(4, FrameRole::delta, 1);
  paced.frame(5, FrameRole::key, 2);
  paced.frame(6, FrameRole::delta, 1);
  CHECK(paced.until(paced.now + 250ms).size() == 25);
  REQUIRE(paced.dropped.size() == 1);
  CHECK(paced.dropped[0].ssrc == 1);
  CHECK(paced.dropped[0].packets == 7);
  CHECK(paced.dropped[0].frames == 3);
  CHECK_FALSE(paced.dropped[0].needsKeyFrame);
  CHECK(paced.until(paced.now + 1s) == Numbers{56, 57, 58, 59, 67, 68, 69});
}

TEST_CASE("without a key frame in the queue nothing is sent until one comes") {
  Paced paced({.dropAfter = 100ms});
  paced.frame(1, FrameRole::key, 1);
  paced.frame(2, FrameRole::delta, 1, 9);
  paced.frame(2, FrameRole::delta, 15);
  paced.frame(3, FrameRole::delta, 1);
  paced.until(paced.now + 300ms);
  REQUIRE(paced.dropped.size() == 1);
  CHECK(paced.dropped[0].needsKeyFrame);
  CHECK(paced.dropped[0].frames == 1);
  paced.frame(4, FrameRole::delta, 2);
  CHECK(paced.until(paced.now + 1s).empty());
  paced.frame(3, FrameRole::delta, 1, 9);
  CHECK(paced.until(paced.now + 1s) == Numbers{20});  // the other stream goes on
  REQUIRE(paced.dropped.size() == 2);
  CHECK(paced.dropped[1].frames == 1);
  CHECK(paced.dropped[1].needsKeyFrame);
  paced.frame(5, FrameRole::key, 1);
  CHECK(paced.until(paced.now + 1s) == Numbers{21});
}

TEST_CASE("of a dropped frame no packet is sent, whenever it comes") {
  Paced paced({.dropAfter = 100ms});
  paced.frame(1, FrameRole::key, 1, 9);
  paced.frame(1, FrameRole::key, 1);
  paced.now += 101ms;
  paced.wake();
  CHECK(paced.actions.dropped.size() == 2);
  paced.frame(1, FrameRole::key, 2);
  CHECK(paced.until(paced.now + 1s).empty());
  paced.frame(2, FrameRole::delta, 1);
  CHECK(paced.until(paced.now + 1s).empty());
  paced.frame(3, FrameRole::key, 1);
  CHECK(paced.until(paced.now + 1s) == Numbers{5});
}

TEST_CASE("a frame that was begun is given up after twice the time") {
  Paced paced({.dropAfter = 100ms});
  paced.frame(1, FrameRole::key, 60);
  CHECK(paced.until(paced.now + 2s).size() == 21);
  REQUIRE(paced.dropped.size() == 1);
  CHECK(paced.dropped[0].packets == 39);
  CHECK(paced.dropped[0].needsKeyFrame);
}

TEST_CASE("disposable frames are dropped first, alone") {
  Paced paced({.dropAfter = 200ms});
  paced.frame(1, FrameRole::key, 11);
  paced.frame(2, FrameRole::disposable, 5);
  paced.frame(3, FrameRole::delta, 4);
  paced.frame(4, FrameRole::disposable, 1);
  const Numbers sent = paced.until(paced.now + 1s);
  CHECK(sent == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17, 18, 19});
  REQUIRE(paced.dropped.size() == 2);
  CHECK(paced.dropped[0].frames == 1);
  CHECK(paced.dropped[0].packets == 5);
  CHECK_FALSE(paced.dropped[0].needsKeyFrame);
}

TEST_CASE("what is sent again is dropped by packets, and audio not at all") {
  Paced paced({.dropAfter = 100ms});
  paced.push(SendPriority::retransmission);
  paced.push(SendPriority::audio, 2);
  paced.now += 60ms;
  paced.push(SendPriority::retransmission);
  paced.now += 60ms;
  CHECK(paced.until(paced.now + 1s) == Numbers{1, 2});
  REQUIRE(paced.dropped.size() == 1);
  CHECK(paced.dropped[0].packets == 1);
  CHECK(paced.dropped[0].frames == 0);
}

TEST_CASE("a probe has its own bitrate, filled up with padding") {
  Paced paced({.paddingSize = 200});
  paced.frame(1, FrameRole::key, 2);
  paced.pacer.probe({.id = 7, .bitrate = 1'600'000, .packets = 5, .bytes = 4000}, paced.now);
  std::size_t padding = 0;
  const auto start = paced.now;
  for (auto at = paced.pacer.nextWake(); at; at = paced.pacer.nextWake()) {
    paced.now = std::max(paced.now, *at);
    paced.wake();
    for (const auto& each : paced.actions.packets) CHECK(each.probe == 7u);
    for (const auto& each : paced.actions.padding) {
      CHECK(each.probe == 7);
      padding += each.size;
    }
  }
  CHECK(padding == 2000);
  CHECK(paced.now - start == 19ms);  // up to the last packet, which takes 1 ms
  paced.frame(2, FrameRole::delta, 2);
  CHECK(paced.until(paced.now + 1s).size() == 2);
  CHECK_FALSE(paced.actions.packets.back().probe);
}

TEST_CASE("a probe has as many packets as it is to have, also if they make more bytes") {
  Paced paced({.paddingSize = 200});
  paced.pacer.probe({.id = 7, .bitrate = 1'600'000, .packets = 5, .bytes = 300}, paced.now);
  std::size_t packets = 0;
  for (auto at = paced.pacer.nextWake(); at; at = paced.pacer.nextWake()) {
    paced.now = std::max(paced.now, *at);
    paced.wake();
    packets += paced.actions.padding.size();
  }
  CHECK(packets == 5);
}

TEST_CASE("probes follow each other, and then the pacing rate holds again") {
  Paced paced;
  paced.pacer.probe({.id = 1, .bitrate = 800'000, .packets = 1, .bytes = 1000}, paced.now);
  paced.pacer.probe({.id = 2, .bitrate = 1'600'000, .packets = 1, .bytes = 2000}, paced.now);
  std::vector<std::size_t> bytes(3);
  for (auto at = paced.pacer.nextWake(); at; at = paced.pacer.nextWake()) {
    paced.now = std::max(paced.now, *at);
    paced.wake();
    for (const auto& each : paced.actions.padding) bytes[each.probe] += each.size;
  }
  CHECK(bytes == std::vector<std::size_t>{0, 1000, 2000});
  paced.now += 1s;
  paced.frame(1, FrameRole::key, 20);
  CHECK(paced.until(paced.now + 100ms).size() == 11);
}

TEST_CASE("a probe that is asked for takes nothing from the one that lasts") {
  Paced paced({.paddingSize = 200});
  paced.pacer.probe({.id = 1, .bitrate = 1'600'000, .packets = 5, .bytes = 4000}, paced.now);
  paced.wake();
  CHECK(paced.actions.padding.size() == 1);
  paced.now += 5ms;  // late, which it makes up for
  paced.pacer.probe({.id = 2, .bitrate = 1'600'000, .packets = 5, .bytes = 4000}, paced.now);
  paced.wake();
  CHECK(paced.actions.padding.size() == 5);
}

TEST_CASE("a target set during a probe counts after it") {
  Paced paced;
  paced.pacer.probe({.id = 1, .bitrate = 1'600'000, .packets = 1, .bytes = 20'000}, paced.now);
  paced.pacer.setTarget(32'000, paced.now);
  paced.frame(1, FrameRole::key, 10);
  CHECK(paced.until(paced.now + 50ms).size() == 10);
  paced.until(paced.now + 1s);
  paced.frame(2, FrameRole::delta, 10);
  CHECK(paced.until(paced.now + 300ms).size() == 4);
}

TEST_CASE("a stream that has ended is sent no more") {
  Paced paced;
  paced.frame(1, FrameRole::key, 3);
  paced.frame(1, FrameRole::key, 2, 2);
  paced.pacer.forget(1);
  CHECK(paced.pacer.bytes() == 2000);
  CHECK(paced.until(paced.now + 1s) == Numbers{3, 4});
  CHECK(paced.dropped.empty());
}

TEST_CASE("the expected wait is what the queue takes at the pacing rate") {
  Paced paced;
  CHECK(paced.pacer.expectedWait() == 0ms);
  paced.frame(1, FrameRole::key, 7);
  CHECK(paced.pacer.expectedWait() == 70ms);
}
