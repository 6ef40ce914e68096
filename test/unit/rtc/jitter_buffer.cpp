#include "cosoup/rtc/jitter_buffer.hpp"

#include <memory>
#include <numeric>

#include "unit/rtc/received_stream.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<std::uint16_t>;

Numbers range(unsigned first, unsigned count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), static_cast<std::uint16_t>(first));
  return numbers;
}

}  // namespace

TEST_CASE("packets in order pass at once, whatever number is the first") {
  for (const unsigned first : {0u, 1u, 4711u, 65533u, 65535u}) {
    INFO(first);
    ReceivedStream stream(receivedWith(true, 100ms));
    for (const std::uint16_t number : range(first, 6)) {
      stream.come(number);
      CHECK(stream.delivered() == Numbers{number});
      CHECK_FALSE(stream.buffer.nextWake());
    }
    CHECK(stream.statistics().packets == 6);
  }
}

TEST_CASE("overtaken packets are put in order, also where numbers wrap") {
  for (const bool nack : {false, true}) {
    for (const unsigned first : {100u, 65534u, 65535u}) {
      INFO(nack << ' ' << first);
      ReceivedStream stream(receivedWith(nack, 100ms));
      const Numbers sent = range(first, 5);
      stream.come({sent[0], sent[3], sent[2]});
      CHECK(stream.delivered() == Numbers{sent[0]});
      stream.come(sent[1]);
      CHECK(stream.delivered() == Numbers{sent[1], sent[2], sent[3]});
      stream.come(sent[4]);
      CHECK(stream.delivered() == Numbers{sent[4]});
      CHECK(stream.nacks().empty());
      CHECK(stream.statistics().reordered == 2);
      CHECK(stream.statistics().recovered == 0);
      CHECK(stream.statistics().lost == 0);
    }
  }
}

TEST_CASE("a missing packet is given up exactly when the latency is over") {
  for (const bool nack : {false, true}) {
    ReceivedStream stream(receivedWith(nack, 100ms));
    stream.come({1, 4});
    stream.pass(50ms);
    stream.come({5, 7});
    stream.pass(49ms);
    CHECK(stream.delivered() == Numbers{1});
    stream.pass(1ms);
    CHECK(stream.delivered() == Numbers{4, 5});
    CHECK(stream.gaveUp);
    CHECK(stream.missing == 0);  // before 5; the two are before 4
    CHECK(stream.statistics().lost == 2);
    stream.pass(49ms);
    CHECK(stream.delivered().empty());
    stream.pass(1ms);
    CHECK(stream.delivered() == Numbers{7});
    CHECK(stream.missing == 1);
    CHECK_FALSE(stream.buffer.nextWake());
  }
}

TEST_CASE("a packet that comes when the latency is over, but before the wake, is taken") {
  ReceivedStream stream(receivedWith(false, 100ms));
  stream.come({1, 3});
  stream.now += 150ms;
  stream.come(2);
  CHECK(stream.delivered() == Numbers{1, 2, 3});
  CHECK(stream.statistics().lost == 0);
}

TEST_CASE("a packet that came as RTX is recovered, not reordered") {
  ReceivedStream stream(receivedWith(true, 200ms));
  stream.come({1, 3});
  stream.pass(60ms);
  CHECK(stream.nacks() == Numbers{2});
  stream.resend(2);
  CHECK(stream.delivered() == Numbers{1, 2, 3});
  CHECK(stream.statistics().recovered == 1);
  CHECK(stream.statistics().reordered == 0);
  CHECK(stream.statistics().nacksSent == 1);
}

