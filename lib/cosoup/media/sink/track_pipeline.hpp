// TrackPipeline: one received track through a pipeline of its own. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/key_frame_gate.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// From the track to an element, as it is or decoded, whichever the element takes; encoded is
/// preferred. Video begins with a key frame. A change of codec goes on in a new pipeline with a new
/// element. A frame is due in the element so long after Frame::time as Track::latency() allows it
/// to come late, and the time to decode it: none is too late, and tracks in sync stay so. What goes
/// wrong reaches neither the track nor its other receivers. Main-context-bound.
class TrackPipeline : public FrameReceiver, public std::enable_shared_from_this<TrackPipeline> {
 public:
  /// Makes what the frames end in: an element with a sink pad "sink", floating; null when the track
  /// is not wanted. What it throws comes out of `failed`.
  using MakeElement = std::function<GstElement*()>;

  /// `title` is what errors begin with.
  TrackPipeline(std::string title, std::shared_ptr<Track> track, MakeElement make);
  ~TrackPipeline() override;

  /// Takes frames from now on.
  void start();
  /// Takes no more frames; what has come reaches the element, then its end of stream. When it
  /// returns all is stopped: at most 9 s. Not cancellable, never throws, idempotent.
  Task<> finish();

  /// Emitted once; the track is left alone from then on.
  Signal<const Error&> failed;

  void onFrame(const Frame& frame) override;

 private:
  /// A pipeline for one codec; looked at by the streaming thread, too.
  struct Run;

  void begin(const std::shared_ptr<Run>& run);
  bool build(Run& run);
  void link(Run& run, GstElement* element, bool raw);
  void delay(Run& run);
  Task<> play(std::shared_ptr<Run> run);
  Task<> end(std::shared_ptr<Run> run);
  void letGo();
  void fail(const Error& error);
  void deliver(Run& run, const Frame& frame);

  const std::string title_;
  const std::shared_ptr<Track> track_;
  const MakeElement make_;
  const MainContext context_;
  bool listening_ = false;
  bool failed_ = false;
  std::shared_ptr<Run> active_;  // of the main context
  Scope scope_;

  std::mutex mutex_;  // guards what follows, and the runs
  std::shared_ptr<Run> current_;
  KeyFrameGate gate_;
};

}  // namespace cosoup
