#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "support/sanitizers.hpp"

#if COSOUP_TEST_ASAN
// GLib replaces its table of quarks when it is full, which gst_init() brings about, and on purpose
// does not free the old one: 16 KiB, allocated before any code of ours, that LeakSanitizer would
// report in every program. Here the block stays reachable.
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*onMalloc)(const volatile void* block, std::size_t size),
    void (*onFree)(const volatile void* block));

namespace {

constexpr std::size_t quarkTableSize = 2048 * sizeof(char*);
const volatile void* quarkTable = nullptr;

void onMalloc(const volatile void* block, std::size_t size) {
  if (!quarkTable && size == quarkTableSize) quarkTable = block;
}
void onFree(const volatile void* block) {
  if (quarkTable == block) quarkTable = nullptr;
}
void watchAllocations() { __sanitizer_install_malloc_and_free_hooks(&onMalloc, &onFree); }

// Before the constructors of shared libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const beforeLibraries)() = &watchAllocations;

}  // namespace
#endif
