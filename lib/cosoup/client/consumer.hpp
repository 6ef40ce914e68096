// Consumer: a track that the server sends us.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

class Track;
class RecvTransport;

/// A consumer as the server made it.
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
  /// Consumers of one stream id are kept in sync; absent: those of one RTCP CNAME.
  std::optional<std::string> streamId;
  Json appData = Json::object();
};

/// What has arrived so far.
struct ConsumerStats {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< of RTP, headers included
  std::int64_t lost = 0;    ///< packets (RFC 3550, section 6.4.1)
};

/// As mediasoup-client's Consumer. Made by RecvTransport::consume(). Main-context-bound.
class Consumer {
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

  bool isClosed() const;
  bool isPaused() const;
  /// Marks it paused; the server is not told, and it is the server that stops the stream.
  void pause();
  void resume();
  /// Frees the slot for the next consumer; the server must have stopped sending. The track ends.
  /// Idempotent.
  void close();

  ConsumerStats stats() const;

  /// The first RTP packet has come.
  Signal<> firstPacket;
  /// close() was called.
  Signal<> closed;
  /// The transport was closed; `closed` follows.
  Signal<> transportClosed;

 private:
  friend class RecvTransport;
  void closeByTransport();

  std::unique_ptr<Internals> internals_;
};

}  // namespace cosoup
