// When two descriptions of a codec mean the same codec. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup::ortc {

/// Media types compare without regard to case (ASCII).
bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// Whether the media type is "audio/rtx" or "video/rtx".
COSOUP_API bool isRtxCodec(std::string_view mimeType);

/// A parameter as text whatever its type; nullopt when absent.
std::optional<std::string> parameterText(const CodecParameters& parameters, std::string_view key);

/// A parameter as an integer, also when it was written as text ("1"); nullopt when absent or no
/// integer.
std::optional<std::int64_t> parameterInteger(const CodecParameters& parameters,
                                             std::string_view key);

/// Strict match: media type, clock rate, channels, and whatever makes a variant of the codec
/// undecodable for another (H264 packetization-mode and profile, VP9 and H265 profile-id, AV1
/// profile).
bool matchCodecs(const RtpCodecCapability& a, const RtpCodecCapability& b);
bool matchCodecs(const RtpCodecParameters& a, const RtpCodecCapability& b);

}  // namespace cosoup::ortc
