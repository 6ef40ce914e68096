// PictureRule: which picture an encoder bin makes of the one that comes in. Internal to the media
// floor.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <string>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Sets the caps of a filter behind a scaler, and drops frames that come too soon: the size of the
/// encoded picture follows that of the incoming one, which may change at any time, as may the rule.
/// Frames need a time, but neither a duration nor a rate, which videorate asserts that they have.
/// Thread-safe.
class PictureRule {
 public:
  static constexpr const char* kKey = "cosoup-picture-rule";

  /// `raw`: what the encoder takes, as caps without size and rate.
  PictureRule(Ref<GstElement> filter, std::string raw)
      : filter_(std::move(filter)), raw_(std::move(raw)) {}

  /// `divisor` of width and height, at least 1; `maxFramerate` in frames/s, 0: any. In force from
  /// the next frame on.
  void set(double divisor, double maxFramerate);

  /// Watches what goes into the "sink" pad of the bin, which keeps the rule.
  static void install(GstElement* bin, std::shared_ptr<PictureRule> rule);

 private:
  static GstPadProbeReturn onCaps(GstPad*, GstPadProbeInfo* info, gpointer self);
  static GstPadProbeReturn onFrame(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  bool comesTooSoon(GstClockTime time);
  Ref<GstCaps> limitedCaps() const;
  Ref<GstCaps> filterCaps() const;

  const Ref<GstElement> filter_;
  const std::string raw_;
  std::mutex mutex_;  // guards the rest
  double divisor_ = 1;
  double maxFramerate_ = 0;
  Ref<GstCaps> incoming_;
  Ref<GstCaps> outgoing_;  ///< with the rate that the rule leaves of theirs
  bool changed_ = false;
  GstClockTime due_ = GST_CLOCK_TIME_NONE;  ///< of the next frame
};

}  // namespace cosoup
