#include "cosoup/client/producer.hpp"

#include "cosoup/client/producer_internals.hpp"

namespace cosoup {
namespace {

ProducerStats sentSoFar(const SendSlot& slot) {
  ProducerStats stats;
  stats.packets = slot.sent->packets.load();
  stats.bytes = slot.sent->bytes.load();
  return stats;
}

}  // namespace

Producer::Producer(std::unique_ptr<Internals> internals) : internals_(std::move(internals)) {
  internals_->before = sentSoFar(*internals_->slot);
  internals_->trackEnded = internals_->track->ended.connect([this] { trackEnded.emit(); });
  internals_->slot->feed->resume();
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
bool Producer::isClosed() const { return internals_->closed; }
bool Producer::isPaused() const { return internals_->paused; }

void Producer::pause() {
  if (isClosed()) throw Error(Error::Code::InvalidState, "pause: the producer is closed");
  internals_->paused = true;
  internals_->slot->feed->pause();
}

void Producer::resume() {
  if (isClosed()) throw Error(Error::Code::InvalidState, "resume: the producer is closed");
  internals_->paused = false;
  internals_->slot->feed->resume();
}

void Producer::close() {
  if (isClosed()) return;
  internals_->final = stats();
  internals_->closed = true;
  internals_->trackEnded.disconnect();
  internals_->slot->feed.reset();
  closed.emit();
}

void Producer::closeByTransport() {
  if (isClosed()) return;
  transportClosed.emit();
  close();
}

ProducerStats Producer::stats() const {
  if (isClosed()) return internals_->final;
  ProducerStats stats = sentSoFar(*internals_->slot);
  stats.packets -= internals_->before.packets;
  stats.bytes -= internals_->before.bytes;
  return stats;
}

}  // namespace cosoup
