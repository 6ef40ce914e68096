// The version of the library.
#pragma once

#include "cosoup/core/export.hpp"

namespace cosoup {

/// Of the library that runs, not of the headers that were compiled: "0.1.0". Thread-safe.
COSOUP_API const char* version();

}  // namespace cosoup
