// SequenceUnwrapper: the 16-bit sequence numbers of a received RTP stream, made numbers that never
// wrap. Internal.
#pragma once

#include <cstdint>
#include <optional>

namespace cosoup {

/// RFC 3550, appendix A.1: a packet far from all others changes nothing until a second one follows
/// it, for it may be a stray. Two in order are a sender that has begun anew. The low 16 bits of a
/// number are always those of the packet.
class SequenceUnwrapper {
 public:
  enum class Kind {
    First,    ///< the stream begins
    Ahead,    ///< newer than all before
    Behind,   ///< older than the newest
    Stray,    ///< far away: the number says nothing
    Restart,  ///< the second packet of a new numbering; the first was the last stray
  };
  struct Unwrapped {
    Kind kind;
    std::int64_t number;
  };

  static constexpr int maxDropout = 3000;
  /// Before the oldest packet that is still awaited, not before the newest as in the RFC: what is
  /// sent again on request may be far behind the newest. For the same reason more than its 100.
  static constexpr int maxMisorder = 512;

  /// `isResent`: came as RTX. Such a packet begins nothing, for it may be old.
  Unwrapped unwrap(std::uint16_t sequenceNumber, bool isResent, std::int64_t oldestAwaited);

 private:
  Unwrapped stray(std::uint16_t sequenceNumber);

  std::optional<std::int64_t> newest_;
  std::optional<std::uint16_t> stray_;
};

}  // namespace cosoup
