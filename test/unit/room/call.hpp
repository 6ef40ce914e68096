// Call: a client whose server and network are fakes, with tracks of its own and streams of others.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "cosoup/testing/fake_handler.hpp"
#include "cosoup/testing/fake_parameters.hpp"
#include "support/eventually.hpp"
#include "unit/room/fake_signaler.hpp"
#include "unit/room/joined.hpp"

namespace cosoup::test {

/// A track that has its format already and never a frame.
inline std::shared_ptr<Track> silentTrack(MediaKind kind) {
  const char* caps = kind == MediaKind::audio
                         ? "audio/x-opus, rate=48000, channels=2, channel-mapping-family=0"
                         : "video/x-vp8, width=640, height=480, framerate=30/1";
  ensureGStreamer();
  auto track = std::make_shared<Track>(kind);
  track->setCaps(Ref<GstCaps>::adopt(gst_caps_from_string(caps)));
  return track;
}

/// Has a track of each kind, which give nothing.
class SilentSource final : public Source {
 public:
  Task<> open(Ref<GstCaps>) override {
    tracks_.push_back(silentTrack(MediaKind::audio));
    tracks_.push_back(silentTrack(MediaKind::video));
    co_return;
  }
  const std::vector<std::shared_ptr<Track>>& tracks() const override { return tracks_; }
  Task<> play() override { co_return; }
  Task<> close() override {
    closed = true;
    co_return;
  }

  bool closed = false;

 private:
  std::vector<std::shared_ptr<Track>> tracks_;
};

/// A client in a room with "bob".
struct Call {
  explicit Call(Listeners listeners = Listeners())
      : wire(std::make_shared<FakeSignaler::Wire>()),
        client(std::make_unique<FakeSignaler>(wire), std::move(listeners)),
        events(client.events().channel()) {
    wire->router = testing::fakeRouterRtpCapabilities();
    wire->transport = testing::fakeTransportParameters();
    wire->peers.push_back(described("bob"));
    client.device = handler.deviceOptions();
    client.reconnect.minDelay = std::chrono::milliseconds(1);
    client.reconnect.maxDelay = std::chrono::milliseconds(4);
    const auto keep = [this](const RoomEvent& happened) {
      if (const auto* produced = std::get_if<event::Produced>(&happened)) {
        producers.push_back(produced->producer);
      } else if (const auto* consuming = std::get_if<event::Consuming>(&happened)) {
        consumers.push_back(consuming->consumer);
      } else if (const auto* data = std::get_if<event::DataConsuming>(&happened)) {
        dataConsumers.push_back(data->dataConsumer);
      } else if (const auto* failed = std::get_if<event::Failed>(&happened)) {
        failures.push_back(failed->error.what());
      }
    };
    kept_ = client.events().onAll(keep);
  }

  Task<> join(ConsumeConfig consume = ConsumeConfig::discard()) {
    return join(ProduceConfig::from([this] { return source = std::make_shared<SilentSource>(); }),
                std::move(consume));
  }
  Task<> join(ProduceConfig produce, ConsumeConfig consume) {
    RoomAddress address("ws://nowhere", "room");
    PeerInfo me("ada", "Ada");
    return client.joinRoom(std::move(address), std::move(me), std::move(produce),
                           std::move(consume));
  }
  /// Bob's voice and face are there; they are offered in each session.
  Task<> joinBob() {
    wire->joined = [this] {
      offer("voice", "bob's voice", MediaKind::audio, 1000);
      offer("face", "bob's face", MediaKind::video, 2000);
    };
    co_await join();
    co_await eventually("both are there", [this] { return consumers.size() == 2; });
  }
  std::shared_ptr<Consumer> consumer(const std::string& id) const {
    return client.room()->consumer(id);
  }
  /// What the server offers, and what it is answered.
  void offer(const std::string& id, const std::string& producerId, MediaKind kind,
             std::uint32_t ssrc) {
    NewConsumer offered;
    offered.peerId = "bob";
    offered.id = id;
    offered.producerId = producerId;
    offered.kind = kind;
    offered.rtpParameters = testing::fakeConsumerRtpParameters(kind, ssrc);
    wire->events.push(ServerRequest(std::move(offered), answerTo(id)));
  }
  void offerData(const std::string& id, const std::string& producerId) {
    NewDataConsumer offered;
    offered.peerId = "bob";
    offered.id = id;
    offered.dataProducerId = producerId;
    offered.label = "chat";
    wire->events.push(ServerRequest(std::move(offered), answerTo(id)));
  }
  ServerRequest::Answer answerTo(const std::string& id) {
    return [this, id](int code, const std::string&) {
      answers.push_back(id + " " + std::to_string(code));
      wire->requests.push_back("answer " + id + " " + std::to_string(code));
    };
  }
  void lose(int code = 1006) {
    Channel<SignalerEvent> broken = std::exchange(wire->events, Channel<SignalerEvent>());
    SignalerClosed closed;
    closed.code = code;
    closed.reason = "gone";
    broken.push(closed);
    broken.close();
  }
  /// Until the next event of the type.
  template <class Event>
  Task<Event> next() {
    while (true) {
      auto happened = co_await events.next();
      if (!happened) throw Error(Error::Code::InvalidState, "next: the events have ended");
      if (auto* wanted = std::get_if<Event>(&*happened)) co_return std::move(*wanted);
    }
  }
  /// Loses the connection and waits until there is another one.
  Task<> comeBack() {
    producers.clear();
    consumers.clear();
    dataConsumers.clear();
    wire->requests.clear();
    answers.clear();
    lose();
    co_await next<event::Reconnected>();
  }
  bool asked(const std::string& request) const {
    return std::find(wire->requests.begin(), wire->requests.end(), request) != wire->requests.end();
  }
  std::shared_ptr<Producer> producer(MediaKind kind) const {
    for (const auto& each : producers) {
      if (each->kind() == kind) return each;
    }
    return nullptr;
  }

  testing::FakeHandler handler;
  std::shared_ptr<FakeSignaler::Wire> wire;
  MediasoupClient client;
  Channel<RoomEvent> events;
  std::shared_ptr<SilentSource> source;
  std::vector<std::shared_ptr<Producer>> producers;
  std::vector<std::shared_ptr<Consumer>> consumers;
  std::vector<std::shared_ptr<DataConsumer>> dataConsumers;
  std::vector<std::string> failures;
  std::vector<std::string> answers;

 private:
  Connection kept_;
};

}  // namespace cosoup::test
