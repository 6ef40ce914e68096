// Producer: a track on its way to the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/codec_options.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class Track;
class SendTransport;

/// What to produce, and how.
struct ProduceOptions {
  explicit ProduceOptions(std::shared_ptr<Track> track_) : track(std::move(track_)) {}

  /// Encoded or raw; its caps must be known. An encoded track goes out as it is, a raw one is
  /// encoded.
  std::shared_ptr<Track> track;
  /// Which codec; absent: the track's own, or the router's first.
  std::optional<RtpCodecCapability> codec;
  /// maxBitrate, maxFramerate and scaleResolutionDownBy drive the encoder of a raw track.
  std::optional<RtpEncodingParameters> encoding;
  ProducerCodecOptions codecOptions;
  /// For the server and the other peers; an object.
  Json appData = Json::object();
};

/// What has been sent so far.
struct ProducerStats {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of RTP, headers included
};

/// As mediasoup-client's Producer. Made by SendTransport::produce(). Main-context-bound.
class Producer {
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
  std::shared_ptr<Track> track() const;
  const Json& appData() const;

  bool isClosed() const;
  bool isPaused() const;
  /// Stops sending at once; the server is not told (that is signalling). Throws
  /// Error(InvalidState) when closed, as does resume().
  void pause();
  void resume();
  /// Stops sending for good; the server is not told. Idempotent.
  void close();

  ProducerStats stats() const;

  /// close() was called.
  Signal<> closed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;
  /// The track has no more frames (end of file).
  Signal<> trackEnded;

 private:
  friend class SendTransport;
  void closeByTransport();

  std::unique_ptr<Internals> internals_;
};

}  // namespace cosoup
