// --consume of cosoup-launch.
#pragma once

#include <optional>
#include <string>

#include "cosoup/cosoup.hpp"

struct ConsumeOptions {
  explicit ConsumeOptions(cosoup::ConsumeConfig where) : config(std::move(where)) {}
  explicit ConsumeOptions(cosoup::FrameSinkOptions counted)
      : config(cosoup::ConsumeConfig::discard()), frames(std::move(counted)) {}

  cosoup::ConsumeConfig config;
  /// The frames are to be counted, instead.
  std::optional<cosoup::FrameSinkOptions> frames;
};

/// Throws UsageError.
ConsumeOptions parseConsume(const std::string& spec);