TEST_CASE("without NACK nothing is ever asked for") {
  ReceivedStream stream(receivedWith(false, 1000ms));
  stream.come({1, 3, 4, 5, 6, 7, 8});
  stream.pass(2000ms);
  CHECK(stream.nacks().empty());
  CHECK(stream.delivered() == Numbers{1, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("a latency of 0 holds nothing back") {
  ReceivedStream stream(receivedWith(true, 0ms));
  stream.come({1, 2, 5});
  CHECK(stream.delivered() == Numbers{1, 2, 5});
  CHECK(stream.gaveUp);
  CHECK(stream.missing == 2);
  stream.come({4, 4});
  CHECK(stream.delivered().empty());
  CHECK_FALSE(stream.gaveUp);
  CHECK(stream.nacks().empty());
  CHECK_FALSE(stream.buffer.nextWake());
  CHECK(stream.statistics().late == 1);
  CHECK(stream.statistics().duplicates == 1);
  CHECK(stream.statistics().lost == 2);
}

TEST_CASE("a latency that is set goes for what is missing, too") {
  ReceivedStream stream(receivedWith(true, 400ms));
  stream.come({1, 3});
  stream.pass(100ms);
  stream.buffer.setLatency(100ms);
  CHECK(*stream.buffer.nextWake() <= stream.now);
  stream.pass(0ms);
  CHECK(stream.delivered() == Numbers{1, 3});
  CHECK(stream.buffer.latency() == 100ms);
}

TEST_CASE("duplicates are dropped, of what is delivered and of what is held") {
  ReceivedStream stream(receivedWith(true, 100ms));
  stream.come({1, 2, 2, 1, 5, 5, 7, 5});
  stream.resend(7);
  CHECK(stream.delivered() == Numbers{1, 2});
  CHECK(stream.statistics().duplicates == 5);
  CHECK(stream.statistics().late == 0);
  stream.come({3, 4, 6});
  CHECK(stream.delivered() == Numbers{3, 4, 5, 6, 7});
  CHECK(stream.statistics().duplicates == 5);
}

TEST_CASE("a packet that was given up is late, and a duplicate the second time") {
  ReceivedStream stream(receivedWith(true, 100ms));
  stream.come({1, 3});
  stream.pass(100ms);
  stream.resend(2);
  CHECK(stream.statistics().late == 1);
  CHECK(stream.statistics().recovered == 0);
  stream.come(2);
  CHECK(stream.statistics().late == 1);
  CHECK(stream.statistics().duplicates == 1);
  CHECK(stream.delivered() == Numbers{1, 3});
}

TEST_CASE("what is from before the stream's first packet is late, and no RTX begins a stream") {
  ReceivedStream stream(receivedWith(true, {}));
  stream.resend(80);
  CHECK(stream.statistics().strays == 1);
  stream.come({100, 99, 102});
  CHECK(stream.statistics().late == 1);
  stream.pass(5000ms);
  CHECK(stream.delivered() == Numbers{100, 102});
  const auto latency = stream.buffer.latency();
  stream.resend(98);
  CHECK(stream.statistics().late == 2);
  CHECK(stream.buffer.latency() == latency);
}

TEST_CASE("at the end all that is held is delivered") {
  ReceivedStream stream(receivedWith(true, 100ms));
  stream.drain();
  CHECK(stream.statistics().lost == 0);
  stream.come({1, 3, 6});
  stream.drain();
  CHECK(stream.delivered() == Numbers{1, 3, 6});
  CHECK(stream.missing == 2);
  CHECK(stream.statistics().lost == 3);
  CHECK_FALSE(stream.buffer.nextWake());
  stream.come(7);
  CHECK(stream.delivered() == Numbers{7});
}

TEST_CASE("a packet that can only be moved is moved") {
  JitterBuffer<std::unique_ptr<int>> buffer(receivedWith(true, 100ms));
  JitterBuffer<std::unique_ptr<int>>::Actions actions;
  const std::chrono::steady_clock::time_point now;
  buffer.push({1, 0, false}, std::make_unique<int>(1), now, actions);
  buffer.push({3, 0, false}, std::make_unique<int>(3), now, actions);
  buffer.push({2, 0, false}, std::make_unique<int>(2), now + 5ms, actions);
  REQUIRE(actions.packets.size() == 2);
  CHECK(*actions.packets[0].packet == 2);
  CHECK(*actions.packets[1].packet == 3);
  CHECK(actions.packets[0].arrived == now + 5ms);
  CHECK(actions.packets[1].arrived == now);
}
