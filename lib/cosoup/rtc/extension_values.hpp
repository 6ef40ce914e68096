// The contents of RTP header extensions, byte by byte. Pure. Internal.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "cosoup/rtc/playout_delay.hpp"

namespace cosoup {

/// Whether it is 0, 90, 180 or 270.
bool isRotation(int degrees);

/// urn:3gpp:video-orientation (3GPP TS 26.114, section 7.4.5): by how many degrees the receiver has
/// to turn the picture clockwise. Of a byte that also says that the picture is mirrored, or of the
/// camera on the back, only the rotation is read, as browsers do.
std::uint8_t videoOrientationByte(int rotation);
int rotationOfVideoOrientation(std::uint8_t byte);

/// abs-send-time: 6 bits of seconds and 18 of their fraction, by a clock of the sender's own, in
/// microseconds here.
std::array<std::uint8_t, 3> absSendTimeBytes(std::uint64_t microseconds);

/// abs-capture-time in its short form: the time of capture in 32.32 fixed point seconds since 1900.
/// `unixTime` in ns.
std::array<std::uint8_t, 8> absCaptureTimeBytes(std::uint64_t unixTime);

/// playout-delay: two times 12 bits of 10 ms each, rounded. Throws Error(InvalidArgument) for
/// negative or too large values, and when the least is more than the most.
std::array<std::uint8_t, 3> playoutDelayBytes(const PlayoutDelay& delay);
/// Nothing for anything but three bytes, and when the least is more than the most.
std::optional<PlayoutDelay> readPlayoutDelay(std::span<const std::uint8_t> bytes);

}  // namespace cosoup
