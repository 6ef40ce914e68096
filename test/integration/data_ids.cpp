// Stream ids of data channels, over the low-level API, with few streams.
#include "cosoup/signaling/protoo.hpp"
#include "integration/talker.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kStreams = 2;

SctpCapabilities withStreams(std::uint16_t count) {
  SctpCapabilities capabilities;
  capabilities.numStreams.OS = count;
  capabilities.numStreams.MIS = count;
  return capabilities;
}

/// A device with a transport each way, in a room.
class Endpoint {
 public:
  /// `receivedStreams`: how many the server has for what it sends.
  Task<> join(std::uint16_t receivedStreams = kStreams) {
    co_await signaler_.connect(sharedServer().address(room), "ada");
    reading_.spawn(readEvents(signaler_.events()));
    device_.load(co_await signaler_.getRouterRtpCapabilities());
    WebRtcTransportOptions sending(true);
    sending.sctpCapabilities = withStreams(kStreams);
    WebRtcTransportOptions receiving(false);
    receiving.sctpCapabilities = withStreams(receivedStreams);
    TransportParameters sendSide = co_await signaler_.createWebRtcTransport(sending);
    TransportParameters recvSide = co_await signaler_.createWebRtcTransport(receiving);
    // Newer servers have as many as SCTP can, whatever is asked for.
    sendSide.sctpParameters->MIS = kStreams;
    makeTransports(std::move(sendSide), std::move(recvSide));
    PeerInfo me("ada", "Ada");
    JoinOptions joining(std::move(me));
    joining.sctpCapabilities = withStreams(receivedStreams);
    co_await signaler_.join(std::move(joining));
    co_await eventually("the bot is consumed", [this] { return hasConsumers(1); });
  }

  Task<> leave() {
    co_await send->close();
    co_await recv->close();
    co_await signaler_.close();
    co_await reading_.close();
  }

  Task<> echo(std::string dataProducerId) {
    Json body =
        Json::object({{"roomId", room}, {"peerId", "ada"}, {"dataProducerId", dataProducerId}});
    co_await sharedServer().post("/test/echo", std::move(body));
  }
  Task<bool> hasConsumers(std::size_t count) {
    co_return consumers.size() == count&& areOpen(consumers);
  }

  const std::string room = freshRoom();
  std::shared_ptr<SendTransport> send;
  std::shared_ptr<RecvTransport> recv;
  std::vector<std::shared_ptr<DataConsumer>> consumers;
  bool refuses = false;  ///< the server refuses data producers

 private:
  void makeTransports(TransportParameters sendSide, TransportParameters recvSide) {
    const std::string sendId = sendSide.id;
    const std::string recvId = recvSide.id;
    send = device_.createSendTransport(
        std::move(sendSide),
        [this, sendId](DtlsParameters dtls) {
          return signaler_.connectWebRtcTransport(sendId, std::move(dtls));
        },
        [this, sendId](MediaKind kind, RtpParameters parameters, Json appData) {
          return signaler_.produce(sendId, kind, std::move(parameters), std::move(appData));
        },
        [this, sendId](SctpStreamParameters parameters, std::string label, std::string protocol,
                       Json appData) {
          return produceData(sendId, parameters, std::move(label), std::move(protocol),
                             std::move(appData));
        });
    recv = device_.createRecvTransport(std::move(recvSide), [this, recvId](DtlsParameters dtls) {
      return signaler_.connectWebRtcTransport(recvId, std::move(dtls));
    });
  }

  Task<std::string> produceData(std::string transportId, SctpStreamParameters parameters,
                                std::string label, std::string protocol, Json appData) {
    if (refuses) throw Error(Error::Code::Rejected, "not today", 500);
    co_return co_await signaler_.produceData(transportId, parameters, label, protocol, appData);
  }

  Task<> readEvents(Channel<SignalerEvent> events) {
    while (auto event = co_await events.next()) {
      if (auto* request = std::get_if<ServerRequest>(&*event)) co_await take(*request);
      if (auto* notification = std::get_if<Notification>(&*event)) {
        if (const auto* gone = std::get_if<notification::DataConsumerClosed>(notification))
          end(*gone);
      }
    }
  }

  Task<> take(ServerRequest request) {
    const NewDataConsumer offer = std::get<NewDataConsumer>(request.content());
    DataConsumeOptions options(offer.id, offer.dataProducerId, offer.sctpStreamParameters);
    options.label = offer.label;
    consumers.push_back(co_await recv->consumeData(std::move(options)));
    request.accept();
  }

