#include "cosoup/async/signal.hpp"

#include <glib.h>

#include <exception>

namespace cosoup::detail {

void reportEscapedException(const char* where) noexcept {
  try {
    throw;
  } catch (const std::exception& exception) {
    g_warning("%s: %s", where, exception.what());
  } catch (...) {
    g_warning("%s: something that is no std::exception", where);
  }
}

}  // namespace cosoup::detail
