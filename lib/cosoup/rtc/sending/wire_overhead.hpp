// What a stream takes on the wire beyond its media. Pure functions. Internal.
#pragma once

#include <cstdint>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

enum class IpVersion : std::uint8_t { v4, v6 };

/// What each packet carries beside its payload.
struct PacketOverhead {
  IpVersion ip = IpVersion::v4;
  unsigned extensions = 16;  ///< bytes of header extensions (RFC 8285), with their own header
  unsigned relay = 0;        ///< bytes that a TURN server's channel adds: 4 (RFC 8656)
  friend bool operator==(const PacketOverhead&, const PacketOverhead&) = default;
};

/// Bytes of a packet's payload when a frame is cut into several. A bit less than it is, so that the
/// overhead is rather a bit too large.
inline constexpr double payloadBytes = 1150;

/// Bytes a packet: IP (20 or 40), UDP (8), RTP (12, RFC 3550), and SRTP's tag (10, RFC 3711).
unsigned overheadBytes(const PacketOverhead& overhead);

/// What media of a bitrate takes on the wire, in bit/s. A frame of video begins a packet and takes
/// as many as it needs; one of audio is a packet. `overhead` is that of overheadBytes().
double wireBitrate(MediaKind kind, double media, double frameRate, unsigned overhead);
/// The bitrate of the media for which wireBitrate() is so much; 0 if there is none.
double mediaBitrate(MediaKind kind, double wire, double frameRate, unsigned overhead);

}  // namespace cosoup
