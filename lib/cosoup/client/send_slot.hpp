// SendSlot: one m-section that sends, with everything of it that lives as long as the transport.
// Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/client/layered_feed.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// What has left the payloaders of a slot; written by streaming threads.
struct SentStream {
  std::atomic<std::uint64_t> packets = 0;
  std::atomic<std::uint64_t> bytes = 0;
};

/// One RTP stream of a slot.
struct SendLayer {
  std::string rid;  ///< empty when it is the only one
  std::uint32_t ssrc = 0;
  std::optional<std::uint32_t> rtxSsrc;  ///< under which lost packets are sent again
  Ref<GstElement> payloader;
};

/// Everything from the payloaders on lives as long as the transport (a second payloader on the same
/// SSRC breaks SRTP); producers come and go before it. Main-context-bound.
struct SendSlot {
  MediaKind kind = MediaKind::audio;
  std::string mid;
  RtpParameters shape;          ///< what it was made for, and by which it is reused
  RtpParameters remoteShape;    ///< the same as the fabricated answer is to have it
  RtpParameters rtpParameters;  ///< what the negotiation made of it
  bool isNegotiated = false;
  std::vector<SendLayer> layers;
  Ref<GstPad> output;  ///< where the packets of all layers leave
  std::shared_ptr<SentStream> sent = std::make_shared<SentStream>();
  std::unique_ptr<LayeredFeed> feed;  ///< of the producer that holds the slot; null: free
  /// The server has been asked for a producer with these SSRCs.
  bool isKnown = false;
  /// The server may have such a producer still, of a produce() whose end we have not heard, or one
  /// that it was never asked to close. It would refuse a second one.
  bool isDoubtful = false;

  const RtpCodecParameters& codec() const { return shape.codecs.front(); }
  std::vector<GstElement*> payloaders() const;
  /// The layer of that SSRC, if it is one of ours.
  std::optional<std::size_t> layerOf(std::uint32_t ssrc) const;
};

/// Whether a slot of that codec and those encodings can send the track. Throws Error:
/// InvalidArgument for a track that has ended or whose format is not known, Unsupported for one
/// that is encoded otherwise, for simulcast of an encoded one, and for a scalabilityMode that no
/// encoder here makes of a raw one.
void ensureFits(const Track& track, const RtpCodecParameters& codec,
                const std::vector<RtpEncodingParameters>& encodings);

/// A slot of that shape, its payloaders running and linked to a new pad of the peer connection; it
/// is in the next offer. Throws Error(Unsupported) and Error(Media).
std::shared_ptr<SendSlot> makeSendSlot(PeerConnection& peer, MediaKind kind, std::string mid,
                                       RtpParameters shape);

}  // namespace cosoup
