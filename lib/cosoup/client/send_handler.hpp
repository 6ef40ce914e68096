// SendHandler: the m-sections of a send transport as slots. Nobody above it sees an SDP.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/client/producer.hpp"
#include "cosoup/client/transport_core.hpp"
#include "cosoup/media/track_feed.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup {

/// What has left a payloader; written by its streaming thread.
struct SentStream {
  std::atomic<std::uint64_t> packets = 0;
  std::atomic<std::uint64_t> bytes = 0;
};

/// One m-section that sends. Everything from the payloader on lives as long as the transport (a
/// second payloader on the same SSRC breaks SRTP); producers come and go before it.
struct SendSlot {
  MediaKind kind = MediaKind::audio;
  RtpParameters wanted;         ///< what it was made for: the shape by which it is reused
  RtpParameters rtpParameters;  ///< what the server is told
  Ref<GstElement> payloader;
  std::shared_ptr<SentStream> sent = std::make_shared<SentStream>();
  std::unique_ptr<TrackFeed> feed;  ///< of the producer that holds the slot; null: free
};

/// Main-context-bound. Calls must not overlap: they are made under TransportCore::negotiation().
class SendHandler {
 public:
  SendHandler(TransportCore& core, ortc::ExtendedRtpCapabilities capabilities);
  ~SendHandler();

  /// The first negotiation, of the data slot alone: it makes the transport connectable before any
  /// media exists. Does nothing the second time, or when the server has no SCTP.
  Task<> connect();

  /// A slot for the track: a free one of the same shape, without any negotiation, else a new one.
  /// It is paused. Throws Error and Cancelled.
  Task<std::shared_ptr<SendSlot>> send(ProduceOptions options);

 private:
  struct Plan;
  Plan plan(const ProduceOptions& options) const;
  std::shared_ptr<SendSlot> findFree(const RtpParameters& wanted) const;
  Task<std::shared_ptr<SendSlot>> addSlot(Plan plan);
  Task<> negotiate(SendSlot& slot, RtpParameters remoteWanted, std::string mid);

  TransportCore& core_;
  const ortc::ExtendedRtpCapabilities capabilities_;
  std::vector<std::shared_ptr<SendSlot>> slots_;
  bool connected_ = false;
};

}  // namespace cosoup
