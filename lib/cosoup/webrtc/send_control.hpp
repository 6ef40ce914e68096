// SendControl: what of a transport is sent, and when. Internal.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/congestion/congestion_controller.hpp"
#include "cosoup/rtc/sending/pacer.hpp"
#include "cosoup/rtc/sending/retransmission_budget.hpp"
#include "cosoup/webrtc/packet_resender.hpp"
#include "cosoup/webrtc/peer_connection.hpp"
#include "cosoup/webrtc/rtcp_feedback.hpp"
#include "cosoup/webrtc/sent_section.hpp"

namespace cosoup {

/// Between the RTP session, which has counted the packets and reports on them, and the encryption.
/// Congestion control (by transport-cc, else by REMB) says how much may be sent, a pacer spreads it
/// over time, and what the other side misses is sent again within a budget. Transport-wide numbers
/// and send times are written as late as possible: here. Not thread-safe, no clock of its own:
/// `now` never goes back.
class SendControl {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SendControl();

  void add(SentSection section);
  /// How much may be sent at first, at least and at most.
  void setBounds(const CongestionBounds& bounds, Time now);

  /// A packet of a section that was added, which from now on nobody else holds. It waits for its
  /// turn. One of no such section is not kept back, nor counted.
  void push(Ref<GstBuffer> packet, Time now);

  void take(const RetransmissionRequest& request, Time now);
  void take(const TransportCcFeedback& feedback, Time now);
  void take(const Remb& remb, Time now);

  /// Appends what is to be sent now, in this order.
  void wake(Time now, std::vector<Ref<GstBuffer>>& packets);
  /// When to call wake(), unless something happens before; absent: not before something does.
  std::optional<Time> nextWake() const;

  /// What has become known of the line since it was asked last, once a second or when it has become
  /// another.
  std::optional<CongestionReport> report();

 private:
  struct Waiting {
    Ref<GstBuffer> packet;
    const SentSection* section = nullptr;  // null: is sent again
  };
  struct Told {
    double target;
    Time at;
  };

  const SentSection* sectionOf(std::uint8_t payloadType) const;
  void retransmit(PacketResender::Again again, Time now);
  void send(Waiting waiting, std::optional<unsigned> probe, Time now,
            std::vector<Ref<GstBuffer>>& packets);
  void pad(std::size_t wireBytes, unsigned probe, Time now, std::vector<Ref<GstBuffer>>& packets);
  void tick(Time now);
  void probe(Time now);
  double target() const;
  void follow(Time now);
  bool isNews(double bitrate, Time now) const;

  std::unordered_map<std::uint8_t, SentSection> sections_;  // by payload type; never shrinks
  StampedExtensions extensions_;  // the same in all sections (RFC 8843, section 9)
  CongestionController controller_;
  double start_ = CongestionBounds().start;
  bool hasReports_ = false;  // of transport-cc
  std::optional<double> remb_;
  Pacer<Waiting> pacer_;
  Pacer<Waiting>::Actions actions_;
  RetransmissionBudget budget_;
  PacketResender resender_;
  std::vector<RequestedPacket> requested_;
  std::uint16_t nextNumber_ = 0;  // transport-wide
  std::optional<Time> sent_;      // the last one with a number
  std::optional<Time> ticked_;
  std::optional<CongestionReport> report_;
  std::optional<Told> told_;
};

}  // namespace cosoup
