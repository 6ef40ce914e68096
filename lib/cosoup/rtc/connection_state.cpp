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

}  // namespace cosoup
