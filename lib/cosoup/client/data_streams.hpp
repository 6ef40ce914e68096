// DataStreams: which SCTP streams of a send transport are in use. Internal.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// Gives out stream ids in a circle, so that one that was given back rests as long as possible, and
/// keeps each sender until its stream has been reset. Main-context-bound.
class DataStreams {
 public:
  /// `count`: how many streams there are; their ids begin with 0.
  DataStreams(PeerConnection& peer, std::uint16_t count) : peer_(peer), count_(count) {}

  /// Opens a free stream and writes its id into the parameters. Throws Error(InvalidState) when
  /// all are in use.
  std::shared_ptr<DataSender> open(SctpStreamParameters& parameters);

 private:
  struct Open {
    std::shared_ptr<DataSender> sender;
    Connection closed;
  };
  std::uint16_t freeId() const;

  PeerConnection& peer_;
  const std::uint16_t count_;
  std::uint16_t next_ = 0;
  std::map<std::uint16_t, Open> open_;
};

}  // namespace cosoup
