// The allocation for producers drawn at random, and estimates that waver.
#include <cmath>
#include <random>

#include "support/catch.hpp"
#include "unit/rtc/sending/allocation_rows.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr BitrateAllocation::Time kStart{1h};
constexpr double kPi = 3.14159265358979;

std::vector<ProducerRequest> drawnRequests(std::mt19937& random, bool withUntouched) {
  static const std::vector<std::vector<unsigned>> sizes = {
      {320}, {640}, {1280}, {1920}, {320, 640}, {320, 640, 1280}, {480, 1920}};
  std::vector<ProducerRequest> requests;
  for (unsigned i = 0, count = random() % 3; i < count; ++i) requests.push_back(audioRequest(i));
  for (unsigned i = 0, count = 1 + random() % 4; i < count; ++i) {
    const auto priority = static_cast<MediaPriority>(random() % 4);
    if (withUntouched && random() % 3 == 0) {
      requests.push_back(untouchedRequest(10 + i, 100'000 + random() % 2'000'000, priority));
      continue;
    }
    requests.push_back(videoRequest(10 + i, sizes[random() % sizes.size()], priority));
    if (random() % 3 == 0)
      requests.back().layers.back().bitrates.most = 50'000 + random() % 3'000'000;
    if (random() % 4 == 0) requests.back().layers.front().active = false;
    if (random() % 4 == 0) requests.back().overhead.ip = IpVersion::v6;
  }
  return requests;
}

/// What is sent, by what the encoders are told, with all headers.
double sentOnTheWire(const std::vector<ProducerRequest>& requests,
                     const std::vector<ProducerShare>& shares) {
  double sum = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (const LayerShare& layer : shares[i].layers) {
      if (!layer.active) continue;
      sum += wireBitrate(requests[i].kind, layer.bitrate, layer.frameRate,
                         overheadBytes(requests[i].overhead));
    }
  }
  return sum;
}

/// How good a layer's picture is, to compare.
double quality(const LayerShare& layer) {
  return layer.active ? layer.frameRate * layer.scale * layer.scale : 0;
}

double leastOfAudio(const std::vector<ProducerRequest>& requests) {
  double sum = 0;
  for (const ProducerRequest& each : requests) {
    if (each.kind == MediaKind::audio) sum += 50'400;
  }
  return sum;
}

std::vector<ProducerShare> fresh(const std::vector<ProducerRequest>& requests, double estimate) {
  BitrateAllocation allocation;
  allocation.setProducers(requests);
  return allocation.update(estimate, kStart);
}

/// How often a layer or its step changes for the better, when the estimate goes with a wave. Not
/// counted is the beginning: what goes off for good leaves room for others.
template <class Wave>
int improvements(const std::vector<ProducerRequest>& requests, double estimate, Wave wave) {
  BitrateAllocation allocation;
  allocation.setProducers(requests);
  auto before = allocation.update(estimate, kStart);
  int count = 0;
  for (auto time = 0ms; time < 120s; time += 100ms) {
    const auto& shares = allocation.update(estimate * wave(time), kStart + time);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      for (std::size_t j = 0; j < shares[i].layers.size(); ++j) {
        const bool isBetter = quality(shares[i].layers[j]) > quality(before[i].layers[j]);
        if (isBetter && time > 20s) ++count;
      }
    }
    before = shares;
  }
  return count;
}

}  // namespace

TEST_CASE("however the estimate moves, no more than it is given away") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto requests = drawnRequests(random, true);
    BitrateAllocation allocation;
    allocation.setProducers(requests);
    double estimate = 500'000;
    for (auto time = 0ms; time < 60s; time += 200ms) {
      if (random() % 20 == 0) estimate = std::exp(9 + (random() % 7000) / 1000.0);  // 8k to 9M
      const double now = estimate * (0.9 + (random() % 200) / 1000.0);
      const auto& shares = allocation.update(now, kStart + time);
      const double most = std::max(now, leastOfAudio(requests)) + 1;
      CHECK(totalWire(shares) <= most);
      CHECK(sentOnTheWire(requests, shares) <= most);
    }
  }
}

TEST_CASE("with a larger estimate more is sent, and nothing worse but for one that comes in") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto requests = drawnRequests(random, false);
    auto before = fresh(requests, 1000);
    for (double estimate = 1000; estimate < 20e6; estimate *= 1.03) {
      const auto shares = fresh(requests, estimate);
      CHECK(totalWire(shares) >= totalWire(before) - 1);
      bool hasComeIn = false;
      for (std::size_t i = 0; i < shares.size(); ++i) {
        CHECK((shares[i].fits || !before[i].fits));
        hasComeIn = hasComeIn || shares[i].fits != before[i].fits;
      }
      for (std::size_t i = 0; i < shares.size() && !hasComeIn; ++i) {
        CHECK(shares[i].wire >= before[i].wire - 1);
        for (std::size_t j = 0; j < shares[i].layers.size(); ++j) {
          CHECK(quality(shares[i].layers[j]) >= quality(before[i].layers[j]));
        }
      }
      before = shares;
    }
  }
}

TEST_CASE("all of the estimate is given away as long as somebody can use it") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto requests = drawnRequests(random, false);
    const double all = totalWire(fresh(requests, 1e9));
    for (double estimate = 500'000; estimate < 1e7; estimate *= 1.2) {
      CHECK(totalWire(fresh(requests, estimate)) >= 0.7 * std::min(estimate, all));
    }
  }
}

TEST_CASE("an estimate that wavers by a tenth makes nothing come and go") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const auto requests = drawnRequests(random, true);
    for (double estimate = 60'000; estimate < 6e6; estimate *= 1.7) {
      INFO("seed " << seed << ", estimate " << estimate);
      CHECK(improvements(requests, estimate,
                         [&](auto) { return 0.9 + (random() % 201) / 1000.0; }) == 0);
      const double period = 500 + random() % 9500;
      CHECK(improvements(requests, estimate, [&](std::chrono::milliseconds time) {
              return 1 + 0.1 * std::sin(2 * kPi * static_cast<double>(time.count()) / period);
            }) == 0);
    }
  }
}
