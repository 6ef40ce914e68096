#include "cosoup/rtc/rtcp_filter.hpp"

#include <optional>

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Admits = std::function<bool(std::uint32_t)>;

// RFC 3550, section 12.1; RFC 4585, section 6.1.
enum PacketType : std::uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kDescription = 202,
  kTransportFeedback = 205,
  kPayloadFeedback = 206,
};

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kWord = 4;

std::optional<std::uint32_t> wordAt(Bytes bytes, std::size_t at) {
  if (at + kWord > bytes.size()) return std::nullopt;
  return bigEndian32(bytes, at);
}

/// The size of the packet that the bytes begin with; absent when they do not hold it.
std::optional<std::size_t> packetSize(Bytes bytes) {
  constexpr std::uint8_t kVersion = 2;
  if (bytes.size() < kHeaderSize || bytes[0] >> 6 != kVersion) return std::nullopt;
  const std::size_t size = (std::size_t{bigEndian16(bytes, 2)} + 1) * kWord;
  if (size > bytes.size()) return std::nullopt;
  return size;
}

/// Where the chunk of a source ends: behind its items and their padding (RFC 3550, section 6.5).
/// Absent when it is cut off.
std::optional<std::size_t> chunkEnd(Bytes packet, std::size_t begin) {
  std::size_t at = begin + kWord;
  while (at < packet.size() && packet[at] != 0) {
    if (at + 1 >= packet.size()) return std::nullopt;
    at += 2 + static_cast<std::size_t>(packet[at + 1]);
  }
  if (at >= packet.size()) return std::nullopt;
  return (at / kWord + 1) * kWord;
}

bool describesOnlyAdmitted(Bytes packet, const Admits& isAdmitted) {
  const std::size_t chunks = packet[0] & 31;
  std::size_t at = kHeaderSize;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const std::optional<std::uint32_t> source = wordAt(packet, at);
    if (!source || !isAdmitted(*source)) return false;
    const std::optional<std::size_t> end = chunkEnd(packet, at);
    if (!end) return false;
    at = *end;
  }
  return true;
}

bool goesOn(Bytes packet, const Admits& isAdmitted) {
  switch (packet[1]) {
    case kSenderReport:
    case kReceiverReport: {
      const std::optional<std::uint32_t> sender = wordAt(packet, kHeaderSize);
      return sender && isAdmitted(*sender);
    }
    case kDescription:
      return describesOnlyAdmitted(packet, isAdmitted);
    case kTransportFeedback:
    case kPayloadFeedback:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<ByteRange> admittedRtcp(Bytes compound, const Admits& isAdmitted) {
  std::vector<ByteRange> admitted;
  std::size_t at = 0;
  while (const std::optional<std::size_t> size = packetSize(compound.subspan(at))) {
    if (goesOn(compound.subspan(at, *size), isAdmitted)) admitted.push_back({at, *size});
    at += *size;
  }
  return admitted;
}

}  // namespace cosoup
