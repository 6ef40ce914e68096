#include "cosoup/rtc/congestion/loss_estimator.hpp"

#include <random>

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// A sender of packets of 1250 bytes, and what becomes of them.
class Line {
 public:
  explicit Line(unsigned seed) : random_(seed) {}

  /// Sends at a rate for some seconds.
  void send(LossEstimator& estimator, double bitrate, double noise, double limit, double seconds) {
    const double beyond = bitrate > limit ? 1 - limit / bitrate : 0;
    std::bernoulli_distribution isLost(noise + (1 - noise) * beyond);
    const std::chrono::nanoseconds interval(static_cast<std::int64_t>(1e13 / bitrate));
    for (double sent = 0; sent < seconds; sent += 1e4 / bitrate) {
      PacketResult result;
      result.number = number_++;
      result.size = 1250;
      result.sent = now_ += interval;
      if (!isLost(random_)) result.arrived = 1ms;
      estimator.add(std::span(&result, 1));
    }
  }

 private:
  std::mt19937 random_;
  std::int64_t number_ = 0;
  SentPackets::Time now_{1000s};
};

constexpr double kNoLimit = 1e12;

}  // namespace

TEST_CASE("steady random loss is noise at any rate") {
  for (const double noise : {0.0, 0.01, 0.05, 0.1}) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
      LossEstimator estimator;
      Line line(seed);
      for (const double bitrate : {1e6, 1.2e6, 1.5e6, 2e6, 1.5e6, 3e6}) {
        line.send(estimator, bitrate, noise, kNoLimit, 1.5);
        INFO(noise << " " << seed << " " << bitrate);
        CHECK_FALSE(estimator.limit());
      }
      CHECK(estimator.noise() == Approx(noise).margin(0.03));
    }
  }
}

TEST_CASE("loss that grows with the rate is a limit within three seconds, also beside noise") {
  for (const double noise : {0.0, 0.05}) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
      LossEstimator estimator;
      Line line(seed);
      for (const double bitrate : {0.8e6, 0.9e6, 1e6}) line.send(estimator, bitrate, noise, 1e6, 1);
      // A sender goes no further once there is a limit.
      for (int i = 0; i < 12 && !estimator.limit(); ++i) {
        line.send(estimator, i < 4 ? 1.2e6 : 1.3e6, noise, 1e6, 0.25);
      }
      INFO(noise << " " << seed);
      REQUIRE(estimator.limit());
      CHECK(*estimator.limit() == Approx(1e6).epsilon(0.15));
    }
  }
}

TEST_CASE("much loss that begins at once is a limit, until a lower rate does not help") {
  LossEstimator estimator;
  Line line(1);
  line.send(estimator, 2e6, 0, kNoLimit, 5);
  line.send(estimator, 2e6, 0, 0.5e6, 0.6);
  REQUIRE(estimator.limit());
  CHECK(*estimator.limit() == Approx(0.5e6).epsilon(0.2));
  line.send(estimator, 2e6, 0.3, kNoLimit, 1);
  REQUIRE(estimator.limit());
  line.send(estimator, 1.3e6, 0.3, kNoLimit, 3);
  CHECK_FALSE(estimator.limit());
}

TEST_CASE("a limit is forgotten when it has not been reached for a while") {
  LossEstimator estimator;
  Line line(1);
  line.send(estimator, 0.9e6, 0, 1e6, 1);
  line.send(estimator, 1.5e6, 0, 1e6, 1);
  CHECK(estimator.limit());
  line.send(estimator, 0.95e6, 0, 1e6, 6);
  CHECK_FALSE(estimator.limit());
  CHECK(estimator.loss() == 0);
}

TEST_CASE("a packet that comes after all is not lost") {
  LossEstimator estimator;
  std::vector<PacketResult> results;
  for (int i = 0; i < 30; ++i) {
    PacketResult result{i, 1000, SentPackets::Time(i * 10ms), {}, {}, false};
    if (i != 5) result.arrived = 0ms;
    results.push_back(result);
    if (i != 8) continue;
    result = results[5];
    result.arrived = 0ms;
    result.wasLost = true;
    results.push_back(result);
  }
  CHECK(estimator.add(results));
  CHECK(estimator.loss() == 0);
}
