// GLib's tables of quarks are no leaks. For one source of each program.
#pragma once

#include "support/sanitizers.hpp"

#if COSOUP_TEST_ASAN
#include <glib.h>

#include <array>
#include <atomic>
#include <cstdlib>

#include "support/known_leak.hpp"

// GLib replaces its table of quarks by a larger one when it is full, and on purpose does not free
// the old one, since others may be reading it. GStreamer fills the first two or three of them. No
// suppression finds them, since there may be no name of GLib's on the stack; what they hold does.
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*onMalloc)(const volatile void* block, std::size_t size),
    void (*onFree)(const volatile void* block));

namespace {

using Block = const volatile void*;

constexpr std::size_t quarkTableStep = 2048 * sizeof(char*);
constexpr std::size_t quarkTables = 8;

/// Those that may be one, of any thread.
std::array<std::atomic<Block>, 64> candidates;

void onMalloc(Block block, std::size_t size) {
  if (size % quarkTableStep != 0 || size > quarkTables * quarkTableStep) return;
  for (std::atomic<Block>& candidate : candidates) {
    Block none = nullptr;
    if (candidate.compare_exchange_strong(none, block)) return;
  }
}

void onFree(Block block) {
  if (!block) return;
  for (std::atomic<Block>& candidate : candidates) {
    if (candidate.load(std::memory_order_relaxed) == block) candidate = nullptr;
  }
}

void expectQuarkTables() {
  for (const std::atomic<Block>& candidate : candidates) {
    const auto* table = static_cast<const char* const*>(const_cast<const void*>(candidate.load()));
    if (table && table[1] == g_quark_to_string(1)) cosoup::test::expectLeak(table);
  }
}

void watchAllocations() { __sanitizer_install_malloc_and_free_hooks(&onMalloc, &onFree); }

// Before the constructors of shared libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const beforeLibraries)() = &watchAllocations;

// Before LeakSanitizer looks.
[[maybe_unused]] const int atExit = std::atexit(&expectQuarkTables);

}  // namespace
#endif
