#include "cosoup/signaling/frame_gate.hpp"

#include <algorithm>

namespace cosoup {
namespace {

// RFC 6455, 5.2.
constexpr unsigned kFin = 0x80;
constexpr unsigned kOpcode = 0x0f;
constexpr unsigned kControl = 0x08;
constexpr unsigned kPing = 0x09;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;

constexpr std::uint64_t kPongOverhead = 6;  // a client's header of a short frame

/// The header of a frame that libsoup takes for too long, whatever its limit.
constexpr std::string_view kEndless("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10);

unsigned byteAt(const std::string& text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

std::size_t headerSize(const std::string& begin) {
  const unsigned length = byteAt(begin, 1) & ~kMasked;
  if (length == kLength64) return 10;
  return length == kLength16 ? 4 : 2;
}

std::uint64_t payloadSize(const std::string& header) {
  if (header.size() == 2) return byteAt(header, 1);
  std::uint64_t size = 0;
  for (std::size_t i = 2; i < header.size(); ++i) size = size << 8 | byteAt(header, i);
  return size;
}

}  // namespace

void FrameGate::pass(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (payload_ == Payload::unknown) {
      out += bytes;
      return;
    }
    if (remaining_ == 0 && !takeHeader(bytes, out)) return;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    if (payload_ != Payload::skipped) out += bytes.substr(0, count);
    bytes.remove_prefix(count);
    remaining_ -= count;
  }
}

/// False while it is not there whole.
bool FrameGate::takeHeader(std::string_view& bytes, std::string& out) {
  while (header_.size() < 2 || header_.size() < headerSize(header_)) {
    if (bytes.empty()) return false;
    header_ += bytes.front();
    bytes.remove_prefix(1);
  }
  judge(out);
  header_.clear();
  return true;
}

void FrameGate::judge(std::string& out) {
  const unsigned opcode = byteAt(header_, 0) & kOpcode;
  payload_ = Payload::passed;
  if (byteAt(header_, 1) & kMasked) {
    payload_ = Payload::unknown;  // libsoup ends the connection for it
    out += header_;
    return;
  }
  remaining_ = payloadSize(header_);
  if (opcode & kControl) {
    if (opcode == kPing && !pingsPass_) {
      payload_ = Payload::skipped;
      return;
    }
    if (opcode == kPing) pongBytes_ += remaining_ + kPongOverhead;
    out += header_;
    return;
  }
  const bool isLast = byteAt(header_, 0) & kFin;
  const bool isWhole = isLast && opcode != 0;
  if (isWhole && remaining_ > maxMessageSize_ && remaining_ <= limits::skippedBytes) {
    payload_ = Payload::skipped;
    ++skipped_;
    return;
  }
  if (remaining_ > maxMessageSize_ || (!isWhole && remaining_ > maxMessageSize_ - fragments_)) {
    payload_ = Payload::unknown;
    out += kEndless;
    return;
  }
  if (!isWhole) fragments_ = isLast ? 0 : fragments_ + remaining_;
  out += header_;
}

}  // namespace cosoup
