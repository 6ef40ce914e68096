#include "cosoup/room/events.hpp"

namespace cosoup {

RoomEvents::~RoomEvents() {
  for (Channel<RoomEvent>& channel : channels_) channel.close();
}

Channel<RoomEvent> RoomEvents::channel() {
  channels_.emplace_back();
  return channels_.back();
}

void RoomEvents::emit(const RoomEvent& event) {
  std::erase_if(channels_, [](const Channel<RoomEvent>& channel) { return channel.isClosed(); });
  for (Channel<RoomEvent>& channel : channels_) channel.push(event);
  happened_.emit(event);
}

}  // namespace cosoup
