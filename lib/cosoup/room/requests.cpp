#include "cosoup/room/requests.hpp"

namespace cosoup {
namespace {

[[noreturn]] void refuse(const char* operation, const char* reason) {
  throw Error(Error::Code::InvalidState, std::string(operation) + ": " + reason);
}

template <class Object>
void ensureOpen(const std::shared_ptr<Object>& object, const char* operation) {
  if (!object) refuse(operation, "nothing given");
  if (object->isClosed()) refuse(operation, "it is closed");
}

template <class Wish>
bool isClosed(const Wish& wish) {
  return wish.closed;
}
bool isClosed(const DataProducerWish&) { return false; }  // of closed ones there is none

/// The object that stands for the given one now; null between two sessions. What an app has made by
/// itself has no wish and stands for itself. Throws Error(InvalidState) for null, and for what the
/// app has closed.
template <class Wish, class Object>
std::shared_ptr<Object> openOf(const std::shared_ptr<Wish>& wish,
                               const std::shared_ptr<Object>& given, const char* operation) {
  if (!wish) {
    ensureOpen(given, operation);
    return given;
  }
  if (isClosed(*wish)) refuse(operation, "it is closed");
  return wish->lineage.open();
}

template <class Wish, class Object>
std::shared_ptr<Object> presentOf(const std::shared_ptr<Wish>& wish,
                                  const std::shared_ptr<Object>& given, const char* operation) {
  if (const std::shared_ptr<Object> open = openOf(wish, given, operation)) return open;
  throw Error(Error::Code::Disconnected,
              std::string(operation) + ": there is no connection to the room just now");
}

}  // namespace

std::shared_ptr<Session> Requests::joinedSession(const char* operation) const {
  const std::shared_ptr<Session> session = session_();
  if (session && session->isJoined()) return session;
  throw Error(Error::Code::Disconnected,
              std::string(operation) + ": there is no connection to the room just now");
}

bool Requests::isBetweenSessions() const {
  const std::shared_ptr<Session> session = session_();
  return !session || !session->isJoined();
}

// ---- sending -----------------------------------------------------------------------------------

Task<> Requests::closeProducer(std::shared_ptr<Producer> producer) {
  const std::shared_ptr<ProducerWish> wish = sending_.wishOf(producer);
  const std::shared_ptr<Producer> open = openOf(wish, producer, "closeProducer");
  if (wish) wish->closed = true;
  if (open) open->close();
  if (wish && (!open || isBetweenSessions())) co_return;
  const std::shared_ptr<Session> session = joinedSession("closeProducer");
  co_await session->signaler().closeProducer(open->id());
}

Task<> Requests::setProducerPaused(std::shared_ptr<Producer> producer, bool paused) {
  const char* operation = paused ? "pauseProducer" : "resumeProducer";
  const std::shared_ptr<ProducerWish> wish = sending_.wishOf(producer);
  const std::shared_ptr<Producer> open = openOf(wish, producer, operation);
  if (wish) wish->paused = paused;
  if (open && paused) open->pause();
  if (open && !paused) open->resume();
  if (wish && (!open || isBetweenSessions())) co_return;
  const std::shared_ptr<Session> session = joinedSession(operation);
  if (paused) {
    co_await session->signaler().pauseProducer(open->id());
  } else {
    co_await session->signaler().resumeProducer(open->id());
  }
}

// ---- receiving ---------------------------------------------------------------------------------

Task<> Requests::setConsumerPaused(std::shared_ptr<Consumer> consumer, bool paused) {
  const char* operation = paused ? "pauseConsumer" : "resumeConsumer";
  const auto wish = context_.wishes->consumers.of(consumer);
  const std::shared_ptr<Consumer> open = openOf(wish, consumer, operation);
  if (open && paused) open->pause();
  if (wish && (!open || isBetweenSessions())) {
    wish->paused = paused;
    if (open && !paused) open->resume();
    co_return;
  }
  const std::shared_ptr<Session> session = joinedSession(operation);
  if (paused) {
    co_await session->signaler().pauseConsumer(open->id());
    co_return;
  }
  co_await session->signaler().resumeConsumer(open->id());
  if (wish) wish->paused = false;
  if (!open->isClosed()) open->resume();
}

Task<> Requests::setPreferredLayers(std::shared_ptr<Consumer> consumer, int spatialLayer,
                                    std::optional<int> temporalLayer) {
  if (spatialLayer < 0 || temporalLayer.value_or(0) < 0) {
    throw Error(Error::Code::InvalidArgument, "setPreferredLayers: a layer is negative");
  }
  const auto wish = context_.wishes->consumers.of(consumer);
  const std::shared_ptr<Consumer> open = openOf(wish, consumer, "setPreferredLayers");
  const ConsumerWish<Consumer>::Layers layers{spatialLayer, temporalLayer};
  if (open && !(wish && isBetweenSessions())) {
    const std::shared_ptr<Session> session = joinedSession("setPreferredLayers");
    co_await session->signaler().setConsumerPreferredLayers(open->id(), spatialLayer,
                                                            temporalLayer);
  }
  if (wish) wish->preferredLayers = layers;
}

Task<> Requests::setPriority(std::shared_ptr<Consumer> consumer, int priority) {
  const auto wish = context_.wishes->consumers.of(consumer);
  const std::shared_ptr<Consumer> open = openOf(wish, consumer, "setPriority");
  if (open && !(wish && isBetweenSessions())) {
    const std::shared_ptr<Session> session = joinedSession("setPriority");
    co_await session->signaler().setConsumerPriority(open->id(), priority);
  }
  if (wish) wish->priority = priority;
}

Task<> Requests::requestKeyFrame(std::shared_ptr<Consumer> consumer) {
  const std::shared_ptr<Consumer> open = present(consumer, "requestKeyFrame");
  const std::shared_ptr<Session> session = joinedSession("requestKeyFrame");
  co_await session->signaler().requestConsumerKeyFrame(open->id());
}

// ---- others -----------------------------------------------------------------------------------

Task<> Requests::changeDisplayName(std::string displayName) {
  const std::shared_ptr<Session> session = joinedSession("changeDisplayName");
  co_await session->signaler().changeDisplayName(displayName);
  context_.room->renameMe(std::move(displayName));
}

// ---- reading -----------------------------------------------------------------------------------

std::shared_ptr<Producer> Requests::present(std::shared_ptr<Producer> producer,
                                            const char* operation) const {
  return presentOf(sending_.wishOf(producer), producer, operation);
}

std::shared_ptr<Consumer> Requests::present(std::shared_ptr<Consumer> consumer,
                                            const char* operation) const {
  return presentOf(context_.wishes->consumers.of(consumer), consumer, operation);
}

std::shared_ptr<DataProducer> Requests::present(std::shared_ptr<DataProducer> producer,
                                                const char* operation) const {
  return presentOf(context_.wishes->of(producer), producer, operation);
}

std::shared_ptr<DataConsumer> Requests::present(std::shared_ptr<DataConsumer> consumer,
                                                const char* operation) const {
  return presentOf(context_.wishes->dataConsumers.of(consumer), consumer, operation);
}

std::shared_ptr<Transport> Requests::present(std::shared_ptr<Transport> transport,
                                             const char* operation) const {
  ensureOpen(transport, operation);
  return transport;
}

}  // namespace cosoup
