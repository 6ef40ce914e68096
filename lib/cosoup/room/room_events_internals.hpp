// What only a room does with its events. Internal to the room floor.
#pragma once

#include "cosoup/room/events.hpp"

namespace cosoup {

struct RoomEvents::Internals {
  /// Tells all callbacks and channels.
  static void emit(RoomEvents& events, const RoomEvent& event);
};

}  // namespace cosoup
