// The version of the library.
#pragma once

namespace cosoup {

/// Of the library that runs, not of the headers that were compiled: "0.1.0". Thread-safe.
const char* version();

}  // namespace cosoup
