// profile-level-id, and what an answer makes of two of them.
#include "cosoup/rtc/h264_profile.hpp"

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() { return {"42e01f", "42e01f640c1f", "4d003242f00b"}; }

void fuzz::read(std::string_view input) {
  const auto half = std::min<std::size_t>(input.size(), 6);
  const std::string_view ids[] = {input.substr(0, half), input.substr(half)};
  CodecParameters parameters[2];
  for (int i : {0, 1}) {
    parameters[i] = {{"profile-level-id", std::string(ids[i])}};
    const auto value = ortc::parseH264ProfileLevelId(ids[i]);
    require(ortc::h264ProfileLevel(parameters[i]) == value);
    if (value) require(ortc::parseH264ProfileLevelId(ortc::toString(*value)) == value);
  }
  if (!ortc::isSameH264(parameters[0], parameters[1])) return;
  const auto answer = ortc::h264AnswerProfileLevelId(parameters[0], parameters[1]);
  require(answer && ortc::parseH264ProfileLevelId(*answer));
}

}  // namespace cosoup
