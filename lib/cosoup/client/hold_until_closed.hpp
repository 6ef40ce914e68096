// holdUntilClosed: the list in which a transport keeps what it carries. Internal to the client
// floor.
#pragma once

#include <memory>
#include <vector>

namespace cosoup {

/// Keeps the object in a list of its owner's until it closes.
template <class Owner, class Object>
void holdUntilClosed(const std::shared_ptr<Owner>& owner,
                     std::vector<std::shared_ptr<Object>> Owner::*list,
                     const std::shared_ptr<Object>& object) {
  ((*owner).*list).push_back(object);
  const auto letGo = [weak = std::weak_ptr(owner), list, raw = object.get()] {
    const auto alive = weak.lock();
    if (!alive) return;
    std::erase_if((*alive).*list, [&](const auto& held) { return held.get() == raw; });
  };
  object->closed.connect(letGo).release();
}

}  // namespace cosoup
