// PacketResender: sends lost packets again as they were, under their own SSRC and sequence number.
// Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/rtcp_feedback.hpp"

namespace cosoup {

/// For streams without an rtx codec, such as Opus: webrtcbin itself can only pack lost packets into
/// RTX. They pass its RTP session once more, so that they are counted and get a transport-wide
/// sequence number of their own. Thread-safe.
class PacketResender {
 public:
  /// Lets the SRTP encryption take packets a second time, if the element is one. Before it runs.
  static void prepare(GstElement* element);

  /// Remembers what goes into a sink pad of webrtcbin, whose section has these caps.
  void watch(const Ref<GstPad>& sink, GstCaps* section);
  /// Whether it is for us: every RetransmissionRequest is, though nothing happens for an SSRC that
  /// webrtcbin's RTX sees to. What is still known is sent again, as PacketHistory allows, on the
  /// calling thread; the round trip is asked of the session of rtpbin.
  bool takes(const Feedback& feedback, GstElement* rtpbin) const;

 private:
  class Memory;
  struct Slot {
    Ref<GstPad> sink;
    std::shared_ptr<Memory> memory;  // the pad's probe holds it, too
    guint8 absSendTimeId;            // 0: packets have no such extension
  };

  std::optional<Slot> find(std::uint32_t ssrc) const;

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
};

}  // namespace cosoup
