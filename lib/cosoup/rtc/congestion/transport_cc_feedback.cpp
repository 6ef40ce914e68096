#include "cosoup/rtc/congestion/transport_cc_feedback.hpp"

#include <algorithm>
#include <cstddef>

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kHeader = 12;  // up to the FCI (RFC 4585, section 6.1)
constexpr std::size_t kFixed = 8;    // of the FCI, up to the first chunk
constexpr std::chrono::microseconds kTick{250};

enum class Status : std::uint8_t { Missing = 0, SmallDelta = 1, LargeDelta = 2, Reserved = 3 };

/// Of 16 bits: a run of one status, or a vector of them with 1 or 2 bits each.
class Chunk {
 public:
  explicit Chunk(unsigned bits) : bits_(bits) {}

  unsigned size() const {
    if (!isVector()) return bits_ & 0x1fff;
    return hasTwoBits() ? 7 : 14;
  }
  Status at(unsigned i) const {
    if (!isVector()) return Status{static_cast<std::uint8_t>(bits_ >> 13 & 3)};
    if (hasTwoBits()) return Status{static_cast<std::uint8_t>(bits_ >> (12 - 2 * i) & 3)};
    return Status{static_cast<std::uint8_t>(bits_ >> (13 - i) & 1)};
  }

 private:
  bool isVector() const { return bits_ & 0x8000; }
  bool hasTwoBits() const { return bits_ & 0x4000; }

  unsigned bits_;
};

/// Where the deltas begin, behind the chunks. `visit` returns whether to go on.
template <class Visit>
std::optional<std::size_t> visitStatuses(Bytes body, unsigned count, Visit visit) {
  std::size_t at = kFixed;
  for (unsigned seen = 0; seen < count;) {
    if (at + 2 > body.size()) return std::nullopt;
    const Chunk chunk(bigEndian16(body, at));
    at += 2;
    const unsigned size = std::min(chunk.size(), count - seen);
    for (unsigned i = 0; i < size; ++i) {
      if (!visit(seen + i, chunk.at(i))) return std::nullopt;
    }
    seen += size;
  }
  return at;
}

/// Reads one after the other.
class Deltas {
 public:
  Deltas(Bytes body, std::size_t at) : body_(body), at_(at) {}

  /// Absent where the bytes end before.
  std::optional<std::chrono::microseconds> next(Status status) {
    const std::size_t size = status == Status::SmallDelta ? 1 : 2;
    if (at_ + size > body_.size()) return std::nullopt;
    const int ticks = size == 1 ? body_[at_] : static_cast<std::int16_t>(bigEndian16(body_, at_));
    at_ += size;
    return ticks * kTick;
  }

 private:
  Bytes body_;
  std::size_t at_;
};

}  // namespace

std::optional<TransportCcFeedback> readTransportCcPacket(Bytes packet) {
  constexpr unsigned kFirst = 2u << 6 | 15;  // version and FMT
  constexpr std::uint8_t kPadded = 1u << 5;
  constexpr std::uint8_t kType = 205;
  if (packet.size() < kHeader || (packet[0] & ~kPadded) != kFirst || packet[1] != kType) {
    return std::nullopt;
  }
  const std::size_t size = (std::size_t{bigEndian16(packet, 2)} + 1) * 4;
  if (size < kHeader || size > packet.size()) return std::nullopt;
  const std::size_t padding = packet[0] & kPadded ? packet[size - 1] : 0;
  if (padding > size - kHeader) return std::nullopt;
  return readTransportCcBody(packet.subspan(kHeader, size - kHeader - padding));
}

std::optional<TransportCcFeedback> readTransportCcBody(Bytes body) {
  if (body.size() < kFixed) return std::nullopt;
  TransportCcFeedback feedback;
  feedback.base = bigEndian16(body, 0);
  feedback.count = bigEndian16(body, 2);
  feedback.reference = bigEndian32(body, 4) >> 8;
  feedback.serial = body[7];
  const auto isKnown = [](unsigned, Status status) { return status != Status::Reserved; };
  const auto begin = visitStatuses(body, feedback.count, isKnown);
  if (!begin) return std::nullopt;
  Deltas deltas(body, *begin);
  std::chrono::microseconds time{0};
  const auto read = [&](unsigned i, Status status) {
    if (status == Status::Missing) return true;
    const auto delta = deltas.next(status);
    if (!delta) return false;
    time += *delta;
    feedback.arrivals.push_back({static_cast<std::uint16_t>(feedback.base + i), time});
    return true;
  };
  if (!visitStatuses(body, feedback.count, read)) return std::nullopt;
  return feedback;
}

}  // namespace cosoup
