// Ref<T>: an owning reference to a GLib or GStreamer object.
#pragma once

#include <gio/gio.h>

#include <cstddef>
#include <utility>

namespace cosoup {

/// How a T is referenced; GObjects by default, other types by specialisation (see COSOUP_REF).
template <class T>
struct RefTraits {
  static void ref(T* object) { g_object_ref(object); }
  static void unref(T* object) { g_object_unref(object); }
};

/// Declares, at namespace cosoup, the pair of functions that count references of a type.
#define COSOUP_REF(Type, refFunction, unrefFunction)           \
  template <>                                                  \
  struct RefTraits<Type> {                                     \
    static void ref(Type* object) { refFunction(object); }     \
    static void unref(Type* object) { unrefFunction(object); } \
  }

COSOUP_REF(GBytes, g_bytes_ref, g_bytes_unref);
COSOUP_REF(GSource, g_source_ref, g_source_unref);
COSOUP_REF(GMainContext, g_main_context_ref, g_main_context_unref);

/// Owns one reference, or nothing. As thread-safe as a raw pointer: copies may live on different
/// threads, one Ref may not be used by two at a time.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) RefTraits<T>::ref(object_);
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { reset(); }

  /// Takes over a reference that the caller owns ("transfer full").
  static Ref adopt(T* object) {
    Ref result;
    result.object_ = object;
    return result;
  }
  /// Adds a reference of its own ("transfer none").
  static Ref share(T* object) {
    if (object) RefTraits<T>::ref(object);
    return adopt(object);
  }
  /// For a new object whose first reference floats.
  static Ref sink(T* object) {
    if (object) g_object_ref_sink(object);
    return adopt(object);
  }

  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  /// Gives the reference away.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  void reset() {
    if (T* old = std::exchange(object_, nullptr)) RefTraits<T>::unref(old);
  }
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace cosoup
