// DataConsumer: messages that the server sends us.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/data_channel.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class RecvTransport;

/// A data consumer as the server made it (mediasoup-client's DataConsumerOptions).
struct DataConsumeOptions {
  DataConsumeOptions(std::string id_, std::string dataProducerId_, SctpStreamParameters parameters)
      : id(std::move(id_)),
        dataProducerId(std::move(dataProducerId_)),
        sctpStreamParameters(std::move(parameters)) {}

  std::string id;
  std::string dataProducerId;
  SctpStreamParameters sctpStreamParameters;
  std::string label;              ///< as who sends has named it
  std::string protocol;           ///< likewise
  Json appData = Json::object();  ///< the app's own; an object
};

/// What has arrived so far, without what came while paused.
struct DataConsumerCounters {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< of their content
};

/// As mediasoup-client's DataConsumer. Made by RecvTransport::consumeData(). Main-context-bound.
class COSOUP_API DataConsumer {
 public:
  struct Internals;  // of the transport
  explicit DataConsumer(std::unique_ptr<Internals> internals);
  DataConsumer(const DataConsumer&) = delete;
  DataConsumer& operator=(const DataConsumer&) = delete;
  ~DataConsumer();

  const std::string& id() const;  ///< the server's
  const std::string& dataProducerId() const;
  const std::string& label() const;
  const std::string& protocol() const;
  const SctpStreamParameters& sctpStreamParameters() const;
  const Json& appData() const;
  /// Throws Error(InvalidArgument) for anything but an object.
  void setAppData(Json appData);

  DataChannelState readyState() const;
  bool isClosed() const;

  /// While paused, what comes is dropped, as the server drops it for a data consumer that is paused
  /// there; the server is not told. Throw Error(InvalidState) when closed.
  void pause();
  void resume();
  bool isPaused() const;

  /// Every message from now on, in a queue of its own that ends with the consumer:
  /// `while (auto message = co_await messages.next()) …`. Whoever stops reading closes it, or lets
  /// go of it. Of what is not read so much is kept as limits.hpp says; what comes then is lost.
  Channel<DataMessage> messages();

  /// No more messages. Idempotent.
  void close();

  DataConsumerCounters counters() const;

  /// Messages up to RecvTransport::dataChannelMaxMessageSize() come whole, in the order and with
  /// the losses of the channel's parameters.
  Signal<const DataMessage&> message;
  /// The association is up.
  Signal<> opened;
  /// A message was larger than that and is lost; or messages are lost because those before them
  /// are not read; or the channel is lost, then `closed` follows.
  Signal<const Error&> failed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;
  /// No more messages come, for whatever reason.
  Signal<> closed;

 private:
  friend class RecvTransport;
  void take(const DataMessage& received);
  void closeByTransport();

  const std::unique_ptr<Internals> internals_;
};

}  // namespace cosoup
