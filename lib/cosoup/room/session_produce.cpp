// From the sources to the producers.
#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/room/session.hpp"

namespace cosoup {

Task<> Session::play() {
  const auto self = shared_from_this();
  if (playing_ || produce_.sources().empty()) co_return;
  if (leaving_) throw Error(Error::Code::InvalidState, "play: not in a room");
  playing_ = true;
  std::exception_ptr failure;
  try {
    co_await playSteps();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  co_await shielded(stop());
  std::rethrow_exception(failure);
}

Task<> Session::playSteps() {
  Scope opening;
  for (const auto& make : produce_.sources()) opening.spawn(openSource(make));
  co_await opening.join();
}

Task<> Session::openSource(ProduceConfig::MakeSource make) {
  auto outgoing = std::make_shared<Outgoing>();
  outgoing->source = make();
  outgoing_.push_back(outgoing);
  co_await outgoing->source->open(encodedCaps(device_.sendRtpCapabilities()));
  watchSource(outgoing);
  co_await produceAll(outgoing);
  co_await outgoing->source->play();
}

void Session::watchSource(const std::shared_ptr<Outgoing>& outgoing) {
  // Weak: the source, which holds these callbacks, belongs to what they are about.
  const auto end = [this, weak = std::weak_ptr(outgoing)] {
    if (const auto alive = weak.lock()) scope_.spawn(endOutgoing(alive));
  };
  outgoing->connections.push_back(outgoing->source->ended.connect(end));
  outgoing->connections.push_back(outgoing->source->failed.connect([this, end](const Error& error) {
    events_->failed.emit(error);
    end();
  }));
}

Task<> Session::produceAll(std::shared_ptr<Outgoing> outgoing) {
  Scope producing;
  int possible = 0;
  for (const auto& track : outgoing->source->tracks()) {
    if (!device_.canProduce(track->kind())) continue;
    ++possible;
    producing.spawn(produceTrack(outgoing, track));
  }
  if (possible == 0) {
    throw Error(Error::Code::Unsupported, "produce: the room takes neither audio nor video of it");
  }
  co_await producing.join();
}

Task<> Session::produceTrack(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<Track> track) {
  ProduceOptions options(std::move(track));
  std::shared_ptr<Producer> producer = co_await sendTransport_->produce(std::move(options));
  outgoing->producers.push_back(producer);
  events_->produced.emit(producer);
}

Task<> Session::stop() {
  const auto self = shared_from_this();
  Scope stopping;
  for (const auto& outgoing : std::exchange(outgoing_, {})) {
    stopping.spawn(stopOutgoing(outgoing));
  }
  co_await stopping.join();
  playing_ = false;
}

Task<> Session::stopOutgoing(std::shared_ptr<Outgoing> outgoing) {
  outgoing->connections.clear();
  Scope closing;
  for (const auto& producer : std::exchange(outgoing->producers, {})) {
    producer->close();
    if (!leaving_) closing.spawn(signaler_->closeProducer(producer->id()));
  }
  closing.spawn(outgoing->source->close());
  co_await closing.join();
}

Task<> Session::endOutgoing(std::shared_ptr<Outgoing> outgoing) {
  if (std::erase(outgoing_, outgoing) == 0) co_return;
  co_await stopOutgoing(outgoing);
  events_->sourceEnded.emit();
}

}  // namespace cosoup
