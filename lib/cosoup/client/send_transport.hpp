// SendTransport: a Transport that sends.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cosoup/client/data_producer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

/// Makes the producer at the server and gives its id (the `produce` event of mediasoup-client).
using ProduceHandler =
    std::function<Task<std::string>(MediaKind kind, RtpParameters parameters, Json appData)>;

/// Makes the data producer at the server and gives its id (mediasoup-client's `producedata` event).
using ProduceDataHandler = std::function<Task<std::string>(
    SctpStreamParameters parameters, std::string label, std::string protocol, Json appData)>;

/// Made by Device::createSendTransport(). Main-context-bound.
class COSOUP_API SendTransport : public Transport {
 public:
  struct Internals;
  explicit SendTransport(std::shared_ptr<Internals> internals);

  /// Sends a track. Resolves once the server has the producer; media may flow a little earlier.
  /// Throws Error: InvalidArgument (no track, no caps), InvalidState (closed), Unsupported (no
  /// codec), Media, what the handlers throw; and Cancelled. After a throw nothing is left behind
  /// here; a producer that the server made in the meantime is for the caller to undo, see
  /// producerAbandoned(). The handler is called a second time when the server rejects
  /// (Error::Code::Rejected) SSRCs that an earlier producer had, which it may still hold to be
  /// there: with others then.
  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);

  /// Opens a channel for messages. Resolves once the server has the data producer; the channel may
  /// still be connecting. Throws Error: InvalidArgument (options that contradict each other),
  /// InvalidState (closed, no handler, all streams in use), Unsupported (no SCTP at the server),
  /// Media, what the handlers throw; and Cancelled. After a throw the channel is undone.
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);

  Signal<std::shared_ptr<Producer>>& newProducer;
  /// A produce() has thrown although the server had given this id already: it is to be closed
  /// there.
  Signal<const std::string&>& producerAbandoned;
  Signal<std::shared_ptr<DataProducer>>& newDataProducer;

 private:
  Internals& internals() const;
};

}  // namespace cosoup
