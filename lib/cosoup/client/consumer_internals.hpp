// What a Consumer is made of; for its transport. Internal.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cosoup/client/consumer.hpp"
#include "cosoup/client/recv_handler.hpp"

namespace cosoup {

struct Consumer::Internals {
  explicit Internals(ConsumeOptions made) : options(std::move(made)) {}

  ConsumeOptions options;
  std::shared_ptr<ReceivedTrack> received;
  std::function<std::int64_t()> packetsLost;
  std::function<std::optional<ReceptionReport>()> reception;
  std::function<void()> release;  ///< gives the slot back; called once
  ConsumerCounters final;         ///< once closed
  Connection firstPacket;
  Connection speechChanged;
  std::function<std::vector<Json>()> rtpSources;  ///< of the transport
  bool speaking = false;                          ///< as was told
  bool pausedHere = false;
  bool producerPaused = false;
  bool closed = false;
};

}  // namespace cosoup
