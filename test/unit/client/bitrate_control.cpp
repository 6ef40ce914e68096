#include "cosoup/client/bitrate_control.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

constexpr double kStep = 0.25;

CongestionReport arriving(double received, double sent, double loss) {
  CongestionReport report;
  report.receivedBitrate = received;
  report.sentBitrate = sent;
  report.lossFraction = loss;
  return report;
}

CongestionReport remb(double bitrate) {
  CongestionReport report;
  report.remb = bitrate;
  return report;
}

BitrateEstimate estimateOf(double bitrate) {
  BitrateEstimate estimate;
  estimate.bitrate = bitrate;
  estimate.calm = 10;
  return estimate;
}

BitrateEstimate after(BitrateEstimate estimate, const CongestionReport& report, int steps) {
  for (int i = 0; i < steps; ++i) estimate = nextEstimate(estimate, report, kStep);
  return estimate;
}

bool isAbout(double value, double expected) {
  return std::abs(value - expected) <= 0.001 * expected;
}

}  // namespace

TEST_CASE("one report changes the estimate as the rule says") {
  struct Row {
    const char* title;
    CongestionReport report;
    double least;
    double most;
  };
  const Row rows[] = {
      {"all arrives", arriving(1e6, 1e6, 0), 1.0e6 + 1, 1.03e6},
      {"little is lost", arriving(0.99e6, 1e6, 0.01), 1.0e6 + 1, 1.03e6},
      {"some is lost", arriving(0.95e6, 1e6, 0.05), 1e6, 1e6},
      {"much is lost", arriving(4e5, 1e6, 0.6), 3.6e5, 3.6e5},
      {"much is lost and yet more arrives than we believed in", arriving(2e6, 3e6, 0.3), 1e6, 1e6},
      {"less arrives, for the first time", arriving(5e5, 1e6, 0), 1e6, 1.03e6},
      {"nothing was ever reported", CongestionReport(), 1.0e6 + 1, 1.03e6},
      {"the other side wants less", remb(3e5), 3e5, 3e5},
      {"the other side allows more", remb(3e6), 3e6, 3e6},
  };
  for (const Row& row : rows) {
    INFO(row.title);
    const double bitrate = nextEstimate(estimateOf(1e6), row.report, kStep).bitrate;
    CHECK(bitrate >= row.least);
    CHECK(bitrate <= row.most);
  }
}

TEST_CASE("a queue that fills lowers the estimate after half a second") {
  const CongestionReport filling = arriving(5e5, 1e6, 0);
  CHECK(after(estimateOf(1e6), filling, 1).bitrate >= 1e6);
  CHECK(isAbout(after(estimateOf(1e6), filling, 2).bitrate, 4.5e5));
}

TEST_CASE("the estimate is lowered at most once a second") {
  const CongestionReport lossy = arriving(4e5, 1e6, 0.5);
  BitrateEstimate estimate = nextEstimate(estimateOf(1e6), lossy, kStep);
  const double first = estimate.bitrate;
  estimate = after(estimate, arriving(2e5, 1e6, 0.5), 3);
  CHECK(estimate.bitrate == first);
  CHECK(isAbout(after(estimate, arriving(2e5, 1e6, 0.5), 1).bitrate, 1.8e5));
}

TEST_CASE("after congestion the estimate rests for a second and then grows by 8 % per second") {
  BitrateEstimate estimate = nextEstimate(estimateOf(1e6), arriving(5e5, 1e6, 0.5), kStep);
  const double low = estimate.bitrate;
  const CongestionReport fine = arriving(low, low, 0);
  CHECK(after(estimate, fine, 3).bitrate == low);
  CHECK(isAbout(after(estimate, fine, 7).bitrate, low * 1.08));
}

TEST_CASE("reports that fail to come leave the estimate as it was") {
  BitrateEstimate estimate = nextEstimate(estimateOf(1e6), arriving(1e6, 1e6, 0), kStep);
  const double before = estimate.bitrate;
  CHECK(after(estimate, CongestionReport(), 20).bitrate == before);
}

TEST_CASE("REMB beside transport-cc is a ceiling and never raises the estimate") {
  const BitrateEstimate estimate = nextEstimate(estimateOf(4e5), arriving(4e5, 4e5, 0.05), kStep);
  CHECK(isAbout(nextEstimate(estimate, remb(15e5), kStep).bitrate, 4e5));
  CHECK(isAbout(nextEstimate(estimate, remb(2e5), kStep).bitrate, 2e5));
}

TEST_CASE("a link of 400 kbit/s is found from above and held") {
  BitrateEstimate estimate = estimateOf(2e6);
  double worst = 0;
  for (int i = 0; i < 240; ++i) {
    const double sent = estimate.bitrate;
    const double received = std::min(sent, 4e5);
    const double loss = sent > 4e5 ? 1 - 4e5 / sent : 0;
    estimate = nextEstimate(estimate, arriving(received, sent, loss), kStep);
    if (i > 20) worst = std::max(worst, estimate.bitrate);
  }
  CHECK(estimate.bitrate > 3e5);
  CHECK(worst < 4.8e5);
}

TEST_CASE("encoders share a bitrate in proportion between their limits") {
  const std::vector<BitrateRange> ranges = {{100, 500, 1100}, {50, 250, 550}};
  CHECK(sharedBitrates(1650, ranges) == std::vector<std::uint32_t>{1100, 550});
  CHECK(sharedBitrates(5000, ranges) == std::vector<std::uint32_t>{1100, 550});
  CHECK(sharedBitrates(150, ranges) == std::vector<std::uint32_t>{100, 50});
  CHECK(sharedBitrates(0, ranges) == std::vector<std::uint32_t>{100, 50});
  CHECK(sharedBitrates(900, ranges) == std::vector<std::uint32_t>{600, 300});
}

TEST_CASE("an encoder whose limits are one gets just that") {
  CHECK(sharedBitrates(5, {{300, 300, 300}}) == std::vector<std::uint32_t>{300});
  CHECK(sharedBitrates(5, {}).empty());
}

TEST_CASE("the total of limits is the sum of each") {
  CHECK(totalRange({{1, 2, 3}, {10, 20, 30}}) == BitrateRange{11, 22, 33});
}
