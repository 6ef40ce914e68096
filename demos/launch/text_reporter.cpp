#include <glib.h>

#include <cstdarg>

#include "reporter.hpp"

using namespace cosoup;

namespace {

std::string timeOfDay(RecordingGap::Time time) {
  GDateTime* at = g_date_time_new_from_unix_local(std::chrono::system_clock::to_time_t(time));
  char* text = g_date_time_format(at, "%H:%M:%S");
  const std::string result = text;
  g_free(text);
  g_date_time_unref(at);
  return result;
}

class TextReporter final : public Reporter {
 public:
  void summary() override {
    for (const auto& producer : produced_) {
      const ProducerCounters stats = producer->counters();
      say("sent %s (%s): %llu packets, %.1f kB", toString(producer->kind()).c_str(),
          producer->mimeType().c_str(), static_cast<unsigned long long>(stats.packets),
          static_cast<double>(stats.bytes) / 1000);
    }
    for (const auto& received : received_) {
      const ConsumerCounters stats = received->consumer->counters();
      say("received %s (%s) of %s: %llu packets, %.1f kB, %lld lost",
          toString(received->consumer->kind()).c_str(), received->consumer->mimeType().c_str(),
          printable(received->peerName).c_str(), static_cast<unsigned long long>(stats.packets),
          static_cast<double>(stats.bytes) / 1000, static_cast<long long>(stats.lost));
    }
    if (!frames_) return;
    for (const auto& [consumerId, stream] : frames_->streams()) {
      say("%llu frames (%s) of %s: %.1f a second", static_cast<unsigned long long>(stream.frames),
          stream.format.c_str(), printable(stream.peerId).c_str(), stream.rate());
    }
  }

  void tick() override {
    if (!terminal_) return;
    std::uint64_t out = 0;
    std::uint64_t in = 0;
    for (const auto& producer : produced_) out += producer->counters().bytes;
    for (const auto& received : received_) in += received->consumer->counters().bytes;
    sayInPlace("  out %5.0f kbit/s   in %5.0f kbit/s ", kilobits(out, lastOut_),
               kilobits(in, lastIn_));
    lastOut_ = out;
    lastIn_ = in;
  }

  void warn(const std::string& text) override {
    endInPlace();
    Reporter::warn(text);
  }

 protected:
  void joined(const Room& room) override {
    say("joined room %s as %s after %lld ms, %zu others there", room.id().c_str(),
        room.me().displayName.c_str(), static_cast<long long>(joinedMs_), room.peers().size());
    for (const auto& peer : room.peers()) say("  %s", printable(peer->displayName()).c_str());
  }
  void peerJoined(const Peer& peer) override {
    say("%s joined", printable(peer.displayName()).c_str());
  }
  void peerLeft(const Peer& peer) override {
    say("%s left", printable(peer.displayName()).c_str());
  }
  void produced(const Producer& producer) override {
    say("sending %s (%s) after %lld ms", toString(producer.kind()).c_str(),
        producer.mimeType().c_str(), static_cast<long long>(elapsedMs()));
  }
  void consuming(const Received& received) override {
    say("receiving %s (%s) of %s", toString(received.consumer->kind()).c_str(),
        received.consumer->mimeType().c_str(), printable(received.peerName).c_str());
  }
  void firstRtp(const Received& received) override {
    say("first %s packet of %s after %lld ms", toString(received.consumer->kind()).c_str(),
        printable(received.peerName).c_str(), static_cast<long long>(elapsedMs()));
  }
  void consumerPaused(const Peer& peer, const Consumer& consumer) override {
    say("%s paused %s", printable(peer.displayName()).c_str(), toString(consumer.kind()).c_str());
  }
  void consumerResumed(const Peer& peer, const Consumer& consumer) override {
    say("%s resumed %s", printable(peer.displayName()).c_str(), toString(consumer.kind()).c_str());
  }
  void consumerClosed(const Consumer& consumer) override {
    say("a stream of %s ended", toString(consumer.kind()).c_str());
  }
  void message(const Peer* peer, const std::string&, const DataMessage& message) override {
    const std::string who = peer ? printable(peer->displayName()) : "the bot";
    if (message.isText()) {
      say("%s: %s", who.c_str(), printable(message.text()).c_str());
    } else {
      say("%s sent %zu bytes", who.c_str(), message.size());
    }
  }
  void recorded(const Recording& recording) override { say("recorded %s", recording.path.c_str()); }
  void recordingMissed(const RecordingGap& gap) override {
    const std::string of = gap.peerId.empty() ? "the room" : printable(gap.peerId);
    warn("nothing is recorded of " + of + " from " + timeOfDay(gap.from) + " to " +
         timeOfDay(gap.to));
  }
  void nothingSent(const Producer& producer) override {
    warn("nothing goes out of the " + toString(producer.kind()) +
         ": its source gives nothing that can be sent");
  }
  void sourceEnded() override { say("a source has come to its end"); }
  void reconnecting(const Error& reason) override {
    say("reconnecting: %s", printable(reason.what()).c_str());
  }
  void reconnected() override { say("we are in the room again"); }

 private:
  static double kilobits(std::uint64_t now, std::uint64_t before) {
    return now < before ? 0.0 : static_cast<double>(now - before) * 8 / 1000;
  }
  void endInPlace() {
    if (inPlace_) output.write("\r\033[K");
    inPlace_ = false;
  }
  [[gnu::format(printf, 2, 3)]] void say(const char* format, ...) {
    endInPlace();
    va_list arguments;
    va_start(arguments, format);
    output.write(formatted(format, arguments) + "\n");
    va_end(arguments);
  }
  [[gnu::format(printf, 2, 3)]] void sayInPlace(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    output.write("\r\033[K" + formatted(format, arguments));
    va_end(arguments);
    inPlace_ = true;
  }
  [[gnu::format(printf, 1, 0)]] static std::string formatted(const char* format,
                                                             va_list arguments) {
    char* text = g_strdup_vprintf(format, arguments);
    std::string result(text);
    g_free(text);
    return result;
  }

  const bool terminal_ = output.isTerminal();
  bool inPlace_ = false;
  std::uint64_t lastOut_ = 0;
  std::uint64_t lastIn_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> makeTextReporter() { return std::make_unique<TextReporter>(); }
