// OutgoingSource: a source that is sent. Internal.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/media/source/source.hpp"
#include "cosoup/room/config.hpp"
#include "cosoup/room/wishes.hpp"

namespace cosoup {

/// It outlives the session that sends it.
struct OutgoingSource {
  std::shared_ptr<Source> source;
  EncodingConfig encoding;
  std::optional<PlayoutDelay> playoutDelay;
  Json appData = Json::object();  ///< of its producers
  bool opened = false;
  std::vector<Connection> connections;
  std::map<std::shared_ptr<Track>, std::shared_ptr<ProducerWish>> wishes;  ///< by its track

  /// Made the first time.
  std::shared_ptr<ProducerWish> wishFor(const std::shared_ptr<Track>& track) {
    std::shared_ptr<ProducerWish>& wish = wishes[track];
    if (!wish) wish = std::make_shared<ProducerWish>();
    return wish;
  }
};

}  // namespace cosoup
