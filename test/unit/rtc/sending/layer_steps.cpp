#include "cosoup/rtc/sending/layer_steps.hpp"

#include "support/catch.hpp"

using namespace cosoup;

namespace {

using Pictures = std::vector<std::pair<double, double>>;  // frame rate, scale

Pictures pictures(const LayerRequest& layer, double widthBelow = 0) {
  Pictures pictures;
  for (const LayerStep& step : layerSteps(layer, widthBelow)) {
    pictures.emplace_back(step.frameRate, step.scale);
  }
  return pictures;
}

}  // namespace

TEST_CASE("first the frame rate falls, then the size") {
  CHECK(pictures({.width = 640, .height = 360}) ==
        Pictures{{10, 0.25}, {10, 0.5}, {10, 0.75}, {10, 1}, {15, 1}, {30, 1}});
  CHECK(pictures({.width = 640, .height = 360, .frameRate = 60}) ==
        Pictures{{10, 0.25}, {10, 0.5}, {10, 0.75}, {10, 1}, {15, 1}, {30, 1}, {60, 1}});
  CHECK(pictures({.width = 640, .height = 360, .frameRate = 12}) ==
        Pictures{{10, 0.25}, {10, 0.5}, {10, 0.75}, {10, 1}, {12, 1}});
  CHECK(pictures({.width = 640, .height = 360, .frameRate = 5}) ==
        Pictures{{5, 0.25}, {5, 0.5}, {5, 0.75}, {5, 1}});
}

TEST_CASE("a layer is not reduced to the size of the one below") {
  CHECK(pictures({.width = 640, .height = 360}, 320) ==
        Pictures{{10, 0.75}, {10, 1}, {15, 1}, {30, 1}});
  CHECK(pictures({.width = 640, .height = 360}, 480) == Pictures{{10, 1}, {15, 1}, {30, 1}});
  CHECK(pictures({.width = 640, .height = 360}, 160) ==
        Pictures{{10, 0.5}, {10, 0.75}, {10, 1}, {15, 1}, {30, 1}});
}

TEST_CASE("each step down needs less, and the whole picture its least") {
  for (const unsigned width : {320u, 640u, 1280u, 1920u}) {
    const auto steps = layerSteps({.width = width, .height = width * 9 / 16}, 0);
    CHECK(steps.back().least == defaultBitrates(width, width * 9 / 16).least);
    for (std::size_t i = 1; i < steps.size(); ++i) {
      CHECK(steps[i - 1].least <= steps[i].least);
      CHECK(steps[i - 1].least >= 30'000);
    }
  }
  const auto steps = layerSteps({.width = 1280, .height = 720}, 0);
  CHECK(steps[4].least == Approx(600'000 * 0.66).epsilon(0.01));   // 15 frames/s
  CHECK(steps[2].least == Approx(600'000 * 0.291).epsilon(0.01));  // 10 frames/s, 3/4
  CHECK(steps[0].least == 30'000);
}

TEST_CASE("one that may need less than 30 kbit/s needs no more for less") {
  for (const LayerStep& step :
       layerSteps({.width = 640, .height = 360, .bitrates = {20'000, 0, 0}}, 0)) {
    CHECK(step.least == 20'000);
  }
}
