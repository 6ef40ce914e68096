#include "cosoup/glib/error.hpp"

namespace cosoup {

void throwGError(GError* owned, const std::string& operation, Error::Code fallback) {
  const std::string text = operation + ": " + (owned ? owned->message : "unknown error");
  const bool cancelled = g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  const bool timedOut = g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error(&owned);
  if (cancelled) throw Cancelled();
  throw Error(timedOut ? Error::Code::Timeout : fallback, text);
}

}  // namespace cosoup
