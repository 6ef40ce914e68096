// SendHandler: the m-sections of a send transport as slots. Nobody above it sees an SDP. Internal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/client/congestion_control.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/client/send_slot.hpp"
#include "cosoup/client/transport_core.hpp"
#include "cosoup/rtc/ortc.hpp"

namespace cosoup {

/// A producer's slot, and what the server is to be told.
struct Sending {
  std::shared_ptr<SendSlot> slot;
  RtpParameters rtpParameters;
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
  /// Of those that are doubtful some rest, so that the server can come to know their end.
  /// It stops everything. Throws Error and Cancelled.
  /// `fresh`: a new one in any case.
  Task<Sending> send(ProduceOptions options, bool fresh);

 private:
  struct Plan;
  Plan plan(const ProduceOptions& options) const;
  Plan makePlan(const ProduceOptions& options) const;
  std::shared_ptr<SendSlot> findFree(const RtpParameters& shape);
  std::shared_ptr<SendSlot> addSlot(Plan plan);
  Task<> negotiate();
  void fill(SendSlot& slot, const ProduceOptions& options,
            const std::vector<RtpEncodingParameters>& encodings);
  RtpParameters describe(const SendSlot& slot, const ProduceOptions& options) const;
  void onKeyFrameRequest(std::uint32_t ssrc);
  std::vector<LayeredFeed*> feeds() const;

  TransportCore& core_;
  const ortc::ExtendedRtpCapabilities capabilities_;
  const std::string streamId_;  ///< of the tracks for which the app names none
  std::vector<std::shared_ptr<SendSlot>> slots_;
  bool hasDataSlot_ = false;
  Connection keyFrameRequests_;
  CongestionControl congestion_;
  bool connected_ = false;
};

}  // namespace cosoup
