#include "cosoup/client/consumer.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/client/check_fields.hpp"
#include "cosoup/client/consumer_internals.hpp"
#include "cosoup/rtc/ortc.hpp"

namespace cosoup {

Consumer::Consumer(std::unique_ptr<Internals> internals) : internals_(std::move(internals)) {
  internals_->firstPacket =
      internals_->received->firstPacket.connect([this] { emitSignal(firstPacket); });
  internals_->speechChanged =
      internals_->received->speechChanged.connect([this] { tellSpeaking(); });
}

Consumer::~Consumer() = default;

const std::string& Consumer::id() const { return internals_->options.id; }
const std::string& Consumer::producerId() const { return internals_->options.producerId; }
MediaKind Consumer::kind() const { return internals_->options.kind; }
const RtpParameters& Consumer::rtpParameters() const { return internals_->options.rtpParameters; }
const std::string& Consumer::mimeType() const { return internals_->received->mimeType; }
std::shared_ptr<Track> Consumer::track() const { return internals_->received->track; }
const Json& Consumer::appData() const { return internals_->options.appData; }
void Consumer::setAppData(Json appData) {
  checkAppData("setAppData", appData);
  internals_->options.appData = std::move(appData);
}
const std::string& Consumer::streamId() const { return internals_->received->streamId; }
bool Consumer::isClosed() const { return internals_->closed; }
bool Consumer::isPaused() const { return isPausedHere() || isProducerPaused(); }
bool Consumer::isPausedHere() const { return internals_->pausedHere; }
bool Consumer::isProducerPaused() const { return internals_->producerPaused; }
bool Consumer::isSpeaking() const { return internals_->speaking; }

std::optional<AudioLevel> Consumer::audioLevel() const {
  const auto& level = internals_->received->level;
  return level ? level->newest() : std::nullopt;
}

// By the time it is told it may be otherwise again.
void Consumer::tellSpeaking() {
  const auto& level = internals_->received->level;
  const bool speaks = level && level->isSpeaking();
  if (std::exchange(internals_->speaking, speaks) != speaks) emitSignal(speakingChanged, speaks);
}

void Consumer::ensureOpen(const char* operation) const {
  if (!isClosed()) return;
  throw Error(Error::Code::InvalidState, std::string(operation) + ": the consumer is closed");
}

void Consumer::pause() {
  ensureOpen("pause");
  setPaused(true, isProducerPaused());
}

void Consumer::resume() {
  ensureOpen("resume");
  setPaused(false, isProducerPaused());
}

void Consumer::setProducerPaused(bool producerPaused) {
  ensureOpen("setProducerPaused");
  setPaused(isPausedHere(), producerPaused);
}

void Consumer::setPaused(bool here, bool producerPaused) {
  const bool before = isPaused();
  internals_->pausedHere = here;
  internals_->producerPaused = producerPaused;
  if (isPaused() == before) return;
  track()->setEnabled(before);
  if (!before) {
    emitSignal(paused);
    return;
  }
  requestKeyFrame();
  emitSignal(resumed);
}

void Consumer::requestKeyFrame() {
  ensureOpen("requestKeyFrame");
  if (kind() == MediaKind::video) track()->requestKeyFrame();
}

void Consumer::close() {
  if (isClosed()) return;
  internals_->final = counters();
  internals_->closed = true;
  internals_->release();
  if (internals_->received->level) internals_->received->level->end();
  tellSpeaking();
  const std::shared_ptr<Track> ending = track();
  ending->end();
  emitSignal(ending->ended);
  emitSignal(trackEnded);
  emitSignal(closed);
}

void Consumer::closeByTransport() {
  if (isClosed()) return;
  emitSignal(transportClosed);
  close();
}

std::optional<PlayoutDelay> Consumer::playoutDelay() const {
  return internals_->received->headers->playoutDelay();
}

ConsumerCounters Consumer::counters() const {
  if (isClosed()) return internals_->final;
  ConsumerCounters stats;
  stats.packets = internals_->received->received->packets.load();
  stats.bytes = internals_->received->received->bytes.load();
  stats.lost = internals_->packetsLost();
  const std::optional<ReceptionReport> reception = internals_->reception();
  if (reception && reception->counters) stats.reception = *reception->counters;
  return stats;
}

RtcStatsReport Consumer::getStats() const {
  if (isClosed()) throw Error(Error::Code::InvalidState, "getStats: the consumer is closed");
  RtcStatsReport report = readRtpSources(internals_->rtpSources(), [this](std::uint32_t ssrc) {
    return ortc::namesSsrc(internals_->options.rtpParameters, ssrc);
  });
  addReceptions(report, [this](std::uint32_t ssrc) {
    const bool isMedia = ssrc == internals_->received->stream.ssrc;
    return isMedia ? internals_->reception() : std::nullopt;
  });
  return report;
}

}  // namespace cosoup
