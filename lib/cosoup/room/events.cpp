#include "cosoup/room/events.hpp"

#include <glib.h>

#include "cosoup/core/limits.hpp"

namespace cosoup {
namespace {

std::size_t weightOf(const RoomEvent& event) {
  const auto* received = std::get_if<event::DataMessage>(&event);
  return received ? received->message.size() : 0;
}

}  // namespace

RoomEvents::RoomEvents() : channels_(limits::queuedEvents, limits::queuedEventBytes, &weightOf) {}

RoomEvents::~RoomEvents() { channels_.close(); }

void RoomEvents::emit(const RoomEvent& event) {
  const bool isLost = channels_.push(event);
  if (isLost) g_warning("room: too many events wait to be read, others are lost");
  happened_.emit(event);
}

}  // namespace cosoup
