// PacketResender: has what was sent lately ready to be sent again, as RTX or as it was. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/packet_history.hpp"
#include "cosoup/rtc/rtp_header.hpp"
#include "cosoup/rtc/rtx_packer.hpp"
#include "cosoup/rtc/sending/retransmission_budget.hpp"
#include "cosoup/webrtc/rtcp_feedback.hpp"
#include "cosoup/webrtc/sent_section.hpp"

namespace cosoup {

/// In place of webrtcbin, which packs lost packets into RTX only, draws the SSRCs of that anew for
/// each offer, and none for the layers of simulcast. Not thread-safe.
class PacketResender {
 public:
  using Time = RequestedPacket::Time;

  /// A packet to be sent under that SSRC.
  struct Again {
    std::uint32_t ssrc = 0;
    Ref<GstBuffer> packet;  ///< nobody else's; null: there is none
  };

  /// Lets the SRTP encryption take packets a second time, if the element is one. Before it runs.
  static void prepare(GstElement* element);

  /// The streams of the section can be sent again as it says.
  void add(const SentSection& section);

  /// It is being sent now, and is not written to any more. Of sections that are not sent again
  /// nothing is kept.
  void put(const SentSection& section, const RtpHeader& header, Ref<GstBuffer> packet, Time now);

  /// Appends those of the packets that are known still.
  void find(const RetransmissionRequest& request, Time now, std::vector<RequestedPacket>& found);
  /// One of those, made ready.
  Again again(const RequestedPacket& requested, Time now);
  /// Whether something was sent that RTX is known of.
  bool canPad() const { return latest_.has_value(); }
  /// So much of it (see wireSize()) as far as one packet can have it, under an SSRC of RTX.
  Again padding(std::size_t wireBytes);

 private:
  struct Stream {
    MediaKind kind;
    PacketHistory<Ref<GstBuffer>> history;
  };

  std::unordered_map<std::uint32_t, Stream> streams_;
  std::unordered_map<std::uint32_t, RtxPacker> packers_;  // by the SSRC of what is sent again
  std::optional<std::uint32_t> latest_;                   // of those with a packer
  Ref<GstBuffer> latestPacket_;
};

}  // namespace cosoup
