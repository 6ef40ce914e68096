#include "cosoup/rtc/connection_state.hpp"

namespace cosoup {

const char* toString(ConnectionState state) {
  switch (state) {
    case ConnectionState::fresh:
      return "new";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::connected:
      return "connected";
    case ConnectionState::disconnected:
      return "disconnected";
    case ConnectionState::failed:
      return "failed";
    case ConnectionState::closed:
      return "closed";
  }
  return "unknown";
}

const char* toString(IceGatheringState state) {
  switch (state) {
    case IceGatheringState::fresh:
      return "new";
    case IceGatheringState::gathering:
      return "gathering";
    case IceGatheringState::complete:
      return "complete";
  }
  return "unknown";
}

}  // namespace cosoup
