// What the program has allocated.
#pragma once

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>

#ifdef __has_feature
#define COSOUP_TEST_HAS_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define COSOUP_TEST_HAS_ASAN 1
#else
#define COSOUP_TEST_HAS_ASAN 0
#endif

#if COSOUP_TEST_HAS_ASAN
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace cosoup::test {

/// Bytes on the heap that are not freed.
inline std::size_t allocatedBytes() {
#if COSOUP_TEST_HAS_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

/// KiB of memory that the program has in use, shared libraries included.
inline double residentKb() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6);
  }
  return 0;
}

}  // namespace cosoup::test
