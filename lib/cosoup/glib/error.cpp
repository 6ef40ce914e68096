#include "cosoup/glib/error.hpp"

namespace cosoup {
namespace {

bool isConnectionFault(const GError* error) {
  if (!error) return false;
  if (error->domain == G_RESOLVER_ERROR || error->domain == G_TLS_ERROR) return true;
  if (error->domain != G_IO_ERROR) return false;
  switch (error->code) {
    case G_IO_ERROR_CONNECTION_REFUSED:
    case G_IO_ERROR_CONNECTION_CLOSED:
    case G_IO_ERROR_NOT_CONNECTED:
    case G_IO_ERROR_HOST_NOT_FOUND:
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
    case G_IO_ERROR_PROXY_FAILED:
      return true;
    default:
      return false;
  }
}

}  // namespace

void throwGError(GError* owned, const std::string& operation, Error::Code fallback) {
  const std::string text = operation + ": " + (owned ? owned->message : "unknown error");
  const bool cancelled = g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  const bool timedOut = g_error_matches(owned, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  const bool disconnected = isConnectionFault(owned);
  g_clear_error(&owned);
  if (cancelled) throw Cancelled();
  if (disconnected) throw Error(Error::Code::Disconnected, text);
  throw Error(timedOut ? Error::Code::Timeout : fallback, text);
}

}  // namespace cosoup
