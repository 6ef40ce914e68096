// FrameGate: what of a server's WebSocket frames is let through to libsoup. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cosoup/core/limits.hpp"

namespace cosoup {

/// Takes the bytes of a connection as they come, and leaves out the frames of messages that are too
/// long: libsoup would collect a whole frame first, and all fragments of a message. Pure.
class FrameGate {
 public:
  explicit FrameGate(std::size_t maxMessageSize = limits::messageBytes)
      : maxMessageSize_(maxMessageSize) {}

  /// Appends to `out` what is let through.
  void pass(std::string_view bytes, std::string& out);
  /// Whether pings are let through; they are answered one by one.
  void setPingsPass(bool pass) { pingsPass_ = pass; }

  /// How many messages have been left out.
  std::size_t skipped() const { return skipped_; }
  /// Bytes of the pongs for the pings that were let through.
  std::uint64_t pongBytes() const { return pongBytes_; }

 private:
  enum class Payload { passed, skipped, unknown };

  bool takeHeader(std::string_view& bytes, std::string& out);
  void judge(std::string& out);

  const std::size_t maxMessageSize_;
  std::string header_;  ///< of the frame that comes, as far as it is there
  std::uint64_t remaining_ = 0;
  Payload payload_ = Payload::passed;
  std::uint64_t fragments_ = 0;  ///< bytes so far of a message that comes in several frames
  std::size_t skipped_ = 0;
  bool pingsPass_ = true;
  std::uint64_t pongBytes_ = 0;
};

}  // namespace cosoup
