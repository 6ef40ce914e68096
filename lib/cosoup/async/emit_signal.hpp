// emitSignal: for those whose signal it is, a Source or a Sink of your own among them.
#pragma once

#include <type_traits>

#include "cosoup/async/signal.hpp"

namespace cosoup {

namespace detail {
struct SignalEmitter {
  template <class... Args>
  static void emitSignal(const Signal<Args...>& signal, const Args&... args) {
    signal.callAll(args...);
  }
};
}  // namespace detail

/// Calls all who are connected now, before it returns. Main-context-bound.
template <class... Args>
void emitSignal(const Signal<Args...>& signal, const std::type_identity_t<Args>&... args) {
  detail::SignalEmitter::emitSignal<Args...>(signal, args...);
}

}  // namespace cosoup
