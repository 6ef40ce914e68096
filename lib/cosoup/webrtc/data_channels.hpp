// DataChannels: what a transport asks of the SCTP association of its peer connection. Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/rtc/data_channel.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// The largest message that can be sent, in bytes: GStreamer's association breaks with one that is
/// larger than its send buffer.
constexpr std::uint32_t kMaxSentMessage = 1024 * 1024;

/// One SCTP stream on which we send. Main-context-bound.
class DataSender {
 public:
  DataSender() = default;
  DataSender(const DataSender&) = delete;
  DataSender& operator=(const DataSender&) = delete;
  virtual ~DataSender() = default;

  /// Queues a message, also before the association is there. Does nothing after close().
  virtual void send(DataMessage message) = 0;
  /// Bytes of the messages that SCTP has not yet taken.
  virtual std::size_t bufferedAmount() const = 0;
  /// No more messages; what is queued still goes out, then the stream is reset and `closed` is
  /// emitted. Idempotent. Letting go of a sender does the same.
  virtual void close() = 0;

  /// bufferedAmount() has become less.
  Signal<> sent;
  /// The stream id may be used again.
  Signal<> closed;
  /// Nothing more can be sent on this stream; `closed` follows.
  Signal<const Error&> failed;
};

/// Negotiated channels (RFC 8832 is not spoken), of which each stream id is one, in both directions
/// by itself. A fault of one never ends another one or the transport. Main-context-bound.
class DataChannels {
 public:
  using Receiver = std::function<void(DataMessage message)>;

  DataChannels() = default;
  DataChannels(const DataChannels&) = delete;
  DataChannels& operator=(const DataChannels&) = delete;
  virtual ~DataChannels() = default;

  /// The largest message that is received, in bytes; before the association is there.
  virtual void setMaxMessageSize(std::size_t bytes) = 0;
  /// The association is up: from now on messages go out and come in.
  virtual bool isOpen() const = 0;
  /// The id must be free: never opened, or its sender `closed`.
  virtual std::shared_ptr<DataSender> open(const SctpStreamParameters& parameters) = 0;
  /// Takes the messages of a stream from now on; those that came just before are delivered soon.
  virtual void receive(std::uint16_t streamId, Receiver receiver) = 0;
  /// Drops the messages of a stream until receive() is called for it again.
  virtual void ignore(std::uint16_t streamId) = 0;

  Signal<> opened;
  /// The association is lost for good.
  Signal<const Error&> failed;
  /// A message was too large to be received, or came when too many waited, and is lost.
  Signal<std::uint16_t, Error> dropped;
};

}  // namespace cosoup
