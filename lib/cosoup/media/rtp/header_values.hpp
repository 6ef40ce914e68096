// HeaderValues: what the header extensions of a payloader are to say, beyond what frames bring
// along. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace cosoup {

/// Written on the main context and when a frame enters the payloader, read while its packets are
/// written, when nobody may ask the payloader for anything: it is locked.
struct HeaderValues {
  /// The times of the frames are those of their capture.
  std::atomic<bool> captured = false;
  /// When the frame is due that is being payloaded, by the clock of all pipelines; may be none.
  std::atomic<GstClockTime> frameTime = GST_CLOCK_TIME_NONE;
  /// The bytes of playout-delay in the low end; kNoDelay: none is asked for.
  static constexpr std::uint32_t kNoDelay = 0xffffffff;
  std::atomic<std::uint32_t> playoutDelay = kNoDelay;

  /// Before it runs.
  static void attach(GstElement* payloader);
  /// Never null for an element to which it was attached.
  static std::shared_ptr<HeaderValues> of(GstElement* payloader);
};

}  // namespace cosoup
