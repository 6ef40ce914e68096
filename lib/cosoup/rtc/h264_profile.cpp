#include "cosoup/rtc/h264_profile.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "cosoup/rtc/codec_match.hpp"

namespace cosoup::ortc {
namespace {

constexpr std::uint8_t kConstraintSet3 = 0x10;
constexpr std::uint8_t kLevelIdc1b = 9;  // in profiles whose constraint_set3 means something else

// The pairs of profile_idc and constraint flags of RFC 6184's table 5. A profile has several
// spellings since a stream may obey several profiles at once.
struct ProfilePattern {
  std::uint8_t profileIdc;
  std::uint8_t mask;  // the flags that count
  std::uint8_t flags;
  H264Profile profile;
};

constexpr std::array kPatterns = {
    ProfilePattern{0x42, 0x4f, 0x40, H264Profile::constrainedBaseline},  // x1xx0000
    ProfilePattern{0x4d, 0x8f, 0x80, H264Profile::constrainedBaseline},  // 1xxx0000
    ProfilePattern{0x58, 0xcf, 0xc0, H264Profile::constrainedBaseline},  // 11xx0000
    ProfilePattern{0x42, 0x4f, 0x00, H264Profile::baseline},             // x0xx0000
    ProfilePattern{0x58, 0xcf, 0x80, H264Profile::baseline},             // 10xx0000
    ProfilePattern{0x4d, 0xaf, 0x00, H264Profile::main},                 // 0x0x0000
    ProfilePattern{0x64, 0xff, 0x00, H264Profile::high},                 // 00000000
    ProfilePattern{0x64, 0xff, 0x0c, H264Profile::constrainedHigh},      // 00001100
    ProfilePattern{0xf4, 0xff, 0x00, H264Profile::predictiveHigh444},    // 00000000
};

constexpr std::array kLevels = {
    H264Level::level1,   H264Level::level1_1, H264Level::level1_2, H264Level::level1_3,
    H264Level::level2,   H264Level::level2_1, H264Level::level2_2, H264Level::level3,
    H264Level::level3_1, H264Level::level3_2, H264Level::level4,   H264Level::level4_1,
    H264Level::level4_2, H264Level::level5,   H264Level::level5_1, H264Level::level5_2};

bool hasConstraintSet3Level1b(std::uint8_t profileIdc) {
  return profileIdc == 0x42 || profileIdc == 0x4d || profileIdc == 0x58;
}

std::optional<H264Level> parseLevel(std::uint8_t profileIdc, std::uint8_t flags,
                                    std::uint8_t levelIdc) {
  if (hasConstraintSet3Level1b(profileIdc)) {
    if (levelIdc == 11 && (flags & kConstraintSet3)) return H264Level::level1b;
  } else if (levelIdc == kLevelIdc1b) {
    return H264Level::level1b;
  }
  const auto level = static_cast<H264Level>(levelIdc);
  if (std::find(kLevels.begin(), kLevels.end(), level) == kLevels.end()) return std::nullopt;
  return level;
}

// Two of the six digits at a time.
std::optional<std::uint8_t> parseByte(std::string_view digits) {
  std::uint8_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

const char* canonicalPrefix(H264Profile profile) {
  switch (profile) {
    case H264Profile::constrainedBaseline:
      return "42e0";
    case H264Profile::baseline:
      return "4200";
    case H264Profile::main:
      return "4d00";
    case H264Profile::constrainedHigh:
      return "640c";
    case H264Profile::high:
      return "6400";
    case H264Profile::predictiveHigh444:
      return "f400";
  }
  return "";
}

std::string level1bSpelling(H264Profile profile) {
  switch (profile) {
    case H264Profile::constrainedBaseline:
      return "42f00b";
    case H264Profile::baseline:
      return "42100b";
    case H264Profile::main:
      return "4d100b";
    default:
      return std::string(canonicalPrefix(profile)) + "09";
  }
}

bool allowsLevelAsymmetry(const CodecParameters& parameters) {
  return parameterInteger(parameters, "level-asymmetry-allowed") == 1;
}

}  // namespace

bool isLower(H264Level a, H264Level b) {
  // 1b lies between 1 and 1.1, hence doubled.
  const auto rank = [](H264Level level) {
    return level == H264Level::level1b ? 21 : 2 * static_cast<int>(level);
  };
  return rank(a) < rank(b);
}

std::optional<H264ProfileLevel> parseH264ProfileLevelId(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  const auto profileIdc = parseByte(text.substr(0, 2));
  const auto flags = parseByte(text.substr(2, 2));
  const auto levelIdc = parseByte(text.substr(4, 2));
  if (!profileIdc || !flags || !levelIdc) return std::nullopt;
  const std::optional<H264Level> level = parseLevel(*profileIdc, *flags, *levelIdc);
  if (!level) return std::nullopt;
  for (const ProfilePattern& pattern : kPatterns) {
    if (pattern.profileIdc == *profileIdc && (*flags & pattern.mask) == pattern.flags) {
      return H264ProfileLevel{pattern.profile, *level};
    }
  }
  return std::nullopt;
}

std::string toString(const H264ProfileLevel& value) {
  if (value.level == H264Level::level1b) return level1bSpelling(value.profile);
  constexpr char kDigits[] = "0123456789abcdef";
  const auto levelIdc = static_cast<unsigned>(value.level);
  return std::string(canonicalPrefix(value.profile)) + kDigits[levelIdc >> 4] +
         kDigits[levelIdc & 15];
}

std::optional<H264ProfileLevel> h264ProfileLevel(const CodecParameters& parameters) {
  const std::optional<std::string> text = parameterText(parameters, "profile-level-id");
  if (!text) return H264ProfileLevel{};
  return parseH264ProfileLevelId(*text);
}

bool isSameH264(const CodecParameters& a, const CodecParameters& b) {
  const auto mode = [](const CodecParameters& parameters) {
    return parameterInteger(parameters, "packetization-mode").value_or(0);
  };
  if (mode(a) != mode(b)) return false;
  const std::optional<H264ProfileLevel> ofA = h264ProfileLevel(a);
  const std::optional<H264ProfileLevel> ofB = h264ProfileLevel(b);
  return ofA && ofB && ofA->profile == ofB->profile;
}

std::optional<std::string> h264AnswerProfileLevelId(const CodecParameters& local,
                                                    const CodecParameters& remote) {
  if (!local.count("profile-level-id") && !remote.count("profile-level-id")) return std::nullopt;
  const H264ProfileLevel ours = h264ProfileLevel(local).value();
  const H264ProfileLevel theirs = h264ProfileLevel(remote).value();
  const bool asymmetric = allowsLevelAsymmetry(local) && allowsLevelAsymmetry(remote);
  const bool keepOurs = asymmetric || isLower(ours.level, theirs.level);
  return toString({ours.profile, keepOurs ? ours.level : theirs.level});
}

}  // namespace cosoup::ortc
