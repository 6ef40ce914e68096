// Restarts, strays, silence, and what a bad sender may do to a jitter buffer.
#include "cosoup/rtc/jitter_buffer.hpp"
#include "unit/rtc/received_stream.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("a sender that begins anew loses none of its new packets") {
  for (const std::uint16_t to : {50000, 40000, 5}) {
    INFO(to);
    ReceivedStream stream(receivedWith(true, 100ms));
    stream.come({9000, 9001, 9003});
    const double jitter = stream.statistics().jitter;
    stream.comeStamped(to, 77);
    CHECK(stream.delivered() == Numbers{9000, 9001});
    stream.now += 20ms;
    stream.comeStamped(static_cast<std::uint16_t>(to + 1), 97);
    CHECK(stream.delivered() == Numbers{9003, to, static_cast<std::uint16_t>(to + 1)});
    CHECK(stream.gaveUp);  // 9002
    CHECK_FALSE(stream.buffer.nextWake());
    CHECK(stream.statistics().restarts == 1);
    CHECK(stream.statistics().lost == 1);
    CHECK(stream.statistics().jitter < jitter);  // the new packets had none
    stream.comeStamped(static_cast<std::uint16_t>(to + 4), 157);
    stream.pass(100ms);
    CHECK(stream.delivered() == Numbers{static_cast<std::uint16_t>(to + 4)});
    CHECK(stream.missing == 2);
  }
}

TEST_CASE("only the first packet of a new numbering is marked") {
  JitterBuffer<int> buffer(receivedWith(true, 100ms));
  JitterBuffer<int>::Actions actions;
  const std::chrono::steady_clock::time_point now;
  buffer.push({1, 0, false}, 1, now, actions);
  CHECK_FALSE(actions.packets.at(0).restarted);
  buffer.push({30000, 0, false}, 2, now, actions);
  buffer.push({30001, 0, false}, 3, now, actions);
  REQUIRE(actions.packets.size() == 2);
  CHECK(actions.packets[0].restarted);
  CHECK(actions.packets[0].missing == 0);
  CHECK_FALSE(actions.packets[1].restarted);
}

TEST_CASE("a stray is no restart") {
  ReceivedStream stream(receivedWith(true, 100ms));
  stream.come({1, 30000, 2, 30001, 3, 30001, 30001});
  stream.resend(30002);
  stream.resend(30003);
  stream.come(4);
  CHECK(stream.delivered() == Numbers{1, 2, 3, 4});
  CHECK(stream.statistics().restarts == 0);
  CHECK(stream.statistics().strays == 6);
}

TEST_CASE("a gap of more than a thousand is given up at once, one of a thousand is waited for") {
  for (const unsigned gap : {1000u, 1001u, 2999u}) {
    ReceivedStream stream(receivedWith(true, 100ms));
    stream.come(1);
    stream.come(static_cast<std::uint16_t>(2 + gap));
    const bool waits = gap == 1000;
    CHECK(stream.delivered().size() == (waits ? 1 : 2));
    CHECK(stream.statistics().lost == (waits ? 0 : gap));
    CHECK(stream.missing == (waits ? 0 : gap));
    CHECK(stream.buffer.missing() == (waits ? gap : 0));
  }
}

TEST_CASE("gaps that are too many together are all given up") {
  ReceivedStream stream(receivedWith(true, 100ms));
  stream.come({1, 603});
  CHECK(stream.buffer.missing() == 601);
  stream.come(1003);
  CHECK(stream.buffer.missing() == 1000);
  stream.come(1005);
  CHECK(stream.delivered() == Numbers{1, 603, 1003, 1005});
  CHECK(stream.statistics().lost == 1001);
}

TEST_CASE("behind a gap no more is held than there is room for") {
  ReceivedStream stream(receivedWith(true, 10'000ms));
  constexpr std::uint16_t most = ReceivedStream::Buffer::maxHeld;
  stream.come({1, 3, 5});
  for (std::uint16_t i = 6; i < 4 + most; ++i) stream.come(i);
  CHECK(stream.buffer.held() == most);
  CHECK(stream.delivered() == Numbers{1});
  stream.come(4 + most);  // gives up 2; 4 is still waited for
  CHECK(stream.buffer.held() == most);
  CHECK(stream.delivered() == Numbers{3});
  CHECK(stream.missing == 1);
  CHECK(stream.statistics().lost == 1);
  stream.come(4);
  CHECK(stream.delivered().size() == most + 1u);
  CHECK(stream.buffer.held() == 0);
}

TEST_CASE("the silence of Opus is no loss and no jitter") {
  ReceivedStream stream(receivedWith(true, {}));
  std::uint32_t timestamp = 5;
  for (std::uint16_t i = 0; i < 200; ++i) {
    const auto pause = i % 10 == 9 ? 400ms : 20ms;
    // Whether the time stamps go on in the silence or not.
    timestamp += i < 100 ? static_cast<std::uint32_t>(pause.count()) : 20;
    stream.pass(pause);
    stream.comeStamped(i, timestamp);
    CHECK(stream.delivered() == Numbers{i});
    CHECK_FALSE(stream.buffer.nextWake());
  }
  CHECK(stream.statistics().jitter == 0);
  CHECK(stream.nacks().empty());
}

TEST_CASE("an adaptive latency learns from what came too late") {
  ReceivedStream stream(receivedWith(false, {}));
  stream.come({1, 3});
  stream.pass(60ms);
  CHECK(stream.delivered() == Numbers{1, 3});
  stream.come(2);
  CHECK(stream.buffer.latency() == 75ms);
  stream.come(5);
  stream.pass(60ms);
  stream.come(4);
  CHECK(stream.delivered() == Numbers{4, 5});
  CHECK(stream.statistics().late == 1);
  CHECK(stream.statistics().reordered == 1);
}
