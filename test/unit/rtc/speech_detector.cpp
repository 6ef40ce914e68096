// When somebody starts and stops speaking.
#include "cosoup/rtc/speech_detector.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

using Time = SpeechDetector::Time;

/// So many packets of 20 ms; without a level: none come.
struct Stretch {
  int packets;
  std::optional<int> dBov;
};

/// "at 80 ms on, at 900 ms off": what changes in the course of them, from 10 s on.
std::string changes(const std::vector<Stretch>& stretches) {
  SpeechDetector detector;
  std::string told;
  Time now{0};
  for (const Stretch& stretch : stretches) {
    for (int i = 0; i < stretch.packets; ++i) {
      const bool before = detector.isSpeaking();
      if (stretch.dBov) {
        detector.hear(Time(10000) + now, *stretch.dBov);
      } else {
        detector.wait(Time(10000) + now);
      }
      if (detector.isSpeaking() != before) {
        told += std::to_string(now.count()) + (before ? " off " : " on ");
      }
      now += Time(20);
    }
  }
  return told;
}

}  // namespace

TEST_CASE("speech begins when it has been loud for 60 ms and ends when it was quiet for 600 ms") {
  struct Row {
    const char* what;
    std::vector<Stretch> stretches;
    std::string changes;
  };
  const std::vector<Row> rows = {
      {"silence", {{500, -127}}, ""},
      {"a room", {{500, -56}}, ""},
      {"not quite speech", {{500, -46}}, ""},
      {"speech", {{100, -25}}, "60 on "},
      {"as quiet as it may begin", {{100, -45}}, "60 on "},
      {"a click", {{3, -10}, {100, -80}}, ""},
      {"clicks", {{3, -10}, {1, -80}, {3, -10}, {1, -80}, {3, -10}, {100, -80}}, ""},
      {"speech, then silence", {{10, -25}, {100, -127}}, "60 on 780 off "},
      {"speech, then the room", {{10, -25}, {100, -56}}, "60 on 780 off "},
      {"speech that fades", {{10, -25}, {100, -55}}, "60 on "},
      {"a breath", {{10, -25}, {28, -90}, {10, -25}}, "60 on "},
      {"a rest", {{10, -25}, {30, -90}, {10, -25}}, "60 on 780 off 860 on "},
      {"speech, then no packets", {{10, -25}, {100, {}}}, "60 on 780 off "},
      {"speech through a short loss", {{10, -25}, {20, {}}, {10, -25}}, "60 on "},
      {"loud on both sides of a gap", {{2, -25}, {10, {}}, {2, -25}, {40, -80}}, ""},
      {"loud on both sides of a loss", {{2, -25}, {3, {}}, {2, -25}}, "100 on "},
      {"no packets", {{100, {}}}, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(changes(row.stretches) == row.changes);
  }
}

TEST_CASE("speech begins with the second of two packets of 60 ms") {
  SpeechDetector detector;
  detector.hear(Time(5000), -20);
  CHECK_FALSE(detector.isSpeaking());
  detector.hear(Time(5060), -20);
  CHECK(detector.isSpeaking());
}
