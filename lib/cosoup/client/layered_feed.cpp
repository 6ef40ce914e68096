#include "cosoup/client/layered_feed.hpp"

#include <limits>

#include "cosoup/async/emit_signal.hpp"

namespace cosoup {

LayeredFeed::LayeredFeed(Pipeline& pipeline, const std::vector<GstElement*>& payloaders,
                         LayeredFeedOptions options)
    : options_(std::move(options)),
      modes_(payloaders.size(), FeedMode::stops),
      maxSpatialLayer_(std::numeric_limits<int>::max()) {
  for (std::size_t i = 0; i < payloaders.size(); ++i) {
    layers_.push_back(
        std::make_unique<TrackFeed>(pipeline, payloaders[i], options_.mimeType, settingsOf(i)));
    failures_.push_back(
        layers_.back()->failed.connect([this](const Error& error) { emitSignal(failed, error); }));
  }
}

void LayeredFeed::setTrack(std::shared_ptr<Track> track) {
  for (const auto& layer : layers_) layer->setTrack(track);
}

void LayeredFeed::setMode(FeedMode mode) {
  mode_ = mode;
  update();
}

void LayeredFeed::setMaxSpatialLayer(int layer) {
  maxSpatialLayer_ = layer;
  update();
}

void LayeredFeed::changeEncoding(std::size_t layer, const RtpEncodingParameters& change) {
  RtpEncodingParameters& encoding = options_.encodings.at(layer);
  encoding = changedEncoding(encoding, change);
  layers_.at(layer)->setSettings(settingsOf(layer));
  update();
}

EncoderSettings LayeredFeed::settingsOf(std::size_t layer) const {
  EncoderSettings settings =
      encoderSettings(options_.kind, options_.encodings.at(layer), options_.codecOptions);
  settings.elementName = options_.encoder;
  settings.audioLevel = options_.audioLevel;
  settings.opusLevel = options_.opusLevel;
  return settings;
}

bool LayeredFeed::isOn(std::size_t layer) const {
  return options_.encodings.at(layer).active.value_or(true) &&
         static_cast<int>(layer) <= maxSpatialLayer_;
}

bool LayeredFeed::isControlled(std::size_t layer) const {
  return options_.kind == MediaKind::video && layers_[layer]->encodes();
}

std::vector<BitrateRange> LayeredFeed::ranges(bool all) const {
  std::vector<BitrateRange> ranges;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (!isControlled(i) || (!all && !runs(i))) continue;
    ranges.push_back(bitrateRange(options_.kind, options_.encodings.at(i), options_.codecOptions));
  }
  return ranges;
}

std::optional<double> LayeredFeed::audioBitrate() const {
  if (options_.kind != MediaKind::audio || !runs(0)) return std::nullopt;
  return bitrateRange(options_.kind, options_.encodings.front(), options_.codecOptions).max;
}

bool LayeredFeed::sendsUntouchedVideo() const {
  return options_.kind == MediaKind::video && runs(0) && !layers_.front()->encodes();
}

void LayeredFeed::takeBitrates(std::deque<std::uint32_t>& bitrates) {
  for (std::size_t i = 0; i < layers_.size() && !bitrates.empty(); ++i) {
    if (!isControlled(i) || !runs(i)) continue;
    layers_[i]->setBitrate(bitrates.front());
    bitrates.pop_front();
  }
}

void LayeredFeed::update() {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const FeedMode mode = isOn(i) ? mode_ : FeedMode::stops;
    if (mode == modes_[i]) continue;
    modes_[i] = mode;
    layers_[i]->setMode(mode);
  }
}

}  // namespace cosoup
