// ReceivedHeaders: what the header extensions of a received stream say. Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "cosoup/media/rtp/received_level.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/playout_delay.hpp"

namespace cosoup {

/// Reads every packet; each value stays until another comes. Thread-safe.
class ReceivedHeaders {
 public:
  /// The ids are those of the consumer's parameters. `level` reads its own; null: nobody does.
  explicit ReceivedHeaders(const RtpParameters& parameters,
                           std::shared_ptr<ReceivedLevel> level = nullptr);

  /// Reads what passes the pad (application/x-rtp), before whatever else is put on it later.
  static void watch(const std::shared_ptr<ReceivedHeaders>& headers, GstPad* pad);

  /// Of the picture whose last packet has passed; see Frame::rotation.
  int rotation() const { return rotation_; }
  std::optional<PlayoutDelay> playoutDelay() const;

 private:
  void read(GstBuffer* packet);

  const std::shared_ptr<ReceivedLevel> level_;
  std::uint8_t orientationId_ = 0;   // 0: not negotiated
  std::uint8_t playoutDelayId_ = 0;  // likewise
  std::atomic<int> rotation_ = 0;
  std::atomic<std::uint32_t> playoutDelay_;  // its bytes in the low end
};

}  // namespace cosoup
