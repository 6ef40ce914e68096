// TrackFeed: from a Track into the pipeline of a send transport, up to the payloader. Internal.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/gst/element_row.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/rtp/encoder.hpp"
#include "cosoup/media/track.hpp"

namespace cosoup {

class LevelMarker;

/// What a feed makes of the frames of its track.
enum class FeedMode {
  sends,
  mutes,  ///< black or silence instead; nothing can be drawn into an encoded track: as stops
  stops,  ///< nothing: the encoder is idle
};

/// `appsrc [! encoder]`, linked to a payloader while it lives. It never sends end-of-stream: the
/// payloader behind it outlives it, and so the RTP stream goes on whatever track feeds it.
/// Main-context-bound.
class TrackFeed {
 public:
  /// Feeds nothing yet. A raw track will be encoded to `mimeType`. What is behind the payloader may
  /// hold packets, and with them our thread, until there is a connection.
  TrackFeed(Pipeline& pipeline, GstElement* payloader, std::string mimeType,
            EncoderSettings settings);
  TrackFeed(const TrackFeed&) = delete;
  TrackFeed& operator=(const TrackFeed&) = delete;
  ~TrackFeed();

  /// Takes the frames of this track from now on; null: none. An encoder goes on from one raw track
  /// to the next, an encoded track begins with a key frame. Throws Error(Unsupported) and
  /// Error(Media), and then goes on with the track of before. Begins anew what has failed.
  void setTrack(std::shared_ptr<Track> track);
  const std::shared_ptr<Track>& track() const { return track_; }

  /// At first it stops. A key frame is asked for when it sends again.
  void setMode(FeedMode mode);
  /// Where the running encoder can do that: bitrate, frame rate, size. Nothing for encoded tracks.
  void setSettings(EncoderSettings settings);
  /// Of the running encoder; bit/s.
  void setBitrate(std::uint32_t bitrate);
  /// Whether the track is raw.
  bool encodes() const { return track_ && encoder_; }
  /// Of the encoder, or of whoever encodes the track.
  void requestKeyFrame();

  /// What encodes the track has broken: nothing comes of it any more.
  Signal<const Error&> failed;

 private:
  class Receiver;
  void onMessage(GstMessage* message);
  void build(Ref<GstElement> encoder);
  std::unique_ptr<LevelMarker> makeMarker(const Track& track) const;
  void tearDown();

  const Ref<GstElement> pipeline_;
  const Ref<GstElement> payloader_;
  const std::string mimeType_;
  EncoderSettings settings_;
  const std::shared_ptr<Receiver> receiver_;
  std::shared_ptr<Track> track_;
  Ref<GstElement> source_;           // null before the first track
  Ref<GstElement> encoder_;          // null for an encoded track
  std::unique_ptr<ElementRow> row_;  // of these
  bool hasFailed_ = false;
  Connection messages_;
};

}  // namespace cosoup
