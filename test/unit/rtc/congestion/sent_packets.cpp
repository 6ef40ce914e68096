#include "cosoup/rtc/congestion/sent_packets.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

const SentPackets::Time start{1000s};

TransportCcFeedback feedback(std::uint16_t base, std::uint16_t count,
                             std::vector<TransportCcFeedback::Arrival> arrivals,
                             std::uint32_t reference = 0) {
  return {base, count, reference, 0, std::move(arrivals)};
}

/// Packets of 100, 101… bytes, 1 ms apart.
SentPackets sent(std::uint16_t first, int count) {
  SentPackets packets;
  for (int i = 0; i < count; ++i) {
    packets.add(static_cast<std::uint16_t>(first + i), static_cast<std::size_t>(100 + i),
                start + i * 1ms);
  }
  return packets;
}

}  // namespace

TEST_CASE("feedback tells of sent packets whether they have come and when, across the wrap") {
  SentPackets packets = sent(65534, 4);
  std::vector<PacketResult> results;
  packets.match(feedback(65534, 4, {{65534, 5ms}, {1, 7ms}}, 2), start + 50ms, results);
  REQUIRE(results.size() == 4);
  for (int i = 0; i < 4; ++i) {
    CHECK(results[static_cast<std::size_t>(i)].number == 65534 + i);
    CHECK(results[static_cast<std::size_t>(i)].size == static_cast<std::size_t>(100 + i));
    CHECK(results[static_cast<std::size_t>(i)].sent == start + i * 1ms);
  }
  CHECK(results[0].arrived == 133ms);
  CHECK_FALSE(results[1].arrived);
  CHECK_FALSE(results[2].arrived);
  CHECK(results[3].arrived == 135ms);
}

TEST_CASE("a packet has one result, and a second only when it has come after all") {
  SentPackets packets = sent(10, 3);
  std::vector<PacketResult> results;
  packets.match(feedback(10, 2, {{10, 0ms}}), start, results);
  CHECK(results.size() == 2);
  packets.match(feedback(10, 2, {{10, 0ms}}), start, results);
  CHECK(results.empty());
  packets.match(feedback(10, 3, {{11, 4ms}, {12, 5ms}}), start, results);
  REQUIRE(results.size() == 2);
  CHECK(results[0].number == 11);
  CHECK(results[0].wasLost);
  CHECK(results[0].arrived == 4ms);
  CHECK_FALSE(results[1].wasLost);
  packets.match(feedback(10, 3, {}), start, results);
  CHECK(results.empty());
}

TEST_CASE("feedback on what was not sent, or long ago, tells nothing") {
  SentPackets packets = sent(10, 3);
  std::vector<PacketResult> results;
  packets.match(feedback(10, 4, {{10, 0ms}}), start, results);
  CHECK(results.empty());
  packets.match(feedback(5, 0, {}), start, results);
  CHECK(results.empty());
  packets.match(feedback(5, 7, {{5, 0ms}, {10, 1ms}}), start, results);
  CHECK(results.size() == 2);
  packets.match(feedback(12, 1, {{12, 0ms}}), start + 11s, results);
  CHECK(packets.size() == 1);
  CHECK(results.size() == 1);
  SentPackets none;
  none.match(feedback(0, 1, {{0, 0ms}}), start, results);
  CHECK(results.empty());
}

TEST_CASE("what is remembered of sent packets is bounded, and numbers with gaps are taken") {
  SentPackets packets;
  for (int i = 0; i < 70'000; ++i) {
    packets.add(static_cast<std::uint16_t>(i * 2), 100, start,
                i % 2 ? std::optional(7u) : std::nullopt);
  }
  CHECK(packets.size() == SentPackets::maxPackets);
  const auto newest = static_cast<std::uint16_t>(69'999 * 2);
  std::vector<PacketResult> results;
  packets.match(feedback(static_cast<std::uint16_t>(newest - 1), 2, {{newest, 0ms}}), start,
                results);
  REQUIRE(results.size() == 1);
  CHECK(results[0].number == 69'999 * 2);
  CHECK(results[0].probe == 7u);
  packets.add(static_cast<std::uint16_t>(newest - 2), 100, start);
  CHECK(packets.size() == SentPackets::maxPackets);
}

TEST_CASE("the reference time of feedback wraps, and may go back") {
  SentPackets packets = sent(0, 3);
  std::vector<PacketResult> results;
  packets.match(feedback(0, 1, {{0, 0ms}}, 0xffffff), start, results);
  const auto first = results.at(0).arrived.value();
  packets.match(feedback(1, 1, {{1, 0ms}}, 1), start, results);
  CHECK(results.at(0).arrived.value() - first == 128ms);
  packets.match(feedback(2, 1, {{2, 0ms}}, 0xfffffe), start, results);
  CHECK(results.at(0).arrived.value() - first == -64ms);
}