  void end(const notification::DataConsumerClosed& gone) {
    std::erase_if(consumers, [&](const auto& consumer) {
      if (consumer->id() != gone.dataConsumerId) return false;
      consumer->close();
      return true;
    });
  }

  ProtooSignaler signaler_;
  Device device_;
  Scope reading_;
};

Task<bool> hasCounted(std::shared_ptr<int> count, int wanted) { co_return *count == wanted; }

/// Sends on a new data producer and closes it, here and at the server, when its echo has come.
/// Gives the stream id.
Task<int> talkOnce(Endpoint& ada, DataProduceOptions options) {
  const auto producer = co_await ada.send->produceData(std::move(options));
  const std::size_t before = ada.consumers.size();
  co_await ada.echo(producer->id());
  co_await eventually("its echo is open", [&] { return ada.hasConsumers(before + 1); });
  const auto consumer = ada.consumers.back();
  const auto heard = std::make_shared<int>(0);
  const Connection connection = consumer->message.connect([heard](const DataMessage& message) {
    if (message.text() == "hello") ++*heard;
  });
  producer->send("hello");
  producer->send("hello");
  co_await eventually("both echoes have come", [&] { return hasCounted(heard, 2); });
  const int there = producer->sctpStreamParameters().streamId;
  producer->close();
  co_await sharedServer().post("/test/dataProducers/" + producer->id() + "/close", Json::object());
  co_await eventually("its echo has ended", [&] { return ada.hasConsumers(before); });
  co_return there;
}

Task<> reusesIds(std::uint16_t receivedStreams) {
  Endpoint ada;
  co_await ada.join(receivedStreams);
  std::vector<int> there;
  for (int i = 0; i < 3 * kStreams; ++i) {
    DataProduceOptions options("turn " + std::to_string(i));
    if (i % 2 == 1) options.maxRetransmits = 3;  // each time another kind of channel
    there.push_back(co_await talkOnce(ada, std::move(options)));
  }
  const std::vector<int> expected{0, 1, 0, 1, 0, 1};
  CHECK(there == expected);
  co_await ada.leave();
}

Task<std::shared_ptr<DataProducer>> produce(Endpoint& ada) {
  DataProduceOptions options("any");
  return ada.send->produceData(std::move(options));
}

Task<> discard(Task<std::shared_ptr<DataProducer>> task) { co_await std::move(task); }

Task<> runsOutOfIds() {
  Endpoint ada;
  co_await ada.join();
  const auto first = co_await produce(ada);
  const auto second = co_await produce(ada);
  const Error none = co_await thrownBy(discard(produce(ada)));
  CHECK(none.code() == Error::Code::InvalidState);
  CHECK(std::string(none.what()) == "produceData: all 2 streams are in use");
  co_await ada.leave();
  const Error late = co_await thrownBy(discard(produce(ada)));
  CHECK(late.code() == Error::Code::InvalidState);
  CHECK(std::string(late.what()) == "produceData: the transport is closed");
}

Task<bool> canProduce(Endpoint& ada) {
  try {
    co_await produce(ada);
  } catch (const Error&) {
    co_return false;
  }
  co_return true;
}

Task<> undoesWhatIsRefused() {
  Endpoint ada;
  co_await ada.join();
  ada.refuses = true;
  for (int i = 0; i < 2 * kStreams; ++i) {
    const Error error = co_await thrownBy(discard(produce(ada)));
    // The stream is given back from the sending thread: by then the next turn may have come.
    const bool isRefused = error.code() == Error::Code::Rejected;
    CHECK((isRefused || error.code() == Error::Code::InvalidState));
  }
  ada.refuses = false;
  for (int i = 0; i < kStreams; ++i) {
    co_await eventually("there is a free stream", [&] { return canProduce(ada); });
  }
  co_await ada.leave();
}

}  // namespace

TEST_CASE("ids of closed channels are used again, with other reliability") {
  runTest(reusesIds(1024), 120s);
}

TEST_CASE("ids of closed channels are used again both ways", "[newer-mediasoup]") {
  // Before, the server drops what is sent on a stream whose reset waits for an acknowledgement.
  runTest(reusesIds(kStreams), 120s);
}

TEST_CASE("there are as many data producers as the server has streams") {
  runTest(runsOutOfIds(), 60s);
}

TEST_CASE("a data producer that the server refuses leaves its stream free") {
  runTest(undoesWhatIsRefused(), 60s);
}
