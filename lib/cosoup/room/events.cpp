#include "cosoup/room/events.hpp"

#include <glib.h>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/room/room_events_internals.hpp"

namespace cosoup {
namespace {

std::size_t weightOf(const RoomEvent& event) {
  const auto* received = std::get_if<event::Message>(&event);
  return received ? received->message.size() : 0;
}

}  // namespace

RoomEvents::RoomEvents() : channels_(limits::queuedEvents, limits::queuedEventBytes, &weightOf) {}

RoomEvents::~RoomEvents() { channels_.close(); }

void RoomEvents::Internals::emit(RoomEvents& events, const RoomEvent& event) {
  const bool isLost = events.channels_.push(event);
  if (isLost) g_warning("room: too many events wait to be read, others are lost");
  emitSignal(events.happened_, event);
}

}  // namespace cosoup
