#include "cosoup/async/signal.hpp"

#include <glib.h>

#include <exception>

namespace cosoup::detail {

void reportEscapedException(const char* where) noexcept {
  try {
    throw;
  } catch (const std::exception& exception) {
    g_warning("%s: a callback threw: %s", where, exception.what());
  } catch (...) {
    g_warning("%s: a callback threw something that is no std::exception", where);
  }
}

}  // namespace cosoup::detail
