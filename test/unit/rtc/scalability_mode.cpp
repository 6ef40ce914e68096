#include "cosoup/rtc/scalability_mode.hpp"

#include <utility>
#include <vector>

#include "support/catch.hpp"

using cosoup::parseScalabilityMode;
using cosoup::ScalabilityMode;

TEST_CASE("a scalability mode names its spatial and temporal layers") {
  CHECK(parseScalabilityMode("L1T3") == ScalabilityMode{1, 3});
  CHECK(parseScalabilityMode("L3T2") == ScalabilityMode{3, 2});
  CHECK(parseScalabilityMode("L20T3") == ScalabilityMode{20, 3});
  CHECK(parseScalabilityMode("L2T15") == ScalabilityMode{2, 15});
}

TEST_CASE("simulcast modes begin with S") {
  CHECK(parseScalabilityMode("S2T3") == ScalabilityMode{2, 3});
}

TEST_CASE("what follows the layers of a scalability mode is ignored") {
  CHECK(parseScalabilityMode("L3T2_KEY") == ScalabilityMode{3, 2});
  CHECK(parseScalabilityMode("L2T2h") == ScalabilityMode{2, 2});
  CHECK(parseScalabilityMode("L2T200") == ScalabilityMode{2, 20});
}

TEST_CASE("text that is no scalability mode means one layer of each") {
  for (const char* text : {"", "foo", "L", "L3", "L3T", "S0T3", "S1T0", "S200T3", "L03T1", "3T3",
                           "l3t3", " L3T3", "LT3"}) {
    CAPTURE(text);
    CHECK(parseScalabilityMode(text) == ScalabilityMode{1, 1});
  }
}

TEST_CASE("scalability modes are read as mediasoup-client and libmediasoupclient read them") {
  const std::vector<std::pair<const char*, ScalabilityMode>> table = {
      {"L1T3", {1, 3}}, {"L3T2_KEY", {3, 2}}, {"S2T3", {2, 3}},   {"foo", {1, 1}},    {"", {1, 1}},
      {"S0T3", {1, 1}}, {"S1T0", {1, 1}},     {"L20T3", {20, 3}}, {"S200T3", {1, 1}},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(parseScalabilityMode(text) == expected);
  }
}
