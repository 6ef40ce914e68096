#include "reporter.hpp"

using namespace cosoup;

namespace {

/// Since 1970.
Json milliseconds(RecordingGap::Time time) {
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  return Json(static_cast<std::int64_t>(passed.count()));
}

Json number(std::uint64_t value) { return Json(static_cast<std::int64_t>(value)); }

Json reception(const ReceptionCounters& counters) {
  const std::chrono::duration<double, std::milli> jitter = counters.jitter;
  return Json::object({{"recovered", number(counters.recovered)},
                       {"reordered", number(counters.reordered)},
                       {"givenUp", number(counters.givenUp)},
                       {"late", number(counters.late)},
                       {"duplicates", number(counters.duplicates)},
                       {"nacks", number(counters.nacks)},
                       {"plis", number(counters.plis)},
                       {"jitterMs", Json(jitter.count())},
                       {"latencyMs", Json(static_cast<std::int64_t>(counters.latency.count()))},
                       {"frames", number(counters.frames)},
                       {"droppedFrames", number(counters.droppedFrames)},
                       {"freezes", number(counters.freezes)},
                       {"frozenMs", Json(static_cast<std::int64_t>(counters.frozen.count()))}});
}

class JsonReporter final : public Reporter {
 public:
  void summary() override {
    Json produced = Json::array();
    for (const auto& producer : produced_) {
      const ProducerCounters stats = producer->counters();
      produced.push(Json::object({{"kind", toString(producer->kind())},
                                  {"mime", producer->mimeType()},
                                  {"packets", number(stats.packets)},
                                  {"bytes", number(stats.bytes)}}));
    }
    Json consumed = Json::array();
    for (const auto& received : received_) {
      const ConsumerCounters stats = received->consumer->counters();
      Json entry = describe(*received);
      entry.set("packets", number(stats.packets));
      entry.set("bytes", number(stats.bytes));
      entry.set("lost", Json(stats.lost));
      entry.set("reception", reception(stats.reception));
      consumed.push(entry);
    }
    Json recordings = Json::array();
    for (const Recording& recording : recordings_) recordings.push(describe(recording));
    Json summary = Json::object({{"joinedMs", Json(joinedMs_)},
                                 {"produced", produced},
                                 {"consumed", consumed},
                                 {"recordings", recordings}});
    if (frames_) summary.set("frames", countedFrames());
    say("summary", summary);
  }

 protected:
  void joined(const Room& room) override {
    Json peers = Json::array();
    for (const auto& peer : room.peers()) peers.push(describe(*peer));
    say("joined", Json::object({{"ms", Json(joinedMs_)}, {"peers", peers}}));
  }
  void peerJoined(const Peer& peer) override {
    say("peer-joined", Json::object({{"peer", describe(peer)}}));
  }
  void peerLeft(const Peer& peer) override {
    say("peer-left", Json::object({{"peer", describe(peer)}}));
  }
  void produced(const Producer& producer) override {
    say("produced", Json::object({{"kind", toString(producer.kind())},
                                  {"id", producer.id()},
                                  {"ms", Json(elapsedMs())}}));
  }
  void consuming(const Received& received) override { say("consuming", describe(received)); }
  void firstRtp(const Received& received) override {
    say("first-rtp", Json::object({{"id", received.consumer->id()},
                                   {"kind", toString(received.consumer->kind())},
                                   {"ms", Json(elapsedMs())}}));
  }
  void consumerPaused(const Peer& peer, const Consumer& consumer) override {
    say("consumer-paused", describe(peer, consumer));
  }
  void consumerResumed(const Peer& peer, const Consumer& consumer) override {
    say("consumer-resumed", describe(peer, consumer));
  }
  void consumerClosed(const Consumer& consumer) override {
    say("consumer-closed",
        Json::object({{"id", consumer.id()}, {"kind", toString(consumer.kind())}}));
  }
  void message(const Peer* peer, const std::string& label, const DataMessage& message) override {
    Json content = Json::object({{"peer", Json()}, {"label", label}});
    if (peer) content.set("peer", peer->id());
    if (message.isText()) {
      content.set("text", message.text());
    } else {
      content.set("bytes", number(message.size()));
    }
    say("message", content);
  }
  void recorded(const Recording& recording) override { say("recording", describe(recording)); }
  void recordingMissed(const RecordingGap& gap) override {
    say("recording-missed", Json::object({{"peer", gap.peerId},
                                          {"from", milliseconds(gap.from)},
                                          {"to", milliseconds(gap.to)}}));
  }
  void nothingSent(const Producer& producer) override {
    warn("nothing goes out of a producer of " + toString(producer.kind()));
    say("nothing-sent", Json::object({{"id", producer.id()}, {"kind", toString(producer.kind())}}));
  }
  void sourceEnded() override { say("source-ended", Json::object()); }
  void reconnecting(const Error& reason) override {
    say("reconnecting", Json::object({{"reason", reason.what()}}));
  }
  void reconnected() override { say("reconnected", Json::object()); }

 private:
  Json countedFrames() const {
    Json streams = Json::array();
    for (const auto& [consumerId, stream] : frames_->streams()) {
      streams.push(Json::object({{"id", consumerId},
                                 {"peer", stream.peerId},
                                 {"kind", toString(stream.kind)},
                                 {"format", stream.format},
                                 {"frames", number(stream.frames)},
                                 {"keyFrames", number(stream.keyFrames)},
                                 {"bytes", number(stream.bytes)},
                                 {"rate", Json(stream.rate())}}));
    }
    return Json::object({{"streams", streams}, {"dropped", number(frames_->sink()->dropped())}});
  }
  static Json describe(const Peer& peer) {
    return Json::object({{"id", peer.id()}, {"displayName", peer.displayName()}});
  }
  static Json describe(const Peer& peer, const Consumer& consumer) {
    return Json::object(
        {{"id", consumer.id()}, {"peer", peer.id()}, {"kind", toString(consumer.kind())}});
  }
  static Json describe(const Recording& recording) {
    return Json::object({{"peer", recording.peerId}, {"path", recording.path}});
  }
  static Json describe(const Received& received) {
    return Json::object({{"id", received.consumer->id()},
                         {"peer", received.peerId},
                         {"kind", toString(received.consumer->kind())},
                         {"mime", received.consumer->mimeType()}});
  }
  void say(const char* event, const Json& content) {
    Json line = Json::object({{"event", event}});
    // A member may be null: the bot's messages are of no peer.
    for (const std::string& key : content.keys()) line.set(key, content.getOr<Json>(key, Json()));
    output.write(line.text() + "\n");
  }
};

}  // namespace

std::unique_ptr<Reporter> makeJsonReporter() { return std::make_unique<JsonReporter>(); }
