// The congestion controller on lines of every kind; each with several seeds.
#include <algorithm>

#include "support/catch.hpp"
#include "unit/rtc/congestion/modelled_bottleneck.hpp"

using namespace cosoup;
using Sample = ModelledBottleneck::Sample;

namespace {

constexpr unsigned kSeeds = 5;

/// Of 60 s, without what the start takes.
double meanTarget(BottleneckOptions options, unsigned seed) {
  options.seed = seed;
  ModelledBottleneck line(options);
  line.run(60);
  return line.mean(&Sample::target, 10, 60);
}

}  // namespace

TEST_CASE("80 % of a line of 3 Mbit/s are found within two seconds, and kept") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.seed = seed});
    line.run(40);
    INFO(seed);
    CHECK(line.reached(&Sample::target, 2.4e6, true, 0).value_or(99) <= 2);
    CHECK(line.mean(&Sample::received, 10, 40) > 2.4e6);
    CHECK(line.quantile(&Sample::queue, 0.95, 10, 40) < 50);
    CHECK(line.mean(&Sample::lost, 10, 40) == 0);
  }
}

TEST_CASE("a line that falls to 500 kbit/s is followed within 3 s, and back within 10") {
  constexpr double kWanted = 2.5e6;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.wanted = kWanted, .seed = seed});
    line.run(15);
    line.setBitrate(500e3);
    line.run(30);
    line.setBitrate(3e6);
    line.run(20);
    INFO(seed);
    CHECK(line.reached(&Sample::target, 500e3, false, 15).value_or(99) <= 3);
    CHECK(line.quantile(&Sample::queue, 0.95, 20, 45) < 50);
    CHECK(line.mean(&Sample::received, 20, 45) > 400e3);
    CHECK(line.reached(&Sample::target, 0.85 * kWanted, true, 45).value_or(99) <= 10);
  }
}

TEST_CASE("a line that falls to 150 kbit/s is followed, too") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.seed = seed});
    line.run(15);
    line.setBitrate(150e3);
    line.run(30);
    INFO(seed);
    CHECK(line.reached(&Sample::target, 150e3, false, 15).value_or(99) <= 3);
    CHECK(line.mean(&Sample::queue, 20, 45) < 50);
    CHECK(line.mean(&Sample::received, 20, 45) > 110e3);
  }
}

TEST_CASE("random loss of 1, 5 and 10 % does not pull the rate down") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const double lossFree = meanTarget({}, seed);
    for (const double loss : {0.01, 0.05, 0.1}) {
      INFO(seed << " " << loss);
      CHECK(meanTarget({.loss = loss}, seed) > 0.8 * lossFree);
    }
  }
}

TEST_CASE("a policer is respected: little is sent beyond what it lets pass") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.bitrate = 10e6, .policer = 1e6, .seed = seed});
    line.run(60);
    INFO(seed);
    CHECK(line.mean(&Sample::target, 10, 60) < 1.15e6);
    CHECK(line.mean(&Sample::received, 10, 60) > 0.85e6);
    CHECK(line.mean(&Sample::lost, 10, 60) < 0.08 * line.mean(&Sample::packets, 10, 60));
  }
}

/// Jain's index is 0.5 when one of two has all, and 1 when they have the same. Nobody starves, but
/// who has more may keep it for long, as with every sender of this kind: each is as sensitive to
/// the queue as the other, so nothing but chance makes them equal.
TEST_CASE(
    "two senders share a line with an index of fairness of 0.8, a quarter for each at least") {
  double fairness = 0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.senders = 2, .seed = seed});
    line.run(90);
    const double one = line.mean(&Sample::received, 30, 90);
    const double other = line.mean(&Sample::other, 30, 90);
    INFO(seed << " " << one << " " << other);
    const double jain = (one + other) * (one + other) / (2 * (one * one + other * other));
    CHECK(jain > 0.8);
    CHECK(std::min(one, other) > 0.25 * (one + other));
    fairness += jain / kSeeds;
    CHECK(one + other > 2.3e6);
    CHECK(line.quantile(&Sample::queue, 0.95, 30, 90) < 50);
  }
  CHECK(fairness > 0.9);
}

TEST_CASE("the way may take 20 or 300 ms") {
  for (const int roundTrip : {20, 300}) {
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      ModelledBottleneck line({.roundTrip = roundTrip, .seed = seed});
      line.run(40);
      INFO(roundTrip << " " << seed);
      CHECK(line.reached(&Sample::target, 2.2e6, true, 0).value_or(99) <= 3);
      CHECK(line.mean(&Sample::received, 10, 40) > 2.2e6);
      CHECK(line.quantile(&Sample::queue, 0.95, 10, 40) < 50);
    }
  }
}

TEST_CASE("jitter of 30 ms without loss does not pull the rate down") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    INFO(seed);
    CHECK(meanTarget({.jitter = 30}, seed) > 2.1e6);
    CHECK(meanTarget({.jitter = 30, .wanted = 1e6}, seed) > 0.9e6);
  }
}

TEST_CASE("beside cross traffic, with feedback lost at times, the rest of the line is used") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.feedbackLoss = 0.1, .cross = 1e6, .seed = seed});
    line.run(40);
    INFO(seed);
    CHECK(line.mean(&Sample::received, 10, 40) > 1.5e6);
    CHECK(line.mean(&Sample::received, 10, 40) < 2e6);
    // A probe between two packets of the others may mislead, for half a second.
    CHECK(line.quantile(&Sample::queue, 0.9, 10, 40) < 50);
    CHECK(line.mean(&Sample::queue, 10, 40) < 25);
  }
}

TEST_CASE("a line that overflows for five seconds is no policer: it is probed soon after") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    ModelledBottleneck line({.seed = seed});
    line.run(15);
    line.setBitrate(300e3);
    line.run(5);
    line.setBitrate(3e6);
    line.run(12);
    INFO(seed);
    CHECK(line.reached(&Sample::target, 2.2e6, true, 20).value_or(99) <= 10);
  }
}
