#include "cosoup/room/wishes.hpp"

namespace cosoup {

void ProducerWish::learn(const Producer& producer, const std::shared_ptr<Track>& original,
                         const std::vector<RtpEncodingParameters>& configured, const Json& told) {
  paused = producer.isPaused();
  maxSpatialLayer = producer.maxSpatialLayer();
  if (producer.encodings() != configured) encodings = producer.encodings();
  replacement.reset();
  if (producer.track() != original) replacement = producer.track();
  if (producer.appData() != told) appData = producer.appData();
}

std::shared_ptr<DataProducerWish> Wishes::of(const std::shared_ptr<DataProducer>& producer) const {
  const auto found =
      std::find_if(dataProducers.begin(), dataProducers.end(),
                   [&](const auto& wish) { return wish->lineage.contains(producer); });
  return found == dataProducers.end() ? nullptr : *found;
}

}  // namespace cosoup
