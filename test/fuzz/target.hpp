// What the fuzz targets share. Each reads foreign bytes as the library does; an Error is the right
// answer to most of them, whatever else leaves a target is a fault.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cosoup/core/error.hpp"

namespace cosoup::fuzz {

/// One input; defined by each target.
void read(std::string_view input);
/// Inputs that make sense, for the fuzzer to start from; defined by each target.
std::vector<std::string> examples();

/// What holds for every input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Calls a function to which an Error is allowed; tells whether there was none.
template <class Function>
bool succeeds(Function function) {
  try {
    function();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace cosoup::fuzz
