#include "integration/device_peer.hpp"

#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

namespace cosoup::test {

DevicePeer::DevicePeer(RoomServer& where, std::string roomId, std::string peerId)
    : server(where), room(std::move(roomId)), id(std::move(peerId)) {}

Task<TransportParameters> DevicePeer::createTransport(bool producing) {
  WebRtcTransportOptions options(producing);
  options.sctpCapabilities = device.sctpCapabilities();
  co_return co_await signaler.createWebRtcTransport(std::move(options));
}

Task<> DevicePeer::connect(Adjust adjust) {
  RoomAddress address = server.address(room);
  co_await signaler.connect(std::move(address), id);
  scope_.spawn(readEvents(signaler.events()));
  device.load(co_await signaler.getRouterRtpCapabilities());
  const auto onConnect = [this](std::string transportId) -> ConnectHandler {
    return [this, transportId](DtlsParameters dtls) {
      return signaler.connectWebRtcTransport(transportId, std::move(dtls));
    };
  };
  TransportOptions sending(co_await createTransport(true));
  if (adjust) adjust(sending);
  const std::string sendId = sending.parameters.id;
  send = device.createSendTransport(
      std::move(sending), onConnect(sendId),
      [this, sendId](MediaKind kind, RtpParameters parameters, Json appData) {
        return signaler.produce(sendId, kind, std::move(parameters), std::move(appData));
      });
  TransportOptions receiving(co_await createTransport(false));
  if (adjust) adjust(receiving);
  const std::string recvId = receiving.parameters.id;
  recv = device.createRecvTransport(std::move(receiving), onConnect(recvId));
}

Task<> DevicePeer::join() {
  PeerInfo me(id, id);
  JoinOptions options(std::move(me));
  options.rtpCapabilities = device.recvRtpCapabilities();
  co_await signaler.join(std::move(options));
}

Task<> DevicePeer::produce() {
  source_ = makeTestSource(picture);
  co_await source_->open(encodedCaps(device.sendRtpCapabilities()));
  for (const auto& track : source_->tracks()) {
    ProduceOptions options(track);
    producers.push_back(co_await send->produce(std::move(options)));
  }
  co_await source_->play();
}

Task<> DevicePeer::readEvents(Channel<SignalerEvent> events) {
  while (auto event = co_await events.next()) {
    if (auto* request = std::get_if<ServerRequest>(&*event)) scope_.spawn(take(*request));
  }
}

Task<> DevicePeer::take(ServerRequest request) {
  const auto* offer = std::get_if<NewConsumer>(&request.content());
  if (!offer) {
    request.reject(403, "not wanted");
    co_return;
  }
  ConsumeOptions options(offer->id, offer->producerId, offer->kind, offer->rtpParameters);
  if (beforeConsume) beforeConsume(options);
  try {
    consumers.push_back(co_await recv->consume(std::move(options)));
    request.accept();
  } catch (const Error& error) {
    failures.push_back(error.what());
    request.reject(500, error.what());
  }
}

Task<> DevicePeer::leave() {
  if (send) co_await send->close();
  if (recv) co_await recv->close();
  if (source_) co_await source_->close();
  co_await signaler.close();
  co_await scope_.close();
}

Task<Json> DevicePeer::transportAtServer(std::string direction) {
  const Json seen = co_await server.peer(room, id);
  if (seen.isNull()) co_return Json();
  for (const Json& transport : seen.list("transports")) {
    if (transport.get<std::string>("direction") == direction) co_return transport;
  }
  co_return Json();
}

Task<std::int64_t> DevicePeer::bytesAtServer() {
  std::int64_t bytes = 0;
  const Json seen = co_await server.peer(room, id);
  if (seen.isNull()) co_return bytes;
  for (const Json& producer : seen.list("producers")) {
    bytes += producer.get<Json>("stats").getOr<std::int64_t>("byteCount", 0);
  }
  co_return bytes;
}

Task<bool> DevicePeer::sendsMore() {
  const std::int64_t before = co_await bytesAtServer();
  co_await sleepFor(std::chrono::milliseconds(100));
  const std::int64_t after = co_await bytesAtServer();
  co_return before > 0 && after > before;
}

Task<> DevicePeer::sends() {
  return eventually(id + " sends", [this] { return sendsMore(); });
}

Task<bool> DevicePeer::receivesMore(std::size_t streams) {
  if (consumers.size() < streams) co_return false;
  std::vector<std::uint64_t> before;
  for (const auto& consumer : consumers) before.push_back(consumer->counters().packets);
  co_await sleepFor(std::chrono::milliseconds(100));
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 0 || consumers[i]->counters().packets <= before[i]) co_return false;
  }
  co_return true;
}

Task<> DevicePeer::receives(std::size_t streams) {
  return eventually(id + " receives " + std::to_string(streams) + " streams",
                    [this, streams] { return receivesMore(streams); });
}

namespace {

Task<bool> isReady(DevicePeer& peer, std::string direction) {
  const Json seen = co_await peer.transportAtServer(std::move(direction));
  co_return !seen.isNull() && seen.getOr<std::string>("dtlsState", "") == "connected";
}

}  // namespace

Task<> DevicePeer::isConnected(std::string direction) {
  return eventually(id + " has a connected " + direction + " transport",
                    [this, direction] { return isReady(*this, direction); });
}

Task<std::string> DevicePeer::restartSend() {
  const IceParameters fresh = co_await signaler.restartIce(send->id());
  co_await send->restartIce(fresh);
  co_return fresh.usernameFragment;
}

Task<std::string> DevicePeer::restartRecv() {
  const IceParameters fresh = co_await signaler.restartIce(recv->id());
  co_await recv->restartIce(fresh);
  co_return fresh.usernameFragment;
}

DeviceCall::DeviceCall(RoomServer& server)
    : room(freshRoom()), ada(server, room, "ada"), bob(server, room, "bob") {}

Task<> DeviceCall::begin(DevicePeer::Adjust adjust) {
  co_await ada.connect(adjust);
  co_await bob.connect(adjust);
  co_await ada.join();
  co_await bob.join();
  co_await ada.produce();
}

Task<> DeviceCall::flows() {
  co_await ada.sends();
  co_await bob.receives(2);
}

Task<> DeviceCall::end() {
  co_await ada.leave();
  co_await bob.leave();
  CHECK(bob.failures.empty());
}

}  // namespace cosoup::test
