// OutgoingSources: what a stay sends. Internal.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cosoup/async/mutex.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/room/outgoing_source.hpp"
#include "cosoup/room/session.hpp"

namespace cosoup {

/// Plays them, over as many sessions as it takes. Main-context-bound.
class OutgoingSources {
 public:
  /// The session of the moment.
  using CurrentSession = std::function<std::shared_ptr<Session>()>;

  /// `scope` runs the cleanup after a source that ends or fails.
  OutgoingSources(const ProduceConfig& config, const SessionContext& context, Scope& scope,
                  CurrentSession session);

  // play() and stop() take effect in the order of their calls.
  /// Makes the sources and sends them; does nothing while they are sent. Throws Error and
  /// Cancelled, and then nothing is sent.
  Task<> play();
  /// Closes the producers, here and at the server, and the sources.
  Task<> stop();
  /// In a new session: what was sent in the one before, and its data producers.
  Task<> resume();

  /// From now on play() throws.
  void requestEnd() { ending_ = true; }
  /// Closes the sources alone, as the first thing of leaving.
  Task<> closeSources();
  void clear() { sources_.clear(); }

  /// What the app wants of a producer; nullptr: it is none of these.
  std::shared_ptr<ProducerWish> wishOf(const std::shared_ptr<Producer>& producer) const;

 private:
  void add(const ProduceConfig::Item& item);
  Task<> produceAll();
  Task<> stopAll();
  Task<> stopOne(std::shared_ptr<OutgoingSource> source);
  Task<> end(std::shared_ptr<OutgoingSource> source);

  const ProduceConfig& config_;
  const SessionContext& context_;
  Scope& scope_;
  const CurrentSession session_;
  Mutex turns_;  // of whoever starts, stops or resumes
  std::vector<std::shared_ptr<OutgoingSource>> sources_;
  bool playing_ = false;
  bool ending_ = false;
};

}  // namespace cosoup
