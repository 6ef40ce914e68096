// RecvTransport: a Transport that receives.
#pragma once

#include <memory>

#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

/// Made by Device::createRecvTransport(). Main-context-bound.
class COSOUP_API RecvTransport : public Transport {
 public:
  struct Internals;
  explicit RecvTransport(std::shared_ptr<Internals> internals);

  /// Takes a consumer that the server has made, best paused, to be resumed when this has resolved.
  /// Calls made in the same turn of the loop are negotiated together. Throws Error: InvalidArgument
  /// (malformed parameters), Unsupported (codec), InvalidState (closed), Media, what the connect
  /// handler throws; and Cancelled.
  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);

  /// Takes a data consumer that the server has made. What the server sent before is delivered when
  /// this has resolved. Throws Error: InvalidArgument (malformed options, a stream in use),
  /// InvalidState (closed), Unsupported (no SCTP at the server), Media, what the connect handler
  /// throws; and Cancelled.
  Task<std::shared_ptr<DataConsumer>> consumeData(DataConsumeOptions options);

  Signal<std::shared_ptr<Consumer>>& newConsumer;
  Signal<std::shared_ptr<DataConsumer>>& newDataConsumer;

 private:
  Internals& internals() const;
};

}  // namespace cosoup
