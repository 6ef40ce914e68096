// What the program has allocated.
#pragma once

#include <malloc.h>

#include <cstddef>

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

}  // namespace cosoup::test
