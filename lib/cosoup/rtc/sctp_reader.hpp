// SctpReader: whole messages out of the SCTP packets of a peer (RFC 9260, 3758, 6525). Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace cosoup::sctp {

struct Message {
  std::uint16_t streamId = 0;
  std::uint32_t ppid = 0;  ///< payload protocol identifier (RFC 8831, section 8)
  std::string bytes;
};
/// A message was larger than the reader takes; it is lost, what follows it is not.
struct Oversized {
  std::uint16_t streamId = 0;
  std::size_t size = 0;
};
/// The peer starts the streams anew: what comes is another channel's.
struct StreamReset {
  std::vector<std::uint16_t> streamIds;  ///< empty: all
};
/// The association has ended, or the peer breaks its rules so badly that nothing more can be read.
struct Ended {
  std::string reason;
};
using Event = std::variant<Message, Oversized, StreamReset, Ended>;

/// Reads along what an SCTP stack receives; the stack still answers the peer, counts its window and
/// asks for what is missing. For stacks that deliver large messages in pieces without telling where
/// one ends. Takes packets in any order, any number of times. Never throws on account of what a
/// packet holds; what is kept of incomplete messages is bounded.
class SctpReader {
 public:
  explicit SctpReader(std::size_t maxMessageSize) : maxMessageSize_(maxMessageSize) {}

  /// What has become complete with this packet, in the order of delivery.
  std::vector<Event> read(std::span<const std::uint8_t> packet);

 private:
  using Tsn = std::uint64_t;  // not wrapped

  /// Adjoining fragments of one message.
  struct Run {
    Tsn last = 0;
    bool begins = false;
    bool ends = false;
    bool unordered = false;
    std::uint16_t streamId = 0;
    std::uint16_t sequence = 0;
    std::uint32_t ppid = 0;
    std::size_t size = 0;
    std::string bytes;  // empty when too large
  };
  struct Stream {
    std::uint16_t next = 0;
    std::map<std::uint16_t, Run> waiting;  // complete, by sequence number, for earlier ones
  };
  struct Reset {
    std::uint32_t request = 0;
    Tsn after = 0;
    std::vector<std::uint16_t> streamIds;
  };

  void readChunk(std::uint8_t type, std::uint8_t flags, std::span<const std::uint8_t> value);
  void onInit(std::span<const std::uint8_t> value);
  void onData(std::uint8_t flags, std::span<const std::uint8_t> value);
  void onForwardTsn(std::span<const std::uint8_t> value);
  void onReconfig(std::span<const std::uint8_t> value);
  void onResetRequest(std::span<const std::uint8_t> parameter);

  Tsn unwrap(std::uint32_t tsn) const;
  bool take(Tsn tsn);
  void advance();
  void store(Tsn tsn, Run fragment);
  void append(Run& run, Run more);
  void complete(Run run);
  void emit(Run run);
  void deliverWaiting(Stream& stream);
  void skipTo(std::uint16_t streamId, std::uint16_t sequence);
  void applyResets();
  void checkBounds();
  void end(std::string reason);

  std::size_t maxMessageSize_;
  std::vector<Event> events_;
  bool ended_ = false;
  std::optional<std::uint32_t> initialTsn_;
  Tsn cumulative_ = 0;   // all up to this one have come, or will not
  std::set<Tsn> ahead_;  // those beyond that have come
  std::map<Tsn, Run> runs_;
  std::map<std::uint16_t, Stream> streams_;
  std::vector<Reset> resets_;
  std::optional<std::uint32_t> lastReset_;
  std::size_t kept_ = 0;  // bytes in runs_ and waiting
};

}  // namespace cosoup::sctp
