#include "cosoup/rtc/congestion/congestion_controller.hpp"

#include "support/catch.hpp"
#include "unit/rtc/congestion/modelled_bottleneck.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

TEST_CASE("nothing is probed before something is sent") {
  const CongestionController::Time start{1000s};
  CongestionController controller({30e3, 300e3, 3e6});
  controller.onTick(start);
  controller.onTick(start + 20s);
  CHECK_FALSE(controller.nextProbe());
  controller.onSent(1, 1000, start + 20s);
  CHECK(controller.nextProbe().value().bitrate == 900e3);
}

TEST_CASE("REMB is a ceiling of the target and of probes") {
  ModelledBottleneck line({});
  line.controller().setRemb(1e6);
  line.run(15);
  CHECK(line.controller().target() == 1e6);
  for (const auto& sample : line.samples()) CHECK(sample.target <= 1e6);
  line.controller().setRemb({});
  line.run(10);
  CHECK(line.controller().target() > 2e6);
}

TEST_CASE("without feedback the target falls, and is back soon after") {
  ModelledBottleneck line({});
  line.run(10);
  const double before = line.controller().target();
  CHECK(before > 2e6);
  line.setLoss(1);
  line.run(3);
  CHECK(line.controller().target() < before / 8);
  line.setLoss(0);
  line.run(1);
  CHECK(line.controller().target() > 0.8 * before);
}

TEST_CASE("what the controller tells of the line is so") {
  ModelledBottleneck line({.loss = 0.05, .roundTrip = 100});
  line.run(20);
  const CongestionController& controller = line.controller();
  CHECK(controller.acknowledged().value() == Approx(controller.target()).epsilon(0.25));
  CHECK(controller.roundTrip() > 100ms);
  CHECK(controller.roundTrip() < 130ms);
  CHECK(controller.loss() < 0.2);
  CHECK(controller.queue() < 50ms);
}

TEST_CASE("no probe is higher than REMB") {
  const CongestionController::Time start{1000s};
  CongestionController controller({30e3, 300e3, 3e6});
  controller.setRemb(1e6);
  controller.onSent(1, 1000, start);
  CHECK(controller.nextProbe().value().bitrate == 900e3);
  CHECK(controller.nextProbe().value().bitrate == 1e6);
  CHECK_FALSE(controller.nextProbe());
}

TEST_CASE("when more can be used than before it is probed for at once, not when less can be") {
  const CongestionController::Time start{1000s};
  CongestionController controller({30e3, 300e3, 300e3});
  controller.setMax(400e3, start);
  CHECK_FALSE(controller.nextProbe());
  controller.onSent(1, 1000, start);
  CHECK(controller.nextProbe().value().bitrate == 400e3);
  CHECK_FALSE(controller.nextProbe());
  controller.setMax(350e3, start + 1s);
  CHECK_FALSE(controller.nextProbe());
  controller.setMax(3e6, start + 1s);
  CHECK(controller.nextProbe().value().bitrate == 900e3);
  CHECK(controller.nextProbe().value().bitrate == 1.8e6);
}
