#include "cosoup/client/bitrate_control.hpp"

#include "support/catch.hpp"

using namespace cosoup;

namespace {

/// A path that carries so much.
CongestionReport carries(double target, double loss = 0) {
  CongestionReport report;
  report.target = target;
  report.loss = loss;
  return report;
}

std::vector<std::uint32_t> shared(double target, const std::vector<BitrateRange>& ranges) {
  return sharedBitrates(carries(target), {}, ranges);
}

std::uint32_t one(const CongestionReport& report, const UncontrolledMedia& other) {
  return sharedBitrates(report, other, {{30'000, 500'000, 2'000'000}}).at(0);
}

bool isAbout(double value, double expected, double part = 0.01) {
  return std::abs(value - expected) <= part * expected;
}

}  // namespace

TEST_CASE("encoders share a bitrate in proportion between their limits") {
  const std::vector<BitrateRange> ranges = {{100'000, 500'000, 1'100'000},
                                            {50'000, 250'000, 550'000}};
  CHECK(shared(5e6, ranges) == std::vector<std::uint32_t>{1'100'000, 550'000});
  CHECK(shared(150'000, ranges) == std::vector<std::uint32_t>{100'000, 50'000});
  CHECK(shared(0, ranges) == std::vector<std::uint32_t>{100'000, 50'000});
  const std::vector<std::uint32_t> middle = shared(1e6, ranges);
  CHECK(middle[0] == 2 * middle[1]);
  CHECK(middle[0] + middle[1] < 950'000);
  CHECK(middle[0] + middle[1] > 850'000);
}

TEST_CASE("an encoder whose limits are one gets just that") {
  CHECK(shared(5, {{300, 300, 300}}) == std::vector<std::uint32_t>{300});
  CHECK(shared(5, {}).empty());
}

TEST_CASE("headers are taken off what encoders get") {
  // 30 frames and some 100 packets a second, 66 bytes each.
  const std::uint32_t media = one(carries(1e6), {});
  CHECK(media < 950'000);
  CHECK(media > 900'000);
}

TEST_CASE("sound is taken off first, with its headers") {
  const std::uint32_t alone = one(carries(1e6), {});
  const std::uint32_t beside = one(carries(1e6), {{48'000}, false});
  // 50 packets a second, 66 bytes each.
  CHECK(isAbout(alone - beside, (48'000 + 50 * 66 * 8) / 1.057, 0.02));
  CHECK(isAbout(alone - one(carries(1e6), {{48'000, 48'000}, false}), 2.0 * (alone - beside)));
}

TEST_CASE("what has to be sent again is taken off") {
  CHECK(isAbout(one(carries(1e6, 0.1), {}), one(carries(9e5), {})));
}

TEST_CASE("congestion control looks for no more than encoders and sound can use") {
  const CongestionBounds bounds = sendBounds({30'000, 500'000, 1'000'000}, 1, {{48'000}, false});
  CHECK(bounds.max > 1'100'000 * 1.2);
  CHECK(bounds.max < 1'100'000 * 1.4);
  CHECK(isAbout(bounds.start, 500'000 * 1.06 + 16'000 + 48'000 + 26'400, 0.02));
}

TEST_CASE("nobody knows how much an untouched video can use") {
  CHECK(sendBounds({}, 0, {{}, true}).max == CongestionBounds().max);
  CHECK(sendBounds({}, 0, {{48'000}, false}).max < 500'000);
}

TEST_CASE("what is found for a range can be used by it as a whole") {
  const BitrateRange range = {30'000, 500'000, 1'000'000};
  const UncontrolledMedia other = {{48'000}, false};
  const CongestionBounds bounds = sendBounds(range, 1, other);
  CHECK(sharedBitrates(carries(bounds.max), other, {range}).at(0) == 1'000'000);
  CHECK(isAbout(sharedBitrates(carries(bounds.start), other, {range}).at(0), 500'000));
}

TEST_CASE("the total of limits is the sum of each") {
  CHECK(totalRange({{1, 2, 3}, {10, 20, 30}}) == BitrateRange{11, 22, 33});
}
