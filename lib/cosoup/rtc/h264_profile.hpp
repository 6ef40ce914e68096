// H.264's profile-level-id: what its three bytes mean (RFC 6184, section 8.1) and which level an
// answer has to name. Internal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup::ortc {

enum class H264Profile {
  constrainedBaseline,
  baseline,
  main,
  constrainedHigh,
  high,
  predictiveHigh444
};

/// Ten times the level's number; level 1b lies between 1 (10) and 1.1 (11) and has a code of its
/// own.
enum class H264Level : int {
  level1 = 10,
  level1b = 0,
  level1_1 = 11,
  level1_2 = 12,
  level1_3 = 13,
  level2 = 20,
  level2_1 = 21,
  level2_2 = 22,
  level3 = 30,
  level3_1 = 31,
  level3_2 = 32,
  level4 = 40,
  level4_1 = 41,
  level4_2 = 42,
  level5 = 50,
  level5_1 = 51,
  level5_2 = 52,
};

/// Whether level `a` asks less of a decoder than `b`.
bool isLower(H264Level a, H264Level b);

struct H264ProfileLevel {
  H264Profile profile = H264Profile::constrainedBaseline;
  H264Level level = H264Level::level3_1;
  friend bool operator==(const H264ProfileLevel&, const H264ProfileLevel&) = default;
};

/// Six hexadecimal digits; nullopt for anything that names no known profile and level.
std::optional<H264ProfileLevel> parseH264ProfileLevelId(std::string_view text);

/// The canonical spelling, for example "42e01f".
std::string toString(const H264ProfileLevel& value);

/// The profile and level of a codec's parameters. Absent means constrained baseline 3.1: not RFC
/// 6184's default (baseline 1), but that of libwebrtc and mediasoup, whom we have to match.
std::optional<H264ProfileLevel> h264ProfileLevel(const CodecParameters& parameters);

/// Same packetization-mode (absent: 0) and same profile; levels may differ.
bool isSameH264(const CodecParameters& a, const CodecParameters& b);

/// The profile-level-id that both sides agree on: the lower level, or the own one when both allow
/// asymmetry. nullopt when neither names one. Both must have passed isSameH264().
std::optional<std::string> h264AnswerProfileLevelId(const CodecParameters& local,
                                                    const CodecParameters& remote);

}  // namespace cosoup::ortc
