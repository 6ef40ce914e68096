// Producers to share an estimate among.
#pragma once

#include <cstdint>
#include <vector>

#include "cosoup/rtc/sending/bitrate_allocation.hpp"

namespace cosoup {

/// Opus of 24 to 48 kbit/s, 64 at most; with its headers 26.4 more.
inline ProducerRequest audioRequest(std::uint32_t id = 1) {
  ProducerRequest request;
  request.id = id;
  request.kind = MediaKind::audio;
  request.layers.push_back({.frameRate = 50, .bitrates = {24'000, 48'000, 64'000}});
  return request;
}

/// A width for each layer, 16:9.
inline ProducerRequest videoRequest(std::uint32_t id, const std::vector<unsigned>& widths,
                                    MediaPriority priority = MediaPriority::low) {
  ProducerRequest request;
  request.id = id;
  request.priority = priority;
  for (const unsigned width : widths) {
    request.layers.push_back({.width = width, .height = width * 9 / 16});
  }
  return request;
}

inline ProducerRequest untouchedRequest(std::uint32_t id, std::uint32_t bitrate,
                                        MediaPriority priority = MediaPriority::low) {
  ProducerRequest request = videoRequest(id, {1280}, priority);
  request.isUntouched = true;
  request.layers[0].bitrates.wanted = bitrate;
  return request;
}

inline double totalWire(const std::vector<ProducerShare>& shares) {
  double sum = 0;
  for (const ProducerShare& each : shares) sum += each.wire;
  return sum;
}

}  // namespace cosoup
