// World: a client, its server, its network, its sources and its sinks, all of one row of steps,
// each of which can be stopped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/cosoup.hpp"
#include "cosoup/testing/fake_parameters.hpp"
#include "cosoup/testing/fake_peer_connection.hpp"
#include "cosoup/testing/steps.hpp"
#include "support/run_test.hpp"
#include "unit/media/media_support.hpp"
#include "unit/room/call.hpp"

namespace cosoup::test {

/// What happens at the n-th step of an operation.
enum class Fate {
  cancelled,  ///< whoever asked for the operation gives it up
  lost,       ///< the connection to the server dies
  refused,    ///< what is asked for there is refused
  destroyed,  ///< the client is destroyed
};
std::string toString(Fate fate);

/// A source whose coroutines are steps.
class SteppedSource final : public Source {
 public:
  explicit SteppedSource(std::shared_ptr<testing::Steps> steps) : steps_(std::move(steps)) {}

  Task<> open(Ref<GstCaps>) override;
  const std::vector<std::shared_ptr<Track>>& tracks() const override { return tracks_; }
  Task<> play() override { return steps_->pass("play the source"); }
  Task<> close() override;
  bool isClosed() const { return closed_; }

 private:
  std::shared_ptr<testing::Steps> steps_;
  std::vector<std::shared_ptr<Track>> tracks_;
  bool closed_ = false;
};

/// A sink that knows which tracks it has.
class SteppedSink final : public Sink {
 public:
  explicit SteppedSink(std::shared_ptr<testing::Steps> steps) : steps_(std::move(steps)) {}

  void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override;
  void removeTrack(std::string consumerId) override { tracks.erase(consumerId); }
  Task<> close() override;
  bool isClosed() const { return closed_; }

  std::map<std::string, std::shared_ptr<Track>> tracks;

 private:
  std::shared_ptr<testing::Steps> steps_;
  bool closed_ = false;
};

class World {
 public:
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ProduceConfig produce();
  ConsumeConfig consume();
  /// Into real files.
  ConsumeConfig record();
  Task<> join(ProduceConfig produce, ConsumeConfig consume);
  /// Sending and receiving, with consumers.
  Task<> joinAll();
  /// Two consumers and a data consumer are there.
  Task<> hasConsumers();
  std::shared_ptr<Producer> producer(MediaKind kind) const;
  std::shared_ptr<Consumer> consumer() const;
  /// Takes what is sent on data channels, until it is cancelled.
  Task<> takeMessages();
  /// The connection to the server ends.
  void lose();
  /// Lets `fate` befall whoever is at a step.
  void befall(Fate fate, Scope& operation);
  /// Whether all that belonged to a room has been given back.
  void checkNothingIsLeft() const;

  std::shared_ptr<testing::Steps> steps = std::make_shared<testing::Steps>();
  std::shared_ptr<FakeSignaler::Wire> wire = std::make_shared<FakeSignaler::Wire>();
  std::vector<std::shared_ptr<testing::FakePeerConnection>> peers;
  std::vector<std::shared_ptr<SteppedSource>> sources;
  std::vector<std::shared_ptr<SteppedSink>> sinks;
  std::unique_ptr<MediasoupClient> client;

 private:
  void offer();

  TemporaryDirectory directory_;
  std::vector<std::shared_ptr<Producer>> producers_;
  std::vector<std::shared_ptr<Consumer>> consumers_;
  std::vector<Connection> connections_;
};

/// An operation of a client, from where it begins.
struct Operation {
  std::string name;
  Task<> (*prepare)(World& world);
  Task<> (*run)(World& world);
};

/// Lets the fate befall the operation at its first step, its second, and so on, until it has come
/// to its end before; gives the number of steps.
int sweep(const Operation& operation, Fate fate);

}  // namespace cosoup::test
