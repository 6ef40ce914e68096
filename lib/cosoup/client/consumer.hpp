// Consumer: a track that the server sends us.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/audio_level.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/playout_delay.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

class Track;
class RecvTransport;

/// A consumer as the server made it (mediasoup-client's ConsumerOptions).
struct ConsumeOptions {
  ConsumeOptions(std::string id_, std::string producerId_, MediaKind kind_,
                 RtpParameters parameters)
      : id(std::move(id_)),
        producerId(std::move(producerId_)),
        kind(kind_),
        rtpParameters(std::move(parameters)) {}

  std::string id;
  std::string producerId;
  MediaKind kind;
  RtpParameters rtpParameters;
  /// Which consumers belong together; see Consumer::streamId(). Absent: as the sender's msid says,
  /// else those of one RTCP CNAME.
  std::optional<std::string> streamId;
  /// Access to the RTP packets (mediasoup-client's onRtpReceiver): called once, on the streaming
  /// thread, before the first packet passes the pad. The packets are in order, the caps of the pad
  /// are set (application/x-rtp); probes put on it must not block. It must not throw.
  std::function<void(GstPad* pad)> onRtpReceiver;
  /// How long a missing packet is waited for at most; what came after it is held back so long.
  /// Zero: not at all. Absent: as long as it is useful on this line, by its round trip and jitter:
  /// 40 ms to a second for video that may be asked for again (NACK), to half of one for such audio,
  /// else 20 to 200 ms. Without losses nothing is held back. Elements that play get all that is in
  /// sync later by the longest latency among it (adaptive: by 250 ms or more) and 50 ms to decode
  /// it; recordings, encoded frames and other producers do not wait for that. consume() throws
  /// Error(InvalidArgument) for what is negative or more than 10 s.
  std::optional<std::chrono::milliseconds> latency;
  Json appData = Json::object();  ///< the app's own; an object
};

/// What has arrived so far.
struct ConsumerCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of RTP, headers included
  std::int64_t lost = 0;    ///< packets (RFC 3550, section 6.4.1)
  ReceptionCounters reception;
};

/// As mediasoup-client's Consumer. Made by RecvTransport::consume(). Main-context-bound.
class COSOUP_API Consumer {
 public:
  struct Internals;  // of the transport
  explicit Consumer(std::unique_ptr<Internals> internals);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  const std::string& id() const;  ///< the server's
  const std::string& producerId() const;
  MediaKind kind() const;
  const RtpParameters& rtpParameters() const;
  const std::string& mimeType() const;  ///< of the media codec
  /// The received frames. Without a receiver the packets are dropped, not depayloaded.
  std::shared_ptr<Track> track() const;
  const Json& appData() const;
  /// Throws Error(InvalidArgument) for anything but an object.
  void setAppData(Json appData);
  /// Tracks of one stream are to be played in sync. All tracks that one sender sends over one
  /// transport share a CNAME, and the times of their frames are in sync as they come (RTCP sender
  /// reports); the stream id tells an app which of them it should show together.
  const std::string& streamId() const;

  bool isClosed() const;
  /// pause() was called, or its producer is paused: the track gives no frames.
  bool isPaused() const;
  /// Its track gives no frames; the server is not told, and goes on sending. resume() asks for a
  /// key frame, with which video goes on, unless the producer is paused. Both throw
  /// Error(InvalidState) when closed and are idempotent.
  void pause();
  void resume();
  /// Whether pause() was called, whatever the sender does.
  bool isPausedHere() const;
  /// What the server tells of whoever sends (`producerPaused` of mediasoup's own Consumer). Neither
  /// of the two lifts the pause of the other. Throws Error(InvalidState) when closed.
  void setProducerPaused(bool producerPaused);
  bool isProducerPaused() const;
  /// Asks the sender of a video stream for a picture that can be decoded by itself: a PLI goes out,
  /// and mediasoup passes on about one a second at most. Without effect before the first packet,
  /// and for audio. Throws Error(InvalidState) when closed.
  void requestKeyFrame();
  /// Frees the slot for the next consumer; the server must have stopped sending. The track ends.
  /// Idempotent.
  void close();

  /// How loud it is, of the newest packet (RFC 6464), without decoding anything: also while the
  /// track has no receiver or the consumer is paused here. Nothing: when no packet of the last
  /// second says so, for video, when closed, and when the sender or the router does without the
  /// extension.
  std::optional<AudioLevel> audioLevel() const;
  /// Whether somebody speaks, or sings: it has been loud (-45 dBov) for 60 ms, and not yet been
  /// quiet (-55 dBov) for 600 ms. Any other sound of that loudness counts as speech, too.
  bool isSpeaking() const;
  /// What the sender wishes, as last received (see ProduceOptions::playoutDelay); nothing while it
  /// has not said, and where the router lacks that header extension. Our receivers do not obey it.
  std::optional<PlayoutDelay> playoutDelay() const;

  ConsumerCounters counters() const;
  /// The same and more in the W3C's terms, of this consumer alone. Throws Error(InvalidState) when
  /// closed.
  RtcStatsReport getStats() const;

  /// The first RTP packet has come.
  Signal<> firstPacket;
  /// isSpeaking() has changed, to this.
  Signal<bool> speakingChanged;
  /// isPaused() has become true.
  Signal<> paused;
  /// isPaused() has become false.
  Signal<> resumed;
  /// The track gives no more frames; nothing but the end of the consumer ends it, so that `closed`
  /// follows.
  Signal<> trackEnded;
  /// close() was called.
  Signal<> closed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;

 private:
  friend class RecvTransport;
  void closeByTransport();
  void ensureOpen(const char* operation) const;
  void setPaused(bool here, bool producerPaused);
  void tellSpeaking();

  std::unique_ptr<Internals> internals_;
};

}  // namespace cosoup
