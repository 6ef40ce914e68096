// TrackFeed: from a Track into the pipeline of a send transport, up to the payloader.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/encoder.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

/// `appsrc [! encoder]`, linked to a payloader while it lives. It never sends end-of-stream: the
/// payloader behind it outlives it. Main-context-bound.
class TrackFeed {
 public:
  /// Frames flow from now on. A raw track is encoded to `mimeType`. `flows` tells in the end
  /// whether what is behind the payloader lets packets through, or holds them (and with them our
  /// thread) until there is a connection. Throws Error(Media) and Error(Unsupported).
  TrackFeed(Pipeline& pipeline, GstElement* payloader, std::shared_ptr<Track> track,
            const std::string& mimeType, const EncoderSettings& settings,
            std::function<bool()> flows);
  TrackFeed(const TrackFeed&) = delete;
  TrackFeed& operator=(const TrackFeed&) = delete;
  ~TrackFeed();

  const std::shared_ptr<Track>& track() const { return track_; }

  /// While paused the frames are dropped here; on resume a key frame is asked for.
  void pause();
  void resume();

 private:
  class Receiver;
  void freeHeldThread();

  Ref<GstElement> pipeline_;
  std::shared_ptr<Track> track_;
  Ref<GstElement> payloader_;
  Ref<GstElement> source_;
  Ref<GstElement> encoder_;  // null for an encoded track
  std::shared_ptr<Receiver> receiver_;
  std::function<bool()> flows_;
};

}  // namespace cosoup
