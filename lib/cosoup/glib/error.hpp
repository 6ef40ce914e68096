// The one place where a GError becomes an Error.
#pragma once

#include <gio/gio.h>

#include <string>

#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"

namespace cosoup {

/// Takes the GError: "operation: message", with the code that suits its domain (time-outs and
/// connection faults of GIO are recognised, else `fallback`); Cancelled for G_IO_ERROR_CANCELLED.
[[noreturn]] COSOUP_API void throwGError(GError* owned, const std::string& operation,
                                         Error::Code fallback = Error::Code::Disconnected);

}  // namespace cosoup
