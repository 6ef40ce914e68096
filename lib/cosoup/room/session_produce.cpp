// From the sources to the producers.
#include <glib.h>

#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/room/session.hpp"

namespace cosoup {

Task<> Session::produce(std::shared_ptr<Outgoing> outgoing) {
  const auto self = shared_from_this();
  if (!std::exchange(outgoing->opened, true)) {
    co_await outgoing->source->open(encodedCaps(device_.sendRtpCapabilities()));
  }
  co_await produceAll(outgoing);
  co_await outgoing->source->play();
}

Task<> Session::produceAll(std::shared_ptr<Outgoing> outgoing) {
  Scope producing;
  int possible = 0;
  for (const auto& track : outgoing->source->tracks()) {
    if (!device_.canProduce(track->kind())) continue;
    ++possible;
    producing.spawn(produceTrack(outgoing, track));
  }
  if (possible == 0) {
    throw Error(Error::Code::Unsupported, "produce: the room takes neither audio nor video of it");
  }
  co_await producing.join();
}

namespace {

void applyTo(ProduceOptions& options, const EncodingConfig& wanted,
             const RtpCapabilities& capabilities) {
  if (!isRaw(options.track->caps().get())) return;
  const bool video = options.track->kind() == MediaKind::video;
  options.encoder = video ? wanted.videoEncoder : wanted.audioEncoder;
  if (video) options.encodings = wanted.video;
  options.codecOptions = wanted.codecOptions;
  const std::string& mimeType = video ? wanted.videoCodec : wanted.audioCodec;
  if (mimeType.empty()) return;
  const auto found = std::find_if(
      capabilities.codecs.begin(), capabilities.codecs.end(), [&](const RtpCodecCapability& codec) {
        return g_ascii_strcasecmp(codec.mimeType.c_str(), mimeType.c_str()) == 0;
      });
  if (found == capabilities.codecs.end()) {
    throw Error(Error::Code::Unsupported,
                "produce: the room and this machine have no codec '" + mimeType + "' in common");
  }
  options.codec = *found;
}

}  // namespace

Task<> Session::produceTrack(std::shared_ptr<Outgoing> outgoing, std::shared_ptr<Track> track) {
  ProduceOptions options(std::move(track));
  options.appData = outgoing->appData;
  options.levelOfEncodedOpus = outgoing->encoding.levelOfEncodedOpus;
  options.playoutDelay = outgoing->playoutDelay;
  applyTo(options, outgoing->encoding, device_.sendRtpCapabilities());
  // Also for what is encoded already.
  options.codecOptions.opusNack = outgoing->encoding.codecOptions.opusNack.value_or(true);
  std::shared_ptr<Producer> producer = co_await sendTransport_->produce(std::move(options));
  Connection failures = producer->failed.connect(
      [this](const Error& error) { context_.tell(event::Failed{error.within("send")}); });
  producers_[outgoing].push_back(Sent{producer, std::move(failures)});
  context_.tell(event::Produced{producer});
  const auto early = earlyScores_.find(producer->id());
  if (early == earlyScores_.end()) co_return;
  context_.tell(event::ProducerScore{producer, early->second.scores});
  earlyScores_.erase(early);
}

std::shared_ptr<Producer> Session::producerOf(const std::string& producerId) const {
  for (const auto& [outgoing, producers] : producers_) {
    for (const Sent& sent : producers) {
      if (sent.producer->id() == producerId) return sent.producer;
    }
  }
  return nullptr;
}

Task<> Session::stopProducing(std::shared_ptr<Outgoing> outgoing) {
  const auto self = shared_from_this();
  Scope closing;
  for (const Sent& sent : std::exchange(producers_[outgoing], {})) {
    if (sent.producer->isClosed()) continue;
    sent.producer->close();
    if (isJoined()) closing.spawn(context_.signaler->closeProducer(sent.producer->id()));
  }
  producers_.erase(outgoing);
  co_await closing.join();
}

}  // namespace cosoup
