// makeBound: a shared object that ends on the main context, whoever lets go of it last. Internal.
#pragma once

#include <memory>
#include <thread>
#include <utility>

#include "cosoup/async/loop.hpp"

namespace cosoup {

/// For main-context-bound objects to which other threads hold weak references: a thread that locks
/// one may end up with the last strong reference. Call it on the thread of the context.
template <class T, class... Arguments>
std::shared_ptr<T> makeBound(Arguments&&... arguments) {
  const auto endOnContext = [context = MainContext::current(),
                             home = std::this_thread::get_id()](T* object) {
    if (std::this_thread::get_id() == home) {
      delete object;
    } else {
      post(context, [object] { delete object; });
    }
  };
  return std::shared_ptr<T>(new T(std::forward<Arguments>(arguments)...), endOnContext);
}

}  // namespace cosoup
