// Overloaded: one function per alternative, for std::visit.
#pragma once

namespace cosoup {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace cosoup
