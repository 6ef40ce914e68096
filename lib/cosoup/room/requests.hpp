// Requests: what an app asks of its producers and consumers. Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cosoup/room/outgoing_sources.hpp"

namespace cosoup {

/// Whatever becomes of the connection meanwhile: what is asked of an object of a former session is
/// asked of its successor, and while there is no connection it holds for those to come. All throw
/// Error and Cancelled. Main-context-bound.
class Requests {
 public:
  using CurrentSession = OutgoingSources::CurrentSession;

  Requests(const SessionContext& context, const OutgoingSources& sending, CurrentSession session)
      : context_(context), sending_(sending), session_(std::move(session)) {}

  Task<> closeProducer(std::shared_ptr<Producer> producer);
  Task<> setProducerPaused(std::shared_ptr<Producer> producer, bool paused);
  Task<> setConsumerPaused(std::shared_ptr<Consumer> consumer, bool paused);
  Task<> setPreferredLayers(std::shared_ptr<Consumer> consumer, int spatialLayer,
                            std::optional<int> temporalLayer);
  Task<> setPriority(std::shared_ptr<Consumer> consumer, int priority);
  Task<> requestKeyFrame(std::shared_ptr<Consumer> consumer);
  Task<> changeDisplayName(std::string displayName);

  /// The present one; throws Error(InvalidState) in the name of `operation` when it is closed, and
  /// Error(Disconnected) while there is none.
  std::shared_ptr<Producer> present(std::shared_ptr<Producer> producer,
                                    const char* operation) const;
  std::shared_ptr<Consumer> present(std::shared_ptr<Consumer> consumer,
                                    const char* operation) const;
  std::shared_ptr<DataProducer> present(std::shared_ptr<DataProducer> producer,
                                        const char* operation) const;
  std::shared_ptr<DataConsumer> present(std::shared_ptr<DataConsumer> consumer,
                                        const char* operation) const;
  /// A transport is of one session only.
  std::shared_ptr<Transport> present(std::shared_ptr<Transport> transport,
                                     const char* operation) const;
  /// The session of the moment, once we have joined; throws Error(Disconnected) otherwise.
  std::shared_ptr<Session> joinedSession(const char* operation) const;

 private:
  bool isBetweenSessions() const;

  const SessionContext& context_;
  const OutgoingSources& sending_;
  const CurrentSession session_;
};

}  // namespace cosoup
