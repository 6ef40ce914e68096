// AppStream: one stream of an AppSource up to the tap or the finder. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// Main-context-bound, but for the callbacks.
class AppStream {
 public:
  /// Called on streaming threads.
  struct Events {
    std::function<void()> taken;  ///< a frame has left the queue
    std::function<void()> keyFrameWanted;
  };

  /// Throws Error(InvalidArgument).
  AppStream(const std::string& caps, bool live, std::size_t maxQueued);

  void addTo(Pipeline& pipeline, const std::shared_ptr<StreamSet>& streams, Ref<GstCaps> accepted,
             Events events);
  bool isAdded() const { return static_cast<bool>(source_); }
  bool hasRoom() const;
  bool hasEnded() const { return ended_; }

  /// Throws Error(InvalidArgument).
  void check(const Frame& frame) const;
  void give(const Frame& frame);
  void end();

 private:
  bool goesOutAs(const Ref<GstCaps>& accepted) const;
  void tell(GstPad* pad, Events events) const;

  Ref<GstCaps> caps_;
  const bool live_;
  const std::size_t maxQueued_;
  Ref<GstElement> source_;
  bool ended_ = false;
};

}  // namespace cosoup
