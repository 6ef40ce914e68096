// DataProducer: messages on their way to the server.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/data_channel.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class SendTransport;

/// As mediasoup-client's options for produceData().
struct DataProduceOptions {
  explicit DataProduceOptions(std::string label_ = "", std::string protocol_ = "")
      : label(std::move(label_)), protocol(std::move(protocol_)) {}

  std::string label;     ///< for the app
  std::string protocol;  ///< likewise
  /// Whether messages arrive in the order in which they were sent; absent: they do, unless one of
  /// the two below is given, with which they cannot.
  std::optional<bool> ordered;
  /// How long a message may be on its way before it is given up; at most 65,535 ms. Not with
  /// maxRetransmits.
  std::optional<std::chrono::milliseconds> maxPacketLifeTime;
  /// How often a lost part of a message is sent again before it is given up.
  std::optional<std::uint16_t> maxRetransmits;
  /// For the server and the other peers; an object.
  Json appData = Json::object();
};

/// What has been sent so far, as the W3C counts messagesSent and bytesSent: with what still waits.
struct DataProducerCounters {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< of their content
};

/// As mediasoup-client's DataProducer. Made by SendTransport::produceData(). Main-context-bound.
class COSOUP_API DataProducer {
 public:
  struct Internals;  // of the transport
  explicit DataProducer(std::shared_ptr<Internals> internals);
  DataProducer(const DataProducer&) = delete;
  DataProducer& operator=(const DataProducer&) = delete;
  ~DataProducer();

  const std::string& id() const;  ///< the server's
  const std::string& label() const;
  const std::string& protocol() const;
  const SctpStreamParameters& sctpStreamParameters() const;
  const Json& appData() const;
  /// The app's own, an object; the server and the other peers keep what they were told. Throws
  /// Error(InvalidArgument) for anything else.
  void setAppData(Json appData);

  DataChannelState readyState() const;
  bool isClosed() const;

  /// Sends a text, which must be UTF-8, or bytes; either may be empty. While the channel is still
  /// connecting the message waits. Throws Error: InvalidState (closed), InvalidArgument (larger
  /// than maxMessageSize(), no UTF-8). Does not wait for room; see drained().
  void send(std::string_view text);
  void send(std::span<const std::byte> bytes);

  /// The largest message that can be sent, in bytes: as large as the server takes, up to 1 MiB.
  std::size_t maxMessageSize() const;
  /// Bytes that wait to be sent.
  std::size_t bufferedAmount() const;
  /// What counts as little of that, in bytes; at first 0. As RTCDataChannel's of the W3C.
  std::size_t bufferedAmountLowThreshold() const;
  void setBufferedAmountLowThreshold(std::size_t bytes);
  /// Waits until no more than bufferedAmountLowThreshold() waits to be sent, so that who sends much
  /// does not fill the memory. Throws Error(InvalidState) when the producer is or gets closed,
  /// Error(Media) when the channel fails, and Cancelled.
  Task<> drained();

  /// What waits to be sent still goes out; then the channel ends, while the transport goes on.
  /// The server is not told (it has no request for that). Idempotent.
  void close();

  DataProducerCounters counters() const;

  /// Messages go out.
  Signal<> opened;
  /// bufferedAmount() has come down to the threshold.
  Signal<> bufferedAmountLow;
  /// The channel is lost; `closed` follows.
  Signal<const Error&> failed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;
  /// Nothing more can be sent, for whatever reason.
  Signal<> closed;

 private:
  friend class SendTransport;
  static Task<> waitUntilDrained(std::shared_ptr<Internals> internals);
  void send(DataMessage message);
  void onSent();
  void onFailed(const Error& error);
  void closeByTransport();

  const std::shared_ptr<Internals> internals_;
};

}  // namespace cosoup
