// OutgoingMedia: the producers of a session. Internal.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/room/outgoing_source.hpp"
#include "cosoup/room/session_core.hpp"

namespace cosoup {

/// Main-context-bound.
class OutgoingMedia {
 public:
  explicit OutgoingMedia(SessionCore& core) : core_(core) {}

  /// Opens the source, if it was not, produces its tracks and plays it. Throws Error and Cancelled.
  Task<> produce(std::shared_ptr<OutgoingSource> source);
  /// Closes its producers, here and at the server.
  Task<> stop(std::shared_ptr<OutgoingSource> source);
  /// Closes at the server what is not there here. Throws Cancelled.
  Task<> undo(std::string producerId);

  void on(const notification::ProducerScore& changed);

  /// For the session that follows. What closes after this is nobody's wish.
  void keepWishes();
  void clear() { producers_.clear(); }

 private:
  struct Sent {
    std::shared_ptr<Producer> producer;
    std::vector<Connection> connections;
    std::shared_ptr<ProducerWish> wish;
    std::shared_ptr<Track> track;                  // of the source
    std::vector<RtpEncodingParameters> encodings;  // with which it was made
  };

  Task<> produceAll(std::shared_ptr<OutgoingSource> source);
  Task<> produceTrack(std::shared_ptr<OutgoingSource> source, std::shared_ptr<Track> track);
  ProduceOptions optionsFor(const OutgoingSource& source, const std::shared_ptr<Track>& track,
                            const ProducerWish& wish) const;
  /// Whether it is still wanted.
  Task<bool> apply(std::shared_ptr<ProducerWish> wish, std::shared_ptr<Producer> producer);
  /// Tells when nothing comes of a producer.
  Task<> watchSilence(std::shared_ptr<Producer> producer);
  std::shared_ptr<Producer> find(const std::string& producerId) const;

  SessionCore& core_;
  std::map<std::shared_ptr<OutgoingSource>, std::vector<Sent>> producers_;
  std::map<std::string, notification::ProducerScore> earlyScores_;  // by producer id
};

}  // namespace cosoup
