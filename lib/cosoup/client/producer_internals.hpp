// What a Producer is made of; for its transport.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_handler.hpp"

namespace cosoup {

struct Producer::Internals {
  std::string id;
  Json appData;
  std::shared_ptr<Track> track;
  std::shared_ptr<SendSlot> slot;
  RtpParameters rtpParameters;
  ProducerStats before;  ///< what earlier producers had sent from this slot
  ProducerStats final;   ///< once closed
  Connection trackEnded;
  bool paused = false;
  bool closed = false;
};

}  // namespace cosoup
