// RtxPacker: packets of an RTP stream that are sent again, packed as RTX (RFC 4588). Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cosoup {

/// The RTX stream of one other stream, under an SSRC of its own (RFC 4588, section 5.3). No thread,
/// no clock.
class RtxPacker {
 public:
  /// RFC 3550, section 5.1: the last byte of the padding tells its length.
  static constexpr std::size_t maxPadding = 255;

  /// `sequenceNumber`: of the first packet that is sent again.
  RtxPacker(std::uint32_t ssrc, std::uint8_t payloadType, std::uint16_t sequenceNumber)
      : ssrc_(ssrc), payloadType_(payloadType), next_(sequenceNumber) {}

  std::uint32_t ssrc() const { return ssrc_; }

  /// The next packet of the RTX stream: what that packet was, with its sequence number in front of
  /// the payload (section 4), with its header extensions and without its padding. Empty, and no
  /// number is used up, where the bytes are no whole RTP packet.
  std::vector<std::uint8_t> pack(std::span<const std::uint8_t> packet);

  /// The next packet of the RTX stream, with nothing in it but so many bytes of padding, 1 to
  /// maxPadding: it shows what the line carries, and receivers drop it. The header extensions are
  /// those of a packet of the other stream; empty where that is no whole RTP packet.
  std::vector<std::uint8_t> pad(std::span<const std::uint8_t> like, std::size_t padding);

 private:
  std::vector<std::uint8_t> header(std::span<const std::uint8_t> packet, std::size_t size);

  std::uint32_t ssrc_;
  std::uint8_t payloadType_;
  std::uint16_t next_;
};

}  // namespace cosoup
