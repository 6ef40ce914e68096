// What the transports are made of; for Device, which makes them.
#pragma once

#include <memory>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/client/data_streams.hpp"
#include "cosoup/client/recv_handler.hpp"
#include "cosoup/client/send_handler.hpp"
#include "cosoup/client/transport.hpp"
#include "cosoup/client/transport_core.hpp"

namespace cosoup {

struct SendTransport::Internals : std::enable_shared_from_this<Internals> {
  Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
            ortc::ExtendedRtpCapabilities capabilities, ConnectHandler connect,
            ProduceHandler produce, ProduceDataHandler produceData);

  Task<> connect();
  Task<Sending> send(ProduceOptions options);
  Task<std::shared_ptr<Producer>> produce(ProduceOptions options);
  Task<> restartIce(IceParameters iceParameters);
  Task<RtcStatsReport> getStats();
  Task<> negotiateDataSlot();
  Task<std::string> produceDataAtServer(const DataProducer::Internals& producer);
  Task<std::shared_ptr<DataProducer>> produceData(DataProduceOptions options);
  Task<> close();

  TransportCore core;
  SendHandler handler;
  ProduceHandler onProduce;
  ProduceDataHandler onProduceData;
  DataStreams dataStreams;
  std::vector<std::shared_ptr<Producer>> producers;
  Signal<std::shared_ptr<Producer>> newProducer;
  Signal<std::shared_ptr<DataProducer>> newDataProducer;
  std::vector<std::shared_ptr<DataProducer>> dataProducers;
};

struct RecvTransport::Internals : std::enable_shared_from_this<Internals> {
  struct Request {
    ConsumeOptions options;
    Deferred<std::shared_ptr<Consumer>> made;
  };

  Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options,
            ortc::ExtendedRtpCapabilities capabilities, ConnectHandler connect);

  Task<> connect();
  Task<std::shared_ptr<Consumer>> consume(ConsumeOptions options);
  Task<> restartIce(IceParameters iceParameters);
  Task<RtcStatsReport> getStats();
  Task<std::shared_ptr<DataConsumer>> consumeData(DataConsumeOptions options);
  Task<> close();

  Task<> negotiatePending();
  Task<> receive(std::vector<Request> batch);
  std::shared_ptr<Consumer> makeConsumer(const ConsumeOptions& options,
                                         std::shared_ptr<ReceivedTrack> track);
  Task<> release(std::shared_ptr<ReceivedTrack> track);
  Task<> closeWhenMade(Deferred<std::shared_ptr<Consumer>> made);
  Task<> negotiateDataSlot();
  Task<> connectForData();
  void checkDataOptions(const DataConsumeOptions& options) const;
  void endDataConsumers(const Error& error);

  TransportCore core;
  RecvHandler handler;
  const ortc::ExtendedRtpCapabilities capabilities;
  std::vector<std::shared_ptr<Consumer>> consumers;
  Signal<std::shared_ptr<Consumer>> newConsumer;
  Signal<std::shared_ptr<DataConsumer>> newDataConsumer;
  std::vector<std::shared_ptr<DataConsumer>> dataConsumers;
  Connection dataFailed;
  std::vector<Request> pending;
  bool negotiating = false;
};

}  // namespace cosoup
