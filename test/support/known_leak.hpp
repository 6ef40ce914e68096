// Leaks of libraries that are known and not ours.
#pragma once

#include "support/sanitizers.hpp"

#if COSOUP_TEST_ASAN
extern "C" void __lsan_ignore_object(const void* block);
#endif

namespace cosoup::test {

/// LeakSanitizer does not report this block, nor what it alone refers to.
inline void expectLeak([[maybe_unused]] const void* block) {
#if COSOUP_TEST_ASAN
  __lsan_ignore_object(block);
#endif
}

}  // namespace cosoup::test
