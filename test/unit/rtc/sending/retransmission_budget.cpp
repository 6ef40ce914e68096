#include "cosoup/rtc/sending/retransmission_budget.hpp"

#include <deque>
#include <random>

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<std::int64_t>;
using Packets = std::vector<RequestedPacket>;

constexpr RetransmissionBudget::Time kStart{1h};

/// Of video, 1000 bytes; ten packets are a picture, and one comes each 33 ms.
RequestedPacket packet(std::int64_t number, RetransmissionBudget::Time now = kStart) {
  const auto at = now - 33ms * (10 - number / 10);
  return {.ssrc = 1, .number = number, .size = 1000, .picture = at, .sent = at};
}

RequestedPacket audioPacket(std::int64_t number, RetransmissionBudget::Time at = kStart - 300ms) {
  return {.kind = MediaKind::audio,
          .ssrc = 2,
          .number = number,
          .size = 200,
          .picture = at,
          .sent = at};
}

Numbers chosen(RetransmissionBudget& budget, Packets packets,
               RetransmissionBudget::Time now = kStart) {
  budget.choose(packets, now);
  Numbers numbers;
  for (const RequestedPacket& each : packets) numbers.push_back(each.number);
  return numbers;
}

Packets pictures(std::int64_t first, std::int64_t end) {
  Packets packets;
  for (std::int64_t number = first; number < end; ++number) packets.push_back(packet(number));
  return packets;
}

/// With so much saved up, in bytes.
RetransmissionBudget budgetOf(double bytes) {
  RetransmissionBudget budget;
  budget.setEstimate(bytes * 8 / 0.25 / 0.5, kStart - 1s);
  return budget;
}

}  // namespace

TEST_CASE("the newest packets of the newest picture are sent again first") {
  auto budget = budgetOf(5000);
  CHECK(chosen(budget, {packet(70), packet(81), packet(83), packet(82), packet(79), packet(78)}) ==
        Numbers{83, 82, 81, 79, 78});
  CHECK(budget.refused().tooMuch == 1);
}

TEST_CASE("audio is sent again before video, however old its packet is") {
  auto budget = budgetOf(3100);
  CHECK(chosen(budget, {packet(83), audioPacket(5), packet(82), audioPacket(6), packet(81)}) ==
        Numbers{6, 5, 83, 82});
}

TEST_CASE("pictures of different streams go by their time") {
  auto budget = budgetOf(9000);
  RequestedPacket other = packet(85);
  other.ssrc = 9;
  other.number = 7;
  other.picture -= 10ms;
  CHECK(chosen(budget, {packet(70), packet(80), other, packet(81)}) == Numbers{81, 80, 7, 70});
}

