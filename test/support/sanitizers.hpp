// Whether the program is built with AddressSanitizer, which GCC and clang say in different ways.
#pragma once

#ifdef __has_feature
#define COSOUP_TEST_HAS_FEATURE(feature) __has_feature(feature)
#else
#define COSOUP_TEST_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || COSOUP_TEST_HAS_FEATURE(address_sanitizer)
#define COSOUP_TEST_ASAN 1
#else
#define COSOUP_TEST_ASAN 0
#endif
