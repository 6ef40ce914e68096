// Producer: a track on its way to the server.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/codec_options.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/playout_delay.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

class Track;
class SendTransport;

/// Which RTP header extensions are sent, if the router takes them. Of the two by which the server
/// estimates our bandwidth only one is in use: transport-wide-cc, else abs-send-time.
struct HeaderExtensionOptions {
  HeaderExtensionOptions() = default;

  bool transportCc = true;
  bool absSendTime = true;
  /// The level of audio (ssrc-audio-level, RFC 6464), by which the server and other peers see who
  /// speaks. Of Opus that goes out untouched only with ProduceOptions::levelOfEncodedOpus.
  bool audioLevel = true;
  /// How an encoded picture stands (Frame::rotation). Without it a rotated one lies on its side.
  bool videoOrientation = true;
  /// When the frames of a live track were captured.
  bool absCaptureTime = true;
  bool playoutDelay = true;
};

/// What to produce, and how. The names and defaults are mediasoup-client's; its stopTracks is
/// missing, since a track belongs to its source.
struct ProduceOptions {
  explicit ProduceOptions(std::shared_ptr<Track> track_) : track(std::move(track_)) {}

  /// Encoded or raw; its caps must be known. An encoded track goes out as it is, a raw one is
  /// encoded.
  std::shared_ptr<Track> track;
  /// Which codec; absent: the track's own, or the router's first that can be encoded here.
  std::optional<RtpCodecCapability> codec;
  /// GStreamer's name of the encoder of a raw track ("x264enc"); empty: the best one.
  std::string encoder;
  /// One encoding, or several for simulcast of raw video, the smallest first; empty: one with
  /// defaults. maxBitrate, maxFramerate, scaleResolutionDownBy and active drive the encoders, rids
  /// are given by us. Where none of several says scaleResolutionDownBy, each layer has half the
  /// width and height of the next. A scalabilityMode of several layers is signalled for an encoded
  /// track, which is expected to have them; no encoder here makes them of a raw one.
  std::vector<RtpEncodingParameters> encodings;
  ProducerCodecOptions codecOptions;
  HeaderExtensionOptions headerExtensionOptions;
  /// Decodes an Opus track that goes out untouched, for its audio level alone, which costs a
  /// seventh of the CPU that sending it does. Without it such packets do not say how loud they are,
  /// and the server's observer of audio levels does not count their producer.
  bool levelOfEncodedOpus = false;
  /// How long receivers may hold the media back; absent: as they like. Sent, where the router has
  /// that header extension, in all packets of the first two seconds, and later in those of key
  /// frames and in one packet a second. produce() throws Error(InvalidArgument) for a delay that
  /// cannot be sent.
  std::optional<PlayoutDelay> playoutDelay;
  /// Tracks of one stream are played in sync by receivers. Absent: all of this transport are one
  /// stream. Signalled as the msid (RFC 8830) in the RTP parameters.
  std::optional<std::string> streamId;
  /// Access to the RTP packets (mediasoup-client's onRtpSender): called once, on the main context,
  /// before the first packet, with the pad on which they leave, all layers of simulcast in one
  /// stream. Probes put on it run on the streaming thread and must not block. The pad serves the
  /// producers that come after this one, too: take your probes off when it closes. What it throws
  /// fails produce().
  std::function<void(GstPad* pad)> onRtpSender;

  // What pause() does. With neither of them it only marks the producer as paused: the frames flow
  // on, and it is the server that must be told to drop them.

  /// Pictures turn black and sound silent, as for a track that is not enabled in a browser: the
  /// receivers' decoders go on, and so does our encoder. Nothing can be drawn into an encoded
  /// track, of which nothing is sent then.
  bool disableTrackOnPause = true;
  /// Nothing at all is sent, and the encoder is idle.
  bool zeroRtpOnPause = false;
  /// Begins as if pause() had been called, but sends nothing at all before the first resume(),
  /// whatever the two above say; the server is not told.
  bool paused = false;
  /// As if setMaxSpatialLayer() had been called before the first packet.
  std::optional<int> maxSpatialLayer;

  /// For the server and the other peers; an object.
  Json appData = Json::object();
};

/// What has been sent so far.
struct ProducerCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of RTP, headers included
};

/// As mediasoup-client's Producer. Made by SendTransport::produce(). None of its calls renegotiates
/// anything. Main-context-bound.
class COSOUP_API Producer {
 public:
  struct Internals;  // of the transport
  explicit Producer(std::unique_ptr<Internals> internals);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer();

  /// The server's id.
  const std::string& id() const;
  MediaKind kind() const;
  const RtpParameters& rtpParameters() const;
  const std::string& mimeType() const;  ///< of the media codec
  /// Null after replaceTrack(nullptr).
  std::shared_ptr<Track> track() const;
  const Json& appData() const;
  /// The app's own, an object; the server and the other peers keep what they were told. Throws
  /// Error(InvalidArgument) for anything else.
  void setAppData(Json appData);

  bool isClosed() const;
  bool isPaused() const;
  /// At once, as ProduceOptions says; the server is not told (that is signalling). Throws
  /// Error(InvalidState) when closed, as does resume(). Idempotent.
  void pause();
  void resume();
  /// Stops sending for good; the server is not told. Idempotent.
  void close();

  /// Sends another track in the same RTP stream, whose sequence numbers and timestamps go on; also
  /// while paused. Null: nothing is sent until there is a track again. An encoder goes on from one
  /// raw track to the next; an encoded track begins with a key frame, for which its origin is
  /// asked. Throws Error: InvalidState (closed), InvalidArgument (the track has ended, is of
  /// another kind, or its format is not known), Unsupported (it is encoded in another codec; or
  /// encoded at all, with simulcast; or no encoder for a raw one), Media. After a throw the old
  /// track goes on.
  void replaceTrack(std::shared_ptr<Track> track);

  /// Switches off the simulcast layers above it; 0 is the lowest. Their encoders are idle. Throws
  /// Error: InvalidState (closed), Unsupported (not video), InvalidArgument (negative).
  void setMaxSpatialLayer(int spatialLayer);
  std::optional<int> maxSpatialLayer() const;

  /// Takes over what `parameters` says of maxBitrate, maxFramerate, scaleResolutionDownBy and
  /// active, for the layer of its rid or, without one, for all; the encoders follow while they run.
  /// Of these an encoded track knows only active. Throws Error: InvalidState (closed),
  /// InvalidArgument (unknown rid, value out of range).
  void setRtpEncodingParameters(const RtpEncodingParameters& parameters);
  /// As they are now; rtpParameters() says what the server was told.
  const std::vector<RtpEncodingParameters>& encodings() const;

  ProducerCounters counters() const;
  /// The same and more in the W3C's terms, of this producer alone. Throws Error(InvalidState) when
  /// closed.
  RtcStatsReport getStats() const;

  /// pause() was called, and it was not paused.
  Signal<> paused;
  /// resume() was called, and it was paused.
  Signal<> resumed;
  /// close() was called.
  Signal<> closed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;
  /// The track has no more frames (end of file).
  Signal<> trackEnded;
  /// What encodes the track has broken; nothing is sent before replaceTrack().
  Signal<const Error&> failed;

 private:
  friend class SendTransport;
  void closeByTransport();
  void ensureOpen(const char* operation) const;
  void applyPause();

  std::unique_ptr<Internals> internals_;
};

}  // namespace cosoup