TEST_CASE("what is sent again is a share of the estimate, and what was saved up for a burst") {
  struct Row {
    RetransmissionOptions options;
    std::size_t atOnce;
    std::size_t later;
  };
  // 800 kbit/s: 100 packets a second.
  for (const Row& row : {Row{{}, 12, 3}, Row{{.share = 0.5}, 25, 5}, Row{{.burst = 1000ms}, 25, 2},
                         Row{{.share = 0.1, .burst = 0ms}, 3, 1}, Row{{.share = 0}, 3, 0}}) {
    RetransmissionBudget budget(row.options);
    budget.setEstimate(800'000, kStart - 10s);
    CHECK(chosen(budget, pictures(0, 50)).size() == row.atOnce);
    CHECK(chosen(budget, pictures(50, 90)).empty());
    CHECK(chosen(budget, pictures(50, 90), kStart + 100ms).size() == row.later);
  }
}

TEST_CASE("before the first estimate, and with the lowest, two packets can be saved up") {
  for (const bool isKnown : {false, true}) {
    RetransmissionBudget budget;
    if (isKnown) budget.setEstimate(1000, kStart - 10s);
    CHECK(chosen(budget, pictures(80, 90)) == Numbers{89, 88, 87});
    CHECK(chosen(budget, pictures(80, 87), kStart + 100ms).empty());
  }
}

TEST_CASE("an estimate that falls takes away what was saved up") {
  auto budget = budgetOf(50'000);
  budget.setEstimate(10'000, kStart);
  CHECK(chosen(budget, pictures(80, 90)).size() == 3);
}

TEST_CASE("one that finds too little left is not overtaken by smaller ones") {
  auto budget = budgetOf(3500);
  RequestedPacket small = packet(70);
  small.size = 100;
  CHECK(chosen(budget, {packet(89), packet(88), packet(87), packet(86), small}) ==
        Numbers{89, 88, 87});
  CHECK(chosen(budget, {packet(86), small}, kStart + 100ms) == Numbers{86, 70});
}

TEST_CASE("a packet is not sent again within a round trip") {
  struct Row {
    std::chrono::milliseconds roundTrip;
    std::chrono::milliseconds pause;
  };
  for (const Row& row : {Row{0ms, 20ms}, Row{20ms, 20ms}, Row{150ms, 150ms}}) {
    auto budget = budgetOf(50'000);
    budget.setRoundTrip(row.roundTrip);
    CHECK(chosen(budget, {packet(80), packet(80)}) == Numbers{80});
    CHECK(chosen(budget, {packet(80), packet(81)}, kStart + row.pause - 1us) == Numbers{81});
    CHECK(chosen(budget, {packet(80)}, kStart + row.pause) == Numbers{80});
    CHECK(budget.refused().tooSoon == 1);
    CHECK(chosen(budget, {packet(80)}, kStart + 2 * row.pause - 1us).empty());
  }
}

TEST_CASE("equal numbers of two streams are two packets") {
  auto budget = budgetOf(50'000);
  RequestedPacket other = packet(80);
  other.ssrc = 9;
  CHECK(chosen(budget, {packet(80), other}) == Numbers{80, 80});
}

TEST_CASE("what is older than its receiver can wait is not sent again") {
  struct Row {
    std::chrono::milliseconds roundTrip;
    std::chrono::milliseconds oldest;
  };
  for (const Row& row :
       {Row{20ms, 1000ms}, Row{100ms, 1000ms}, Row{200ms, 2000ms}, Row{900ms, 5000ms}}) {
    auto budget = budgetOf(50'000);
    budget.setRoundTrip(row.roundTrip);
    RequestedPacket old = packet(80);
    old.sent = kStart - row.oldest;
    CHECK(chosen(budget, {old}) == Numbers{80});
    old.number = 79;
    old.sent -= 1us;
    CHECK(chosen(budget, {old}).empty());
    CHECK(budget.refused().tooOld == 1);
  }
}

TEST_CASE("a receiver that asks for everything gets no more than the share, at any time") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    RetransmissionBudget budget;
    const double estimate = 100'000.0 + random() % 3'000'000;
    const std::chrono::milliseconds roundTrip(20 + random() % 300);
    budget.setEstimate(estimate, kStart);
    budget.setRoundTrip(roundTrip);
    std::map<std::int64_t, RetransmissionBudget::Time> last;
    std::deque<RequestedPacket> sent;
    std::int64_t number = 0;
    double bytes = 0;
    double least = 0;
    double most = 0;
    for (auto now = kStart; now < kStart + 20s; now += 5ms) {
      for (int i = 0; i < 3; ++i, ++number) {
        const bool isAudio = random() % 10 == 0;
        sent.push_back({.kind = isAudio ? MediaKind::audio : MediaKind::video,
                        .ssrc = isAudio ? 2u : 1u,
                        .number = number,
                        .size = isAudio ? 150 : 300 + random() % 900,
                        .picture = now,
                        .sent = now});
      }
      if (sent.size() > 600) sent.erase(sent.begin(), sent.begin() + 3);
      Packets requested;
      for (const RequestedPacket& each : sent) {
        if (random() % 3 == 0) requested.push_back(each);
      }
      budget.choose(requested, now);
      const double allowed =
          estimate / 8 * 0.25 * std::chrono::duration<double>(now - kStart).count();
      least = std::min(least, bytes - allowed);
      for (const RequestedPacket& each : requested) {
        bytes += static_cast<double>(each.size);
        const auto before = last.find(each.number);
        CHECK((before == last.end() || now - before->second >= roundTrip));
        last[each.number] = now;
      }
      most = std::max(most, bytes - allowed - least);
    }
    CHECK(most <= std::max(3000.0, estimate / 8 * 0.25 * 0.5));
    CHECK(bytes > 0.9 * estimate / 8 * 0.25 * 20);
  }
}
