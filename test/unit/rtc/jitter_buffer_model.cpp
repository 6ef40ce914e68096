// The jitter buffer behind bad lines, by the hundred thousand packets.
#include <cstdio>

#include "support/catch.hpp"
#include "unit/rtc/modelled_line.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kPackets = 100'000;

/// Of those that were lost on the line, how many came after all.
double shareRecovered(const JitterBufferStatistics& told) {
  return static_cast<double>(told.recovered) / static_cast<double>(told.recovered + told.lost);
}

void requireSound(const ModelledLine& line) {
  CHECK(line.outOfOrder == 0);
  CHECK(line.miscounted == 0);
  CHECK(line.tooLong == 0);
  CHECK(line.tooMany == 0);
  CHECK(line.sleepless == 0);
  const JitterBufferStatistics& told = line.statistics();
  CHECK(told.packets == line.delivered);
  CHECK(told.lost == line.missing);
  CHECK(line.arrived == told.packets + told.duplicates + told.late + told.strays);
  // At most once a packet that is missing there is a wake at which nothing can be done any more.
  CHECK(line.idleWakes <= told.lost + told.recovered + told.reordered);
}

/// Runs it, and holds what holds for every line.
JitterBufferStatistics statisticsOf(const LineOptions& options) {
  ModelledLine line(options, kPackets, 1);
  line.run();
  const JitterBufferStatistics& told = line.statistics();
  char text[300];
  std::snprintf(
      text, sizeof text,
      "%s: %llu delivered, %llu lost, %llu recovered (%.3f %%), %llu reordered, "
      "%llu duplicates, %llu late, %llu strays, %llu requests, jitter %.1f ms",
      options.name, static_cast<unsigned long long>(told.packets),
      static_cast<unsigned long long>(told.lost), static_cast<unsigned long long>(told.recovered),
      100 * shareRecovered(told), static_cast<unsigned long long>(told.reordered),
      static_cast<unsigned long long>(told.duplicates), static_cast<unsigned long long>(told.late),
      static_cast<unsigned long long>(told.strays), static_cast<unsigned long long>(told.nacksSent),
      told.jitter * 1000);
  UNSCOPED_INFO(text);
  requireSound(line);
  if (options.restartsEvery == 0) {
    CHECK(told.packets + told.lost == line.lastDelivered + 1u);
    CHECK(told.restarts == 0);
    CHECK(told.strays == 0);
  }
  return told;
}

}  // namespace

TEST_CASE("of 5 % random loss over 40 ms at least 99 % is recovered") {
  for (const int packetsPerFrame : {1, 10}) {
    for (const bool rtx : {true, false}) {
      const auto told = statisticsOf(
          {.name = "5 %", .loss = 0.05, .packetsPerFrame = packetsPerFrame, .rtx = rtx});
      CHECK(shareRecovered(told) >= 0.99);
      CHECK(told.recovered > 4000);
      CHECK(told.reordered == 0);
    }
  }
}

TEST_CASE("of more loss, in bursts, or over a long way, most is recovered") {
  struct Row {
    LineOptions line;
    double recovered;
  };
  for (const Row& row :
       {Row{{.name = "10 %", .loss = 0.10, .jitter = 5, .packetsPerFrame = 5}, 0.98},
        Row{{.name = "bursts", .loss = 0.05, .burst = 8, .jitter = 5, .packetsPerFrame = 5}, 0.9},
        Row{{.name = "300 ms", .loss = 0.05, .roundTrip = 300, .jitter = 10}, 0.85},
        Row{{.name = "all at once",
        .loss = 0.05,
        .jitter = 8,
        .overtaken = 0.05,
        .duplicated = 0.02,
        .packetsPerFrame = 10},
            0.98}}) {
    CHECK(shareRecovered(statisticsOf(row.line)) >= row.recovered);
  }
}

TEST_CASE("where packets are only overtaken hardly any is lost") {
  for (const bool nack : {false, true}) {
    const auto told = statisticsOf({.name = "overtaken",
                                    .jitter = 2,
                                    .overtaken = 0.1,
                                    .duplicated = 0.01,
                                    .packetsPerFrame = 10,
                                    .nack = nack});
    CHECK(told.reordered > 5000);
    CHECK(told.lost <= kPackets / 2000);
    CHECK((nack || told.nacksSent == 0));
  }
}

TEST_CASE("a sender that begins anew again and again is followed") {
  const auto told = statisticsOf(
      {.name = "restarts", .loss = 0.05, .jitter = 5, .packetsPerFrame = 5, .restartsEvery = 5000});
  CHECK(told.restarts == 19);
  CHECK(shareRecovered(told) >= 0.98);
}

TEST_CASE("with a latency of 0 nothing is held, behind any line") {
  const auto told = statisticsOf({.name = "latency 0",
                                  .loss = 0.05,
                                  .jitter = 5,
                                  .overtaken = 0.02,
                                  .packetsPerFrame = 10,
                                  .latency = 0ms});
  CHECK(told.nacksSent == 0);
  CHECK(told.recovered + told.reordered == 0);
  CHECK(told.late > 1000);
}
