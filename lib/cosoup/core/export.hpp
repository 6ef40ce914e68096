// COSOUP_API: what of the library can be seen from outside. Everything else has hidden symbols.
#pragma once

#if defined(_WIN32) && defined(COSOUP_STATIC)
#define COSOUP_API
#elif defined(_WIN32) && defined(COSOUP_BUILDING)
#define COSOUP_API __declspec(dllexport)
#elif defined(_WIN32)
#define COSOUP_API __declspec(dllimport)
#else
#define COSOUP_API __attribute__((visibility("default")))
#endif
