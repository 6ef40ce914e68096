#include "cosoup/rtc/h264_profile.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::ortc;

namespace {

std::optional<H264Profile> profileOf(const char* text) {
  const auto parsed = parseH264ProfileLevelId(text);
  if (!parsed) return std::nullopt;
  return parsed->profile;
}

std::optional<H264Level> levelOf(const char* text) {
  const auto parsed = parseH264ProfileLevelId(text);
  if (!parsed) return std::nullopt;
  return parsed->level;
}

CodecParameters with(const char* profileLevelId, int asymmetry = 0) {
  return {{"profile-level-id", profileLevelId},
          {"level-asymmetry-allowed", std::int64_t{asymmetry}}};
}

}  // namespace

TEST_CASE("each profile is known by all its spellings") {
  const std::vector<std::pair<const char*, H264Profile>> table = {
      {"42e01f", H264Profile::constrainedBaseline},
      {"42c01f", H264Profile::constrainedBaseline},
      {"42401f", H264Profile::constrainedBaseline},
      {"4de01f", H264Profile::constrainedBaseline},
      {"4d801f", H264Profile::constrainedBaseline},
      {"58f01f", H264Profile::constrainedBaseline},
      {"58c01f", H264Profile::constrainedBaseline},
      {"42001f", H264Profile::baseline},
      {"42a01f", H264Profile::baseline},
      {"58a01f", H264Profile::baseline},
      {"58801f", H264Profile::baseline},
      {"4d001f", H264Profile::main},
      {"4d401f", H264Profile::main},
      {"4D401F", H264Profile::main},
      {"64001f", H264Profile::high},
      {"640c1f", H264Profile::constrainedHigh},
      {"f4001f", H264Profile::predictiveHigh444},
  };
  for (const auto& [text, profile] : table) {
    CAPTURE(text);
    CHECK(profileOf(text) == profile);
  }
}

TEST_CASE("constraint flags that fit no profile are refused") {
  for (const char* text : {"42e11f", "58601f", "58e41f", "64e01f", "640d1f", "f4041f", "4d0f1f"}) {
    CAPTURE(text);
    CHECK_FALSE(parseH264ProfileLevelId(text));
  }
}

TEST_CASE("text that is no profile-level-id is refused") {
  for (const char* text : {"", "42e0", "42e01f0", "42e01g", "gggggg", "0x42e0", " 42e01", "+2e01f",
                           "000000", "ffffff", "42e0ff", "42e000", "6e001f"}) {
    CAPTURE(text);
    CHECK_FALSE(parseH264ProfileLevelId(text));
  }
}

TEST_CASE("the last byte is ten times the level") {
  CHECK(levelOf("42e00a") == H264Level::level1);
  CHECK(levelOf("42e00b") == H264Level::level1_1);
  CHECK(levelOf("42e015") == H264Level::level2_1);
  CHECK(levelOf("42e01f") == H264Level::level3_1);
  CHECK(levelOf("4d0032") == H264Level::level5);
  CHECK(levelOf("640034") == H264Level::level5_2);
}

TEST_CASE("constraint_set3 turns level 1.1 into 1b, and no other level") {
  CHECK(levelOf("42f00b") == H264Level::level1b);
  CHECK(levelOf("42100b") == H264Level::level1b);
  CHECK(levelOf("4d100b") == H264Level::level1b);
  CHECK(levelOf("42f01f") == H264Level::level3_1);
}

TEST_CASE("profiles without that flag call level 1b 9") {
  CHECK(levelOf("640009") == H264Level::level1b);
  CHECK(levelOf("640c09") == H264Level::level1b);
  CHECK_FALSE(levelOf("42e009"));
}

TEST_CASE("level 1b lies between 1 and 1.1") {
  CHECK(isLower(H264Level::level1, H264Level::level1b));
  CHECK(isLower(H264Level::level1b, H264Level::level1_1));
  CHECK_FALSE(isLower(H264Level::level1b, H264Level::level1));
  CHECK_FALSE(isLower(H264Level::level1b, H264Level::level1b));
  CHECK(isLower(H264Level::level3_1, H264Level::level4));
}

