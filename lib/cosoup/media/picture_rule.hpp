// PictureRule: which picture an encoder bin makes of the one that comes in. Internal to the media
// floor.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <string>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Sets the caps of a filter behind a scaler and a rate converter: the size of the encoded picture
/// follows that of the incoming one, which may change at any time, as may the rule. Thread-safe.
class PictureRule {
 public:
  /// `raw`: what the encoder takes, as caps without size and rate.
  PictureRule(Ref<GstElement> filter, std::string raw)
      : filter_(std::move(filter)), raw_(std::move(raw)) {}

  /// `divisor` of width and height, at least 1; `maxFramerate` in frames/s, 0: any. In force from
  /// the next frame on.
  void set(double divisor, double maxFramerate);

  /// Watches what goes into the "sink" pad of the bin, which keeps the rule.
  static void install(GstElement* bin, std::shared_ptr<PictureRule> rule);
  /// The rule of the bin; null when it has none.
  static std::shared_ptr<PictureRule> of(GstElement* bin);

 private:
  static GstPadProbeReturn onData(GstPad*, GstPadProbeInfo* info, gpointer self);
  Ref<GstCaps> takeChangedCaps(GstPadProbeInfo* info);
  std::string capsText() const;

  const Ref<GstElement> filter_;
  const std::string raw_;
  std::mutex mutex_;  // guards the rest
  double divisor_ = 1;
  double maxFramerate_ = 0;
  Ref<GstCaps> incoming_;
  bool changed_ = false;
};

}  // namespace cosoup
