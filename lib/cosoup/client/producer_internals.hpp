// What a Producer is made of; for its transport. Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_handler.hpp"

namespace cosoup {

struct Producer::Internals {
  /// Once the slot is filled.
  Internals(const ProduceOptions& options, Sending sending);

  std::string id;
  Json appData;
  std::shared_ptr<Track> track;
  std::shared_ptr<SendSlot> slot;
  RtpParameters rtpParameters;
  std::vector<RtpEncodingParameters> encodings;  ///< as last in force
  FeedMode whilePaused;
  ProducerCounters before;  ///< what earlier producers had sent from this slot
  ProducerCounters final;   ///< once closed
  Connection trackEnded;
  Connection failed;
  std::function<std::vector<Json>()> rtpSources;  ///< of the transport
  std::optional<int> maxSpatialLayer;
  bool paused = false;
  bool resumedOnce = true;  ///< or never paused: something may have been sent
  bool closed = false;
};

}  // namespace cosoup
