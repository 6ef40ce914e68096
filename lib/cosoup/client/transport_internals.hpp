// What the transports are made of; for Device, which makes them.
#pragma once

#include <memory>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/client/recv_handler.hpp"
#include "cosoup/client/send_handler.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/client/transport_core.hpp"

namespace cosoup {

struct SendTransport::Internals : std::enable_shared_from_this<Internals> {
  Internals(TransportParameters parameters, ortc::ExtendedRtpCapabilities capabilities,
            ConnectHandler connect, ProduceHandler produce);

  Task<> connect();
  Task<std::shared_ptr<SendSlot>> send(ProduceOptions options);
  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);
  Task<> close();

  TransportCore core;
  SendHandler handler;
  ProduceHandler onProduce;
  std::vector<std::shared_ptr<Producer>> producers;
};

struct RecvTransport::Internals : std::enable_shared_from_this<Internals> {
  struct Request {
    ConsumeOptions options;
    Deferred<std::shared_ptr<Consumer>> made;
  };

  Internals(TransportParameters parameters, ortc::ExtendedRtpCapabilities capabilities,
            ConnectHandler connect);

  Task<> connect();
  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);
  Task<> close();

  Task<> negotiatePending();
  Task<> receive(std::vector<Request> batch);
  std::shared_ptr<Consumer> makeConsumer(const ConsumeOptions& options,
                                         std::shared_ptr<ReceivedTrack> track);
  Task<> release(std::shared_ptr<ReceivedTrack> track);
  Task<> closeWhenMade(Deferred<std::shared_ptr<Consumer>> made);

  TransportCore core;
  RecvHandler handler;
  const ortc::ExtendedRtpCapabilities capabilities;
  std::vector<std::shared_ptr<Consumer>> consumers;
  std::vector<Request> pending;
  bool negotiating = false;
};

}  // namespace cosoup
