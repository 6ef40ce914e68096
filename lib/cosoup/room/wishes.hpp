// What an app wants of its producers and consumers. It holds for the stay in the room, whatever
// becomes of the connection. Internal.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/client/data_producer.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/media/track.hpp"
#include "cosoup/room/peer.hpp"

namespace cosoup {

/// The objects that have stood for one thing, one in each session; not kept alive. An app may hold
/// any of them. Main-context-bound.
template <class Object>
class Lineage {
 public:
  /// Nullptr: nobody keeps it any more, or there was none.
  std::shared_ptr<Object> last() const {
    return objects_.empty() ? nullptr : objects_.back().lock();
  }
  /// The one in use; nullptr between two sessions.
  std::shared_ptr<Object> open() const {
    const std::shared_ptr<Object> newest = last();
    return newest && !newest->isClosed() ? newest : nullptr;
  }
  bool contains(const std::shared_ptr<Object>& object) const {
    return std::any_of(objects_.begin(), objects_.end(),
                       [&](const auto& each) { return each.lock() == object; });
  }
  /// Whether anybody keeps one of them.
  bool isHeld() const {
    return std::any_of(objects_.begin(), objects_.end(),
                       [](const auto& each) { return !each.expired(); });
  }
  void add(const std::shared_ptr<Object>& object) {
    std::erase_if(objects_, [](const auto& each) { return each.expired(); });
    objects_.push_back(object);
  }

 private:
  std::vector<std::weak_ptr<Object>> objects_;
};

/// Of a track that is sent.
struct ProducerWish {
  bool closed = false;
  bool paused = false;
  std::optional<int> maxSpatialLayer;
  std::vector<RtpEncodingParameters> encodings;       ///< empty: as configured
  std::optional<std::shared_ptr<Track>> replacement;  ///< null: nothing is sent
  std::optional<Json> appData;
  Lineage<Producer> lineage;

  /// From a producer that is about to end with its session. `original`: the track of the source;
  /// `configured`: the encodings with which it was made.
  void learn(const Producer& producer, const std::shared_ptr<Track>& original,
             const std::vector<RtpEncodingParameters>& configured, const Json& told);
};

/// Of a channel on which messages are sent.
struct DataProducerWish {
  explicit DataProducerWish(DataProduceOptions wanted) : options(std::move(wanted)) {}

  DataProduceOptions options;
  std::size_t lowThreshold = 0;
  std::optional<Json> appData;
  Lineage<DataProducer> lineage;
};

inline bool isPausedHere(const Consumer& consumer) { return consumer.isPausedHere(); }
inline bool isPausedHere(const DataConsumer& consumer) { return consumer.isPaused(); }

/// Of what somebody else sends.
template <class Object>
struct ConsumerWish {
  struct Layers {
    int spatial = 0;
    std::optional<int> temporal;
  };

  std::string producerId;
  /// Which of the peer's streams it is, should the peer come back with other ids.
  std::string stream;
  std::weak_ptr<Peer> sender;
  int session = 0;         ///< of the last consumer
  std::string consumerId;  ///< likewise
  bool taken = false;      ///< by a consumer that is there or being made
  bool ended = false;      ///< the server has said so
  bool closed = false;
  bool paused = false;
  std::optional<Layers> preferredLayers;
  std::optional<int> priority;
  std::optional<Json> appData;
  Lineage<Object> lineage;

  /// Whether nothing is lost with it: nothing was asked for, and nobody holds any of the objects.
  bool isIdle() const {
    const bool asked = closed || paused || preferredLayers || priority || appData;
    return !taken && !asked && !lineage.isHeld();
  }
  /// From a consumer that is about to end. `told`: the appData that the server gave it.
  void learn(const Object& consumer, const Json& told) {
    paused = isPausedHere(consumer);
    if (consumer.appData() != told) appData = consumer.appData();
  }
};

/// Main-context-bound.
template <class Object>
class ConsumerWishes {
 public:
  using Wish = ConsumerWish<Object>;

  /// That of the consumer's predecessor, or a new one. The same producer is followed in any case.
  /// Another one of the same stream only after its sender or we ourselves have been away: who stops
  /// sending and begins again means something new.
  std::shared_ptr<Wish> claim(const std::string& producerId, const std::string& stream,
                              const std::shared_ptr<Peer>& sender, int session) {
    std::shared_ptr<Wish> wish;
    for (const auto& each : wishes_) {
      if (!wish && !each->taken && each->producerId == producerId) wish = each;
    }
    for (const auto& each : wishes_) {
      if (wish || each->taken || each->stream != stream) continue;
      if (each->session != session || each->sender.lock() != sender) wish = each;
    }
    if (!wish) wish = wishes_.emplace_back(std::make_shared<Wish>());
    wish->producerId = producerId;
    wish->stream = stream;
    wish->sender = sender;
    wish->session = session;
    wish->taken = true;
    wish->ended = false;
    forgetOthers();
    return wish;
  }
  /// The server has ended the consumer of that id.
  void end(const std::string& consumerId) {
    for (const auto& wish : wishes_) {
      if (wish->consumerId != consumerId) continue;
      wish->ended = true;
      wish->taken = false;
    }
  }
  /// A session is over: what its senders had ended themselves is forgotten.
  void endSession(int session, const std::vector<std::shared_ptr<Peer>>& present) {
    std::erase_if(wishes_, [&](const std::shared_ptr<Wish>& wish) {
      const auto sender = wish->sender.lock();
      const bool isThere = std::find(present.begin(), present.end(), sender) != present.end();
      return wish->session == session && wish->ended && isThere;
    });
    for (const auto& wish : wishes_) wish->taken = false;
  }
  std::size_t size() const { return wishes_.size(); }
  /// Nullptr: the consumer is none of this stay's.
  std::shared_ptr<Wish> of(const std::shared_ptr<Object>& consumer) const {
    const auto found = std::find_if(wishes_.begin(), wishes_.end(), [&](const auto& wish) {
      return wish->lineage.contains(consumer);
    });
    return found == wishes_.end() ? nullptr : *found;
  }

 private:
  // Of senders who never came back.
  void forgetOthers() {
    std::erase_if(wishes_, [](const auto& wish) { return wish->isIdle(); });
    if (wishes_.size() <= limits::rememberedWishes) return;
    const auto oldest =
        std::find_if(wishes_.begin(), wishes_.end(), [](const auto& wish) { return !wish->taken; });
    if (oldest != wishes_.end()) wishes_.erase(oldest);
  }

  std::vector<std::shared_ptr<Wish>> wishes_;
};

/// Those that are no source's; of sources see OutgoingSource.
struct Wishes {
  int sessions = 0;  ///< how many there have been
  ConsumerWishes<Consumer> consumers;
  ConsumerWishes<DataConsumer> dataConsumers;
  std::vector<std::shared_ptr<DataProducerWish>> dataProducers;

  /// Nullptr likewise.
  std::shared_ptr<DataProducerWish> of(const std::shared_ptr<DataProducer>& producer) const;
};

}  // namespace cosoup
