// BitrateRule: what an encoder is to aim at, set where it does not make anybody wait. Internal to
// the media floor.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

struct EncoderRecipe;

/// An encoder takes a property only between two pictures (vp8enc and others lock themselves while
/// they encode), so that its own streaming thread sets it, with the next frame. Thread-safe.
class BitrateRule {
 public:
  static constexpr const char* kKey = "cosoup-bitrate-rule";

  /// The recipe has a bitrate property; `bitrate` is what the encoder has been set to, in bit/s.
  BitrateRule(Ref<GstElement> encoder, const EncoderRecipe& recipe, std::uint32_t bitrate)
      : encoder_(std::move(encoder)), recipe_(recipe), wanted_(bitrate), applied_(bitrate) {}

  /// In force from the next frame on, unless it changes next to nothing.
  void set(std::uint32_t bitrate) { wanted_ = bitrate; }

  /// Watches what goes into the "sink" pad of the bin, which keeps the rule.
  static void install(GstElement* bin, std::shared_ptr<BitrateRule> rule);

 private:
  static GstPadProbeReturn onFrame(GstPad*, GstPadProbeInfo*, gpointer self);

  const Ref<GstElement> encoder_;
  const EncoderRecipe& recipe_;
  std::atomic<std::uint32_t> wanted_;
  std::uint32_t applied_;  // of the streaming thread
};

/// Sets it there and then: for an encoder that does not run.
void applyBitrate(GstElement* encoder, const EncoderRecipe& recipe, std::uint32_t bitrate);

}  // namespace cosoup