TEST_CASE("what is written of a profile and level reads as the same") {
  for (const char* text : {"42e01f", "42000a", "4d0015", "640c2a", "640034", "f40028", "42f00b",
                           "42100b", "4d100b", "640009", "640c09"}) {
    CAPTURE(text);
    CHECK(toString(*parseH264ProfileLevelId(text)) == text);
  }
}

TEST_CASE("other spellings of a profile are written in the usual one") {
  CHECK(toString(*parseH264ProfileLevelId("42C01F")) == "42e01f");
  CHECK(toString(*parseH264ProfileLevelId("4d801f")) == "42e01f");
  CHECK(toString(*parseH264ProfileLevelId("58801f")) == "42001f");
  CHECK(toString(*parseH264ProfileLevelId("4d401f")) == "4d001f");
}

TEST_CASE("H264 parameters without a profile mean constrained baseline 3.1") {
  CHECK(h264ProfileLevel({}) == parseH264ProfileLevelId("42e01f"));
}

TEST_CASE("a profile-level-id that was read as a number is still one") {
  CHECK(h264ProfileLevel({{"profile-level-id", std::int64_t{420020}}})->profile ==
        H264Profile::baseline);
}

TEST_CASE("H264 is the same when profile and packetization mode are") {
  const CodecParameters plain = {{"profile-level-id", "42e01f"}};
  const CodecParameters mode0 = {{"profile-level-id", "42e01f"},
                                 {"packetization-mode", std::int64_t{0}}};
  const CodecParameters mode1 = {{"profile-level-id", "42e01f"},
                                 {"packetization-mode", std::int64_t{1}}};
  const CodecParameters text1 = {{"profile-level-id", "42e01f"}, {"packetization-mode", "1"}};
  CHECK(isSameH264(plain, mode0));
  CHECK(isSameH264(mode1, text1));
  CHECK_FALSE(isSameH264(plain, mode1));
}

TEST_CASE("H264 of another level is the same, of another profile it is not") {
  CHECK(isSameH264(with("42e01f"), with("42e034")));
  CHECK(isSameH264(with("42e01f"), with("4d801f")));
  CHECK(isSameH264(with("42e01f"), {}));
  CHECK_FALSE(isSameH264(with("42e01f"), with("42001f")));
  CHECK_FALSE(isSameH264(with("42e01f"), with("4d001f")));
  CHECK_FALSE(isSameH264(with("64001f"), with("640c1f")));
}

TEST_CASE("H264 of an unknown profile is like nothing, not even itself") {
  CHECK_FALSE(isSameH264(with("123456"), with("123456")));
}

TEST_CASE("without asymmetry the answer has the lower level") {
  CHECK(h264AnswerProfileLevelId(with("42e01f"), with("42e015")) == "42e015");
  CHECK(h264AnswerProfileLevelId(with("42e015"), with("42e01f")) == "42e015");
  CHECK(h264AnswerProfileLevelId(with("42e015", 1), with("42e01f", 0)) == "42e015");
  CHECK(h264AnswerProfileLevelId(with("42e01f", 0), with("42e015", 1)) == "42e015");
}

TEST_CASE("with asymmetry on both sides the answer has our level") {
  CHECK(h264AnswerProfileLevelId(with("42e01f", 1), with("42e015", 1)) == "42e01f");
  CHECK(h264AnswerProfileLevelId(with("42e015", 1), with("42e01f", 1)) == "42e015");
}

TEST_CASE("level 1b is the lower one beside 1.1 in an answer") {
  CHECK(h264AnswerProfileLevelId(with("42e00b"), with("42f00b")) == "42f00b");
  CHECK(h264AnswerProfileLevelId(with("42f00b"), with("42e00a")) == "42e00a");
}

TEST_CASE("an answer names no profile when neither side does") {
  CHECK_FALSE(h264AnswerProfileLevelId({}, {}));
  CHECK(h264AnswerProfileLevelId({}, with("42e034")) == "42e01f");
}
