// FrameTap: the end of a source's pipeline, where buffers become frames of a track. Internal to
// the media floor.
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>

#include "cosoup/media/track.hpp"

namespace cosoup {

/// When a sample that came to this sink is due, by the clock of the sink's pipeline; none where the
/// sample has no time.
GstClockTime clockTimeOf(GstElement* sink, GstSample* sample);

/// An appsink and its track. Thread-safe.
class FrameTap {
 public:
  /// `known` is called, on a streaming thread, when the tap learns its caps or that nothing comes.
  static std::shared_ptr<FrameTap> create(MediaKind kind, std::function<void()> known);

  const std::shared_ptr<Track>& track() const { return track_; }

  /// A new appsink that delivers to the tap's track, floating; once per tap. With `paced` it waits
  /// until each frame is due.
  static GstElement* makeAppSink(const std::shared_ptr<FrameTap>& tap, bool paced);

  /// The caps are known before a frame has come; before the pipeline runs.
  void presume(Ref<GstCaps> caps);

  /// Frames pass only while the tap is open.
  void open() { open_ = true; }
  void close() { open_ = false; }

  /// Caps have come, or it is clear that none will.
  bool isKnown() const { return known_; }
  bool isEmpty() const { return empty_; }
  /// When the last frame ends, by the clock of all pipelines; 0 before the first.
  GstClockTime endTime() const { return endTime_; }

 private:
  FrameTap(MediaKind kind, std::function<void()> known)
      : track_(std::make_shared<Track>(kind)), onKnown_(std::move(known)) {}

  static FrameTap& of(gpointer data) { return **static_cast<std::shared_ptr<FrameTap>*>(data); }
  static void drop(gpointer data) { delete static_cast<std::shared_ptr<FrameTap>*>(data); }
  static GstFlowReturn onPreroll(GstAppSink* sink, gpointer data);
  static GstFlowReturn onSample(GstAppSink* sink, gpointer data);
  static void onEos(GstAppSink* sink, gpointer data);
  void learn(GstCaps* caps);
  void deliver(GstAppSink* sink, GstSample* sample);

  const std::shared_ptr<Track> track_;
  const std::function<void()> onKnown_;
  std::atomic<bool> open_ = false;
  std::atomic<bool> known_ = false;
  std::atomic<bool> empty_ = false;
  std::atomic<GstClockTime> endTime_ = 0;
  // Of the streaming thread:
  int rotation_ = 0;
  Ref<GstCaps> caps_;
  GstClockTime lastTime_ = GST_CLOCK_TIME_NONE;
};

}  // namespace cosoup
