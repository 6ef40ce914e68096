#include "cosoup/rtc/congestion/transport_cc_feedback.hpp"

#include <random>

#include "support/catch.hpp"
#include "unit/rtc/congestion/feedback_writer.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using Arrival = TransportCcFeedback::Arrival;
using Arrivals = std::vector<Arrival>;
using Bytes = std::vector<std::uint8_t>;

namespace {

/// A body of 10 packets from 0xfffe on, with these chunks and deltas.
Bytes body(const Bytes& rest, std::uint8_t count = 10) {
  Bytes bytes{0xff, 0xfe, 0x00, count, 0x00, 0x00, 0x02, 0x07};
  for (const std::uint8_t byte : rest) bytes.push_back(byte);
  return bytes;
}

/// Nine packets, none lost, one byte of padding.
const Bytes whole{0xaf, 0xcd, 0x00, 0x07, 0x00, 0x00, 0x00, 0x01, 0xdd, 0x58, 0x6e,
                  0xb6, 0x00, 0x01, 0x00, 0x09, 0x5e, 0x91, 0x10, 0x00, 0x20, 0x09,
                  0x1c, 0x0c, 0x2c, 0x38, 0x00, 0x04, 0x00, 0x08, 0x18, 0x01};

}  // namespace

TEST_CASE("a whole packet of transport-cc feedback is read") {
  const auto feedback = readTransportCcPacket(whole);
  REQUIRE(feedback);
  CHECK(feedback->base == 1);
  CHECK(feedback->count == 9);
  CHECK(feedback->reference == 6197520);
  CHECK(feedback->serial == 0);
  CHECK(feedback->arrivals == Arrivals{{1, 7ms},
                                       {2, 10ms},
                                       {3, 21ms},
                                       {4, 35ms},
                                       {5, 35ms},
                                       {6, 36ms},
                                       {7, 36ms},
                                       {8, 38ms},
                                       {9, 44ms}});
}

TEST_CASE("each kind of chunk and delta of transport-cc feedback is read") {
  struct Row {
    const char* name;
    Bytes rest;
    Arrivals arrivals;
  };
  for (const Row& row : {
           Row{"a run of missing ones", {0x00, 0x0a}, {}},
           Row{"a run longer than the count",
               {0x3f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4},
               {{0xfffe, 0ms},
                {0xffff, 0ms},
                {0, 0ms},
                {1, 0ms},
                {2, 0ms},
                {3, 0ms},
                {4, 0ms},
                {5, 0ms},
                {6, 0ms},
                {7, 1ms}}},
           Row{"a run of none before others", {0x20, 0x00, 0x00, 0x0a}, {}},
           Row{"one bit each", {0xa0, 0x40, 0x08, 0xff}, {{0xfffe, 2ms}, {5, 65750us}}},
           Row{"two bits each, and another chunk",
               {0xd8, 0x01, 0x40, 0x01, 0x00, 0x02, 0x04, 0xff, 0xfc, 0x08, 0x00, 0x04},
               {{0xfffe, 1ms}, {0xffff, 0ms}, {4, 2ms}, {5, 3ms}}},
       }) {
    INFO(row.name);
    const auto feedback = readTransportCcBody(body(row.rest));
    REQUIRE(feedback);
    CHECK(feedback->base == 0xfffe);
    CHECK(feedback->reference == 2);
    CHECK(feedback->serial == 7);
    CHECK(feedback->arrivals == row.arrivals);
  }
}

TEST_CASE("malformed transport-cc feedback is nothing") {
  struct Row {
    const char* name;
    Bytes rest;
  };
  for (const Row& row : {
           Row{"no chunk", {}},
           Row{"half a chunk", {0x20}},
           Row{"too few statuses", {0x00, 0x09}},
           Row{"a reserved status", {0x60, 0x0a}},
           Row{"a reserved status in a vector", {0xf0, 0x00, 0x00, 0x03}},
           Row{"no delta", {0x20, 0x01, 0x00, 0x09}},
           Row{"half a large delta", {0x40, 0x01, 0x00, 0x09, 0x01}},
       }) {
    INFO(row.name);
    CHECK_FALSE(readTransportCcBody(body(row.rest)));
  }
  CHECK_FALSE(readTransportCcBody(Bytes{0, 1, 0, 0, 0, 0, 0}));
}

TEST_CASE("what is no transport-cc feedback, or not a whole one, is nothing") {
  for (const auto& [at, value] : std::vector<std::pair<std::size_t, std::uint8_t>>{
           {0, 0x6f}, {0, 0x81}, {1, 0xce}, {3, 8}, {3, 1}, {31, 22}}) {
    Bytes changed = whole;
    changed[at] = value;
    INFO(at << " " << int(value));
    CHECK_FALSE(readTransportCcPacket(changed));
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(readTransportCcPacket(std::span(whole).first(size)));
  }
}

TEST_CASE("random bytes as transport-cc feedback tell no more than they can hold") {
  std::mt19937 random(1);
  unsigned read = 0;
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(8 + random() % 40);
    for (std::uint8_t& each : bytes) each = static_cast<std::uint8_t>(random());
    if (i % 2 == 0) bytes[2] = 0;
    const auto feedback = readTransportCcBody(bytes);
    if (!feedback) continue;
    ++read;
    REQUIRE(feedback->arrivals.size() <= bytes.size());
    REQUIRE(feedback->arrivals.size() <= feedback->count);
  }
  CHECK(read > 100);
}

TEST_CASE("what the tests write as transport-cc feedback is read as it was meant") {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    ReceivedPackets told;
    told.base = static_cast<std::uint16_t>(random());
    told.reference = static_cast<std::uint32_t>(random() & 0xffffff);
    Arrivals arrivals;
    std::chrono::microseconds time{0};
    for (unsigned n = 0; n < 1 + random() % 60; ++n) {
      time += (static_cast<int>(random() % 400) - 20) * 250us;
      const bool arrived = random() % 3 != 0;
      told.times.push_back(arrived ? std::optional(time) : std::nullopt);
      if (arrived) arrivals.push_back({static_cast<std::uint16_t>(told.base + n), time});
    }
    const auto feedback = readTransportCcPacket(writeTransportCc(told));
    REQUIRE(feedback);
    REQUIRE(feedback->reference == told.reference);
    REQUIRE(feedback->arrivals == arrivals);
  }
}
