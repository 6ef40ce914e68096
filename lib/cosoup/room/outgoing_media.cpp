#include "cosoup/room/outgoing_media.hpp"

#include <glib.h>

#include <algorithm>
#include <utility>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/room/silence.hpp"

namespace cosoup {
namespace {

// A score can come before the answer that tells us the producer's id.
constexpr std::size_t kMaxEarlyScores = 16;

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

/// The app has taken the track away, or one of its own has ended.
bool sendsNothing(const ProducerWish& wish) {
  if (!wish.replacement) return false;
  const std::shared_ptr<Track>& track = *wish.replacement;
  return !track || track->isEnded() || !track->caps();
}

}  // namespace

Task<> OutgoingMedia::produce(std::shared_ptr<OutgoingSource> source) {
  if (!std::exchange(source->opened, true)) {
    co_await source->source->open(encodedCaps(core_.device.sendRtpCapabilities()));
  }
  co_await produceAll(source);
  co_await source->source->play();
}

Task<> OutgoingMedia::produceAll(std::shared_ptr<OutgoingSource> source) {
  Scope producing;
  int possible = 0;
  for (const auto& track : source->source->tracks()) {
    if (!core_.device.canProduce(track->kind())) continue;
    ++possible;
    const bool isOver = track->isEnded() || source->wishFor(track)->closed;
    if (!isOver) producing.spawn(produceTrack(source, track));
  }
  if (possible == 0) {
    throw Error(Error::Code::Unsupported, "produce: the room takes neither audio nor video of it");
  }
  co_await producing.join();
}

ProduceOptions OutgoingMedia::optionsFor(const OutgoingSource& source,
                                         const std::shared_ptr<Track>& track,
                                         const ProducerWish& wish) const {
  ProduceOptions options(sendsNothing(wish) ? track : wish.replacement.value_or(track));
  options.appData = source.appData;
  options.levelOfEncodedOpus = source.encoding.levelOfEncodedOpus;
  options.playoutDelay = source.playoutDelay;
  applyTo(options, source.encoding, core_.device.sendRtpCapabilities());
  // Also for what is encoded already.
  options.codecOptions.opusNack = source.encoding.codecOptions.opusNack.value_or(true);
  options.paused = wish.paused || sendsNothing(wish);
  options.maxSpatialLayer = wish.maxSpatialLayer;
  if (!wish.encodings.empty()) options.encodings = wish.encodings;
  return options;
}

Task<> OutgoingMedia::produceTrack(std::shared_ptr<OutgoingSource> source,
                                   std::shared_ptr<Track> track) {
  const std::shared_ptr<ProducerWish> wish = source->wishFor(track);
  ProduceOptions options = optionsFor(*source, track, *wish);
  std::shared_ptr<Producer> producer = co_await core_.sendTransport->produce(std::move(options));
  std::vector<Connection> connections;
  connections.push_back(producer->failed.connect(
      [this](const Error& error) { core_.tell(event::Failed{error.within("send")}); }));
  connections.push_back(producer->closed.connect([wish] { wish->closed = true; }));
  Sent sent{producer, std::move(connections), wish, track, producer->encodings()};
  producers_[source].push_back(std::move(sent));
  const std::shared_ptr<Producer> previous = wish->lineage.last();
  wish->lineage.add(producer);
  const bool isWanted = co_await apply(wish, producer);
  if (!isWanted) co_return;
  core_.tell(event::Produced{producer, previous});
  core_.scope.spawn(watchSilence(producer));
  const auto early = earlyScores_.find(producer->id());
  if (early == earlyScores_.end()) co_return;
  core_.tell(event::ProducerScore{producer, early->second.scores});
  earlyScores_.erase(early);
}

// The app may have changed its mind while the server was asked.
Task<bool> OutgoingMedia::apply(std::shared_ptr<ProducerWish> wish,
                                std::shared_ptr<Producer> producer) {
  if (wish->closed) {
    producer->close();
    co_await undo(producer->id());
    co_return false;
  }
  if (sendsNothing(*wish)) producer->replaceTrack(nullptr);
  if (wish->appData) producer->setAppData(*wish->appData);
  if (!wish->paused) {
    producer->resume();
    co_return true;
  }
  producer->pause();
  try {
    co_await core_.signaler().pauseProducer(producer->id());
  } catch (const Cancelled&) {
    throw;
  } catch (...) {  // nothing is sent all the same
    core_.tellFailure(std::current_exception());
  }
  co_return true;
}

Task<> OutgoingMedia::undo(std::string producerId) {
  try {
    co_await core_.signaler().closeProducer(std::move(producerId));
  } catch (const Cancelled&) {
    throw;
  } catch (...) {  // nothing is sent all the same
    core_.tellFailure(std::current_exception());
  }
}

std::shared_ptr<Producer> OutgoingMedia::find(const std::string& producerId) const {
  for (const auto& [source, producers] : producers_) {
    for (const Sent& sent : producers) {
      if (sent.producer->id() == producerId) return sent.producer;
    }
  }
  return nullptr;
}

Task<> OutgoingMedia::stop(std::shared_ptr<OutgoingSource> source) {
  Scope closing;
  for (const Sent& sent : std::exchange(producers_[source], {})) {
    if (sent.producer->isClosed()) continue;
    sent.producer->close();
    if (core_.isJoined()) closing.spawn(core_.signaler().closeProducer(sent.producer->id()));
  }
  producers_.erase(source);
  co_await closing.join();
}

void OutgoingMedia::on(const notification::ProducerScore& changed) {
  if (const auto producer = find(changed.producerId)) {
    core_.tell(event::ProducerScore{producer, changed.scores});
  } else if (core_.sendTransport && earlyScores_.size() < kMaxEarlyScores) {
    earlyScores_.insert_or_assign(changed.producerId, changed);
  }
}

// ---- silence -----------------------------------------------------------------------------------

Task<> OutgoingMedia::watchSilence(std::shared_ptr<Producer> producer) {
  while (!producer->isClosed()) {
    const bool silent = co_await staysSilent(producer, core_.sendTransport);
    if (silent) core_.tell(event::NothingSent{producer});
    co_await untilResumed(producer);
  }
}

// ---- the session's end -------------------------------------------------------------------------

void OutgoingMedia::keepWishes() {
  for (auto& [source, producers] : producers_) {
    for (Sent& sent : producers) {
      sent.connections.clear();  // that it closes now is nobody's wish
      sent.wish->learn(*sent.producer, sent.track, sent.encodings, source->appData);
    }
  }
}

}  // namespace cosoup
