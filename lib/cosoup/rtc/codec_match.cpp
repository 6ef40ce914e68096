#include "cosoup/rtc/codec_match.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "cosoup/rtc/h264_profile.hpp"

namespace cosoup::ortc {
namespace {

// Parameters that have to be equal, with the value that an absent one stands for.
struct DecisiveParameter {
  std::string_view mimeType;
  std::string_view key;
  std::int64_t absent;
};

constexpr std::array kDecisive = {
    DecisiveParameter{"video/VP9", "profile-id", 0},
    DecisiveParameter{"video/AV1", "profile", 0},
    DecisiveParameter{"video/H265", "profile-id", 1},
    DecisiveParameter{"audio/multiopus", "num_streams", 0},
    DecisiveParameter{"audio/multiopus", "coupled_streams", 0},
};

bool hasSameDecisiveParameters(std::string_view mimeType, const CodecParameters& a,
                               const CodecParameters& b) {
  return std::all_of(kDecisive.begin(), kDecisive.end(), [&](const DecisiveParameter& decisive) {
    if (!equalsIgnoringCase(mimeType, decisive.mimeType)) return true;
    return parameterInteger(a, decisive.key).value_or(decisive.absent) ==
           parameterInteger(b, decisive.key).value_or(decisive.absent);
  });
}

unsigned channelsOf(std::string_view mimeType, const std::optional<std::uint8_t>& channels) {
  const bool isAudio = equalsIgnoringCase(mimeType.substr(0, 6), "audio/");
  return isAudio ? channels.value_or(1) : 0;
}

template <class A, class B>
bool match(const A& a, const B& b) {
  if (!equalsIgnoringCase(a.mimeType, b.mimeType) || a.clockRate != b.clockRate) return false;
  if (channelsOf(a.mimeType, a.channels) != channelsOf(b.mimeType, b.channels)) return false;
  if (equalsIgnoringCase(a.mimeType, "video/H264")) return isSameH264(a.parameters, b.parameters);
  return hasSameDecisiveParameters(a.mimeType, a.parameters, b.parameters);
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool isRtxCodec(std::string_view mimeType) {
  return equalsIgnoringCase(mimeType, "audio/rtx") || equalsIgnoringCase(mimeType, "video/rtx");
}

std::optional<std::string> parameterText(const CodecParameters& parameters, std::string_view key) {
  const auto at = parameters.find(std::string(key));
  if (at == parameters.end()) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&at->second)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&at->second)) return std::to_string(*integer);
  return Json(std::get<double>(at->second)).text();  // the shortest text, whatever the locale
}

std::optional<std::int64_t> parameterInteger(const CodecParameters& parameters,
                                             std::string_view key) {
  const std::optional<std::string> text = parameterText(parameters, key);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool matchCodecs(const RtpCodecCapability& a, const RtpCodecCapability& b) { return match(a, b); }
bool matchCodecs(const RtpCodecParameters& a, const RtpCodecCapability& b) { return match(a, b); }

}  // namespace cosoup::ortc
