// LayeredFeed: the frames of one producer on their way to the payloaders of its slot. Internal.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/client/encodings.hpp"
#include "cosoup/media/rtp/track_feed.hpp"
#include "cosoup/rtc/codec_options.hpp"

namespace cosoup {

/// What a producer sends: how it is encoded, and which layers of it.
struct LayeredFeedOptions {
  MediaKind kind = MediaKind::audio;
  std::string mimeType;
  std::vector<RtpEncodingParameters> encodings;  ///< complete; one per layer
  ProducerCodecOptions codecOptions;
  std::string encoder;      ///< as of ProduceOptions
  bool audioLevel = false;  ///< the packets have room for it
  bool opusLevel = false;   ///< as ProduceOptions::levelOfEncodedOpus
};

/// One TrackFeed for each layer, all with the same track. Main-context-bound.
class LayeredFeed {
 public:
  /// One payloader for each encoding. At first everything stops.
  LayeredFeed(Pipeline& pipeline, const std::vector<GstElement*>& payloaders,
              LayeredFeedOptions options);
  LayeredFeed(const LayeredFeed&) = delete;
  LayeredFeed& operator=(const LayeredFeed&) = delete;

  /// Null: nothing is sent. Throws as TrackFeed::setTrack().
  void setTrack(std::shared_ptr<Track> track);
  const std::shared_ptr<Track>& track() const { return layers_.front()->track(); }

  /// For all layers that are not switched off.
  void setMode(FeedMode mode);
  /// The layers above it are switched off.
  void setMaxSpatialLayer(int layer);
  /// Changes one encoding; see changedEncoding(). Throws Error(InvalidArgument), and then nothing
  /// has changed.
  void changeEncoding(std::size_t layer, const RtpEncodingParameters& change);
  const std::vector<RtpEncodingParameters>& encodings() const { return options_.encodings; }

  void requestKeyFrame(std::size_t layer) { layers_.at(layer)->requestKeyFrame(); }

  /// The limits of the video encoders, lowest layer first: of those that run now, or of all. None
  /// for audio, whose few bits are left alone, and for an encoded track.
  std::vector<BitrateRange> ranges(bool all) const;
  /// Of what sends audio now; bit/s of the media, at most.
  std::optional<double> audioBitrate() const;
  /// Whether video is sent now that nobody here encodes.
  bool sendsUntouchedVideo() const;
  /// Gives the encoders one each, in the order of ranges(false), and takes them away from the front
  /// of the list; bit/s.
  void takeBitrates(std::deque<std::uint32_t>& bitrates);

  /// Of any layer; see TrackFeed.
  Signal<const Error&> failed;

 private:
  EncoderSettings settingsOf(std::size_t layer) const;
  bool isOn(std::size_t layer) const;
  bool runs(std::size_t layer) const { return modes_[layer] == FeedMode::sends; }
  bool isControlled(std::size_t layer) const;
  void update();

  LayeredFeedOptions options_;
  std::vector<std::unique_ptr<TrackFeed>> layers_;
  std::vector<Connection> failures_;
  std::vector<FeedMode> modes_;  // as the layers have them
  FeedMode mode_ = FeedMode::stops;
  int maxSpatialLayer_;
};

}  // namespace cosoup
