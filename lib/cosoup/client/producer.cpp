#include "cosoup/client/producer.hpp"

#include <algorithm>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/producer_internals.hpp"
#include "cosoup/rtc/ortc.hpp"

namespace cosoup {
namespace {

ProducerCounters sentSoFar(const SendSlot& slot) {
  ProducerCounters stats;
  stats.packets = slot.sent->packets.load();
  stats.bytes = slot.sent->bytes.load();
  return stats;
}

FeedMode modeWhilePaused(const ProduceOptions& options) {
  if (options.zeroRtpOnPause) return FeedMode::stops;
  return options.disableTrackOnPause ? FeedMode::mutes : FeedMode::sends;
}

}  // namespace

Producer::Internals::Internals(const ProduceOptions& options, Sending sending)
    : appData(options.appData),
      track(options.track),
      slot(std::move(sending.slot)),
      rtpParameters(std::move(sending.rtpParameters)),
      encodings(slot->feed->encodings()),
      whilePaused(modeWhilePaused(options)),
      maxSpatialLayer(options.maxSpatialLayer),
      paused(options.paused),
      resumedOnce(!options.paused) {}

Producer::Producer(std::unique_ptr<Internals> internals) : internals_(std::move(internals)) {
  internals_->before = sentSoFar(*internals_->slot);
  internals_->trackEnded = internals_->track->ended.connect([this] { emitSignal(trackEnded); });
  internals_->failed = internals_->slot->feed->failed.connect(
      [this](const Error& error) { emitSignal(failed, error); });
  if (maxSpatialLayer()) internals_->slot->feed->setMaxSpatialLayer(*maxSpatialLayer());
  applyPause();
}

Producer::~Producer() = default;

const std::string& Producer::id() const { return internals_->id; }
MediaKind Producer::kind() const { return internals_->slot->kind; }
const RtpParameters& Producer::rtpParameters() const { return internals_->rtpParameters; }
const std::string& Producer::mimeType() const {
  return internals_->rtpParameters.codecs.front().mimeType;
}
std::shared_ptr<Track> Producer::track() const { return internals_->track; }
const Json& Producer::appData() const { return internals_->appData; }
void Producer::setAppData(Json appData) {
  checkAppData("setAppData", appData);
  internals_->appData = std::move(appData);
}
bool Producer::isClosed() const { return internals_->closed; }
bool Producer::isPaused() const { return internals_->paused; }
std::optional<int> Producer::maxSpatialLayer() const { return internals_->maxSpatialLayer; }
const std::vector<RtpEncodingParameters>& Producer::encodings() const {
  return internals_->encodings;
}

void Producer::ensureOpen(const char* operation) const {
  if (!isClosed()) return;
  throw Error(Error::Code::InvalidState, std::string(operation) + ": the producer is closed");
}

void Producer::applyPause() {
  FeedMode mode = FeedMode::sends;
  // Before the first resume() nobody has a decoder that had to be kept going.
  if (isPaused()) mode = internals_->resumedOnce ? internals_->whilePaused : FeedMode::stops;
  internals_->slot->feed->setMode(mode);
}

void Producer::pause() {
  ensureOpen("pause");
  if (std::exchange(internals_->paused, true)) return;
  applyPause();
  emitSignal(paused);
}

void Producer::resume() {
  ensureOpen("resume");
  if (!std::exchange(internals_->paused, false)) return;
  internals_->resumedOnce = true;
  applyPause();
  emitSignal(resumed);
}

void Producer::close() {
  if (isClosed()) return;
  internals_->final = counters();
  internals_->closed = true;
  internals_->trackEnded.disconnect();
  internals_->slot->feed.reset();
  emitSignal(closed);
}

void Producer::closeByTransport() {
  if (isClosed()) return;
  emitSignal(transportClosed);
  close();
}

void Producer::replaceTrack(std::shared_ptr<Track> track) {
  ensureOpen("replaceTrack");
  if (track == internals_->track) return;
  SendSlot& slot = *internals_->slot;
  try {
    if (track && track->kind() != slot.kind) {
      throw Error(Error::Code::InvalidArgument, "the track is of another kind");
    }
    if (track) ensureFits(*track, slot.codec(), internals_->encodings);
    slot.feed->setTrack(track);
  } catch (const Error& error) {
    throw error.within("replaceTrack");
  }
  internals_->trackEnded.disconnect();
  internals_->track = std::move(track);
  if (!internals_->track) return;
  internals_->trackEnded = internals_->track->ended.connect([this] { emitSignal(trackEnded); });
}

void Producer::setMaxSpatialLayer(int spatialLayer) {
  ensureOpen("setMaxSpatialLayer");
  if (kind() != MediaKind::video) {
    throw Error(Error::Code::Unsupported, "setMaxSpatialLayer: not a video producer");
  }
  if (spatialLayer < 0) {
    throw Error(Error::Code::InvalidArgument, "setMaxSpatialLayer: the layer is negative");
  }
  internals_->maxSpatialLayer = spatialLayer;
  internals_->slot->feed->setMaxSpatialLayer(spatialLayer);
}

void Producer::setRtpEncodingParameters(const RtpEncodingParameters& parameters) {
  ensureOpen("setRtpEncodingParameters");
  LayeredFeed& feed = *internals_->slot->feed;
  bool found = false;
  try {
    for (std::size_t i = 0; i < feed.encodings().size(); ++i) {
      if (parameters.rid && parameters.rid != feed.encodings()[i].rid) continue;
      found = true;
      feed.changeEncoding(i, parameters);
    }
  } catch (const Error& error) {
    throw error.within("setRtpEncodingParameters");
  }
  if (!found) {
    throw Error(Error::Code::InvalidArgument,
                "setRtpEncodingParameters: no encoding has the rid '" + *parameters.rid + "'");
  }
  internals_->encodings = feed.encodings();
}

ProducerCounters Producer::counters() const {
  if (isClosed()) return internals_->final;
  ProducerCounters stats = sentSoFar(*internals_->slot);
  stats.packets -= internals_->before.packets;
  stats.bytes -= internals_->before.bytes;
  return stats;
}

RtcStatsReport Producer::getStats() const {
  ensureOpen("getStats");
  return readRtpSources(internals_->rtpSources(), [this](std::uint32_t ssrc) {
    // The parameters of simulcast name none.
    return ortc::namesSsrc(internals_->rtpParameters, ssrc) || internals_->slot->layerOf(ssrc);
  });
}

}  // namespace cosoup
