// The header extensions of an RTP packet (RFC 8285). Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "cosoup/rtc/audio_level.hpp"

namespace cosoup {

/// The content of the extension `id` in a packet, in one-byte or two-byte form; nothing where it is
/// missing or the header is cut off.
std::optional<std::span<const std::uint8_t>> findHeaderExtension(
    std::span<const std::uint8_t> packet, std::uint8_t id);

/// Likewise, of ssrc-audio-level.
std::optional<AudioLevel> readAudioLevel(std::span<const std::uint8_t> packet, std::uint8_t id);

}  // namespace cosoup
