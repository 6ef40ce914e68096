// FakeSignaler: a server in this process, for what a room does with messages.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/signaling/signaler.hpp"
#include "cosoup/testing/steps.hpp"

namespace cosoup::test {

/// Lets everyone in; what it is asked is in `requests`, in the order of the calls.
class FakeSignaler final : public Signaler {
 public:
  /// What outlives the client that owns the signaler.
  struct Wire {
    Channel<SignalerEvent> events;
    std::vector<PeerDescription> peers;
    std::vector<std::string> requests;
    std::map<std::string, Error> failures;  ///< of requests, by name
    std::string broken;                     ///< a request that throws something foreign
    TransportParameters transport;          ///< what each transport is made of
    RtpCapabilities router;
    int made = 0;                  ///< producers and data producers
    std::function<void()> joined;  ///< somebody is let in
    /// Requests are steps of their name, when it is given.
    std::shared_ptr<testing::Steps> steps;
    std::vector<WebRtcTransportOptions> transportsAskedFor;

    void notify(Notification notification) { events.push(std::move(notification)); }
    void lose(int code, const std::string& reason) {
      SignalerClosed closed;
      closed.code = code;
      closed.reason = reason;
      events.push(closed);
      events.close();
    }
  };

  explicit FakeSignaler(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  Task<> connect(RoomAddress address, std::string peerId) override {
    if (wire_->events.isClosed()) wire_->events = Channel<SignalerEvent>();
    return asked("connect " + address.roomId + " as " + peerId);
  }
  Channel<SignalerEvent> events() override { return wire_->events; }
  Task<> close() override {
    wire_->events.close();
    return asked("close");
  }
  Task<RtpCapabilities> getRouterRtpCapabilities() override {
    co_await asked("getRouterRtpCapabilities");
    co_return wire_->router;
  }
  Task<TransportParameters> createWebRtcTransport(WebRtcTransportOptions options) override {
    wire_->transportsAskedFor.push_back(std::move(options));
    co_await asked("createWebRtcTransport");
    co_return wire_->transport;
  }
  Task<> connectWebRtcTransport(std::string id, DtlsParameters) override {
    return asked("connectWebRtcTransport " + id);
  }
  Task<IceParameters> restartIce(std::string id) override {
    co_await asked("restartIce " + id);
    co_return IceParameters();
  }
  Task<std::vector<PeerDescription>> join(JoinOptions options) override {
    co_await asked("join as " + options.me.displayName);
    if (wire_->joined) wire_->joined();
    co_return wire_->peers;
  }
  Task<std::string> produce(std::string, MediaKind, RtpParameters, Json) override {
    const std::string id = "producer " + std::to_string(++wire_->made);
    co_await asked("produce");
    co_return id;
  }
  Task<> closeProducer(std::string id) override { return asked("closeProducer " + id); }
  Task<> pauseProducer(std::string id) override { return asked("pauseProducer " + id); }
  Task<> resumeProducer(std::string id) override { return asked("resumeProducer " + id); }
  Task<> pauseConsumer(std::string id) override { return asked("pauseConsumer " + id); }
  Task<> resumeConsumer(std::string id) override { return asked("resumeConsumer " + id); }
  Task<> setConsumerPreferredLayers(std::string id, int spatial, std::optional<int>) override {
    return asked("setConsumerPreferredLayers " + id + " " + std::to_string(spatial));
  }
  Task<> setConsumerPriority(std::string id, int priority) override {
    return asked("setConsumerPriority " + id + " " + std::to_string(priority));
  }
  Task<> requestConsumerKeyFrame(std::string id) override {
    return asked("requestConsumerKeyFrame " + id);
  }
  Task<std::string> produceData(std::string, SctpStreamParameters, std::string label, std::string,
                                Json) override {
    const std::string id = "data producer " + std::to_string(++wire_->made);
    co_await asked("produceData " + label);
    co_return id;
  }
  Task<> changeDisplayName(std::string name) override { return asked("changeDisplayName " + name); }
  Task<Json> getTransportStats(std::string id) override { return stats("getTransportStats " + id); }
  Task<Json> getProducerStats(std::string id) override { return stats("getProducerStats " + id); }
  Task<Json> getConsumerStats(std::string id) override { return stats("getConsumerStats " + id); }
  Task<Json> getDataProducerStats(std::string id) override {
    return stats("getDataProducerStats " + id);
  }
  Task<Json> getDataConsumerStats(std::string id) override {
    return stats("getDataConsumerStats " + id);
  }

 private:
  Task<> asked(std::string request) {
    const std::shared_ptr<Wire> wire = wire_;
    wire->requests.push_back(request);
    if (wire->steps) co_await wire->steps->pass(request.substr(0, request.find(' ')));
    const auto failure = wire->failures.find(request.substr(0, request.find(' ')));
    if (failure != wire->failures.end()) throw failure->second;
    if (request.starts_with(wire->broken) && !wire->broken.empty()) throw std::out_of_range("bug");
    co_return;
  }
  Task<Json> stats(std::string request) {
    co_await asked(std::move(request));
    co_return Json::array();
  }

  std::shared_ptr<Wire> wire_;
};

}  // namespace cosoup::test
