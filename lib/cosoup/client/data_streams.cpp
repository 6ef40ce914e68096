#include "cosoup/client/data_streams.hpp"

#include <string>

namespace cosoup {

std::uint16_t DataStreams::freeId() const {
  std::uint16_t id = next_;
  for (std::uint16_t tried = 0; tried < count_; ++tried) {
    if (!open_.contains(id)) return id;
    id = static_cast<std::uint16_t>((id + 1) % count_);
  }
  throw Error(Error::Code::InvalidState,
              "produceData: all " + std::to_string(count_) + " streams are in use");
}

std::shared_ptr<DataSender> DataStreams::open(SctpStreamParameters& parameters) {
  const std::uint16_t id = freeId();
  next_ = static_cast<std::uint16_t>((id + 1) % count_);
  parameters.streamId = id;
  Open& opened = open_[id];
  opened.sender = peer_.dataChannels().open(parameters);
  opened.closed = opened.sender->closed.connect([this, id] { open_.erase(id); });
  return opened.sender;
}

}  // namespace cosoup
