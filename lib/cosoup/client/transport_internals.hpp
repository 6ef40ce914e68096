// What transports are made of; for Device, which makes them. Internal to the client floor.
#pragma once

#include <memory>

#include "cosoup/client/transport.hpp"
#include "cosoup/client/transport_core.hpp"

namespace cosoup {

/// Keeps itself alive while one of its coroutines runs: an app may let go of the transport.
struct Transport::Internals : std::enable_shared_from_this<Transport::Internals> {
  Internals(std::shared_ptr<PeerConnection> peer, TransportOptions options, DtlsRole localRole,
            ConnectHandler connect);
  Internals(const Internals&) = delete;
  Internals& operator=(const Internals&) = delete;
  virtual ~Internals();

  virtual TransportDirection direction() const = 0;
  virtual std::uint32_t maxMessageSize() const = 0;
  /// Negotiates the data slot, if there is one and that has not been done.
  virtual Task<> negotiate() = 0;
  virtual void closeChildren() = 0;
  /// After everything else has ended: whoever still waits to be made.
  virtual void rejectPending() {}

  static const TransportCore& coreOf(const Transport& transport) {
    return transport.internals_->core;
  }

  Task<> connect();
  /// As one who wants to send or receive messages, in the name of `operation`.
  Task<> negotiateDataSlot(const char* operation);
  Task<> restartIce(IceParameters iceParameters);
  Task<RtcStatsReport> getStats();
  Task<> close();

  TransportCore core;
};

}  // namespace cosoup
