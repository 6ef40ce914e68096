// ReceiveChain: one received stream between webrtcbin's RTP session and its sink. Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/frame_assembler.hpp"
#include "cosoup/rtc/jitter_buffer.hpp"
#include "cosoup/rtc/lip_sync.hpp"
#include "cosoup/rtc/loss_length.hpp"
#include "cosoup/rtc/round_trip_meter.hpp"
#include "cosoup/rtc/rtp_header.hpp"
#include "cosoup/rtc/sender_report.hpp"
#include "cosoup/rtc/stats.hpp"
#include "cosoup/webrtc/stream_description.hpp"

namespace cosoup {

/// Puts the packets in order, asks again for the missing ones, makes whole frames of those of
/// video, gives them their time and pushes them out of a pad of its own, on the thread of the
/// caller. What is lost of sound is told there by events GstRTPPacketLost, as rtpjitterbuffer has
/// them. Use by one thread at a time.
class ReceiveChain {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `session`: the pad by which its packets have come; what is asked of the sender goes out there.
  /// `baseTime`: of the pipeline in which its sink is.
  ReceiveChain(StreamDescription description, std::shared_ptr<LipSync> sender, Ref<GstPad> session,
               GstClockTime baseTime);
  ReceiveChain(const ReceiveChain&) = delete;
  ReceiveChain& operator=(const ReceiveChain&) = delete;
  ~ReceiveChain();

  /// With stream-start, caps and segment.
  GstPad* pad() const { return pad_.get(); }

  ReceptionCounters counters(Time now) const;
  /// How long a packet may be waited for, as far as it can be told; see StreamDescription.
  std::chrono::milliseconds latency() const;

  void push(Ref<GstBuffer> packet, const RtpHeader& header, Time now);
  void report(const SenderReport& report, Time now);
  /// How long it takes until what was asked for comes. Absent: it cannot be told of this stream, as
  /// where what is sent again looks like any other packet, or not yet.
  std::optional<RoundTripMeter::Duration> roundTrip() const { return roundTrip_.value(); }
  /// The one of another stream on the same way; an own one goes before.
  void assumeRoundTrip(RoundTripMeter::Duration roundTrip);
  void wake(Time now);
  /// When wake() is to be called; absent: there is nothing to wait for.
  std::optional<Time> nextWake() const { return buffer_.nextWake(); }

 private:
  struct Packet {
    Ref<GstBuffer> buffer;
    RtpHeader header;
  };
  using Buffer = JitterBuffer<Packet>;

  void carryOut(Time now);
  void deliver(Buffer::Delivered& delivered, Time now);
  void tellLoss(const Buffer::Delivered& delivered);
  void assemble(Buffer::Delivered& delivered, Time now);
  void pushOut();
  void ask(std::uint16_t sequenceNumber, Time now);
  void askForKeyFrame(Time now);

  const StreamDescription description_;
  const std::shared_ptr<LipSync> sender_;  // which `sync_` belongs to
  const Ref<GstPad> session_;
  const GstClockTime baseTime_;
  /// Also of those behind the pad, on whatever thread they ask.
  const std::shared_ptr<std::atomic<std::uint64_t>> keyFrameRequests_;
  const Ref<GstPad> pad_;
  Buffer buffer_;
  Buffer::Actions actions_;
  RoundTripMeter roundTrip_;
  LipSync::Stream sync_;
  LossLength losses_;
  std::optional<FrameAssembler<Ref<GstBuffer>>> frames_;  // of video
  std::vector<Ref<GstBuffer>> whole_;                     // to be pushed out
  std::optional<Time> nextKeyFrameRequest_;
};

}  // namespace cosoup
