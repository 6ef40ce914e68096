// A stream around another one, between a library of GIO and its connection. Internal.
#pragma once

#include <gio/gio.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cosoup/glib/ref.hpp"

namespace cosoup {

struct StreamFilter {
  /// Appends to `out` what is to be read of the bytes that have come.
  std::function<void(std::string_view bytes, std::string& out)> pass;
  /// Bytes that are read before the loop serves all else: a reader that goes on until nothing is
  /// left never ends when more comes than it can read.
  std::size_t bytesPerTurn = 0;
  std::uint64_t written = 0;  ///< bytes that the base stream has taken
};

/// Reads and writes `base` without ever blocking, which is all that it can do. `owner` is kept for
/// as long as the stream is not closed. Main-context-bound.
Ref<GIOStream> makeFilteredStream(GIOStream* base, Ref<GObject> owner,
                                  std::shared_ptr<StreamFilter> filter);

}  // namespace cosoup
