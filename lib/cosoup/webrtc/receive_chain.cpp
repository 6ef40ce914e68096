#include "cosoup/webrtc/receive_chain.hpp"

#include <gst/rtp/gstrtpbuffer.h>
#include <gst/video/video-event.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/webrtc/session_requests.hpp"

namespace cosoup {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// A server passes a request on no more than once a second, and a picture that was asked for takes
// its time. But the request, or the picture, may be lost.
constexpr milliseconds kKeyFramePatience{500};

constexpr milliseconds kLongestVideoLatency{1000};
constexpr milliseconds kLatencyStep{50};

/// The fmtp parameters are fields of the caps.
bool hasParameterSets(GstCaps* caps) {
  const GstStructure* fields = gst_caps_get_structure(caps, 0);
  return gst_structure_has_field(fields, "sprop-parameter-sets") ||
         gst_structure_has_field(fields, "sprop-sps");
}

/// The clock of the pipelines may count from another moment than the one of the standard library.
GstClockTime clockTimeOf(std::chrono::steady_clock::time_point time) {
  static const auto ahead =
      static_cast<gint64>(Pipeline::now()) -
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  return static_cast<GstClockTime>(std::chrono::nanoseconds(time.time_since_epoch()).count() +
                                   ahead);
}

/// Whom a pad asks for a key frame when an element behind it wants one.
struct Sender {
  Ref<GstPad> session;
  std::uint32_t ssrc;
  std::uint8_t payloadType;
  std::shared_ptr<std::atomic<std::uint64_t>> requests;  // counts them
};

gboolean onUpstreamEvent(GstPad* pad, GstObject*, GstEvent* event) {
  const auto* sender = static_cast<const Sender*>(pad->eventdata);
  if (gst_video_event_is_force_key_unit(event)) {
    requestKeyFrame(sender->session.get(), sender->ssrc, sender->payloadType);
    ++*sender->requests;
  }
  gst_event_unref(event);
  return TRUE;
}

/// Of video a packet that is missing costs more than the wait: a freeze until the next key frame.
JitterBufferOptions optionsOf(const StreamDescription& description) {
  JitterBufferOptions options{description.clockRate, description.nack, description.latency};
  if (description.nack && videoCodecOf(description.mimeType)) {
    options.longestLatency = kLongestVideoLatency;
  }
  return options;
}

Ref<GstPad> makePad(const StreamDescription& description, Sender sender) {
  auto pad = Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC));
  gst_pad_set_event_function_full(pad.get(), &onUpstreamEvent, new Sender(std::move(sender)),
                                  [](gpointer data) { delete static_cast<Sender*>(data); });
  gst_pad_set_active(pad.get(), TRUE);
  const std::string id = "ssrc-" + std::to_string(description.ssrc);
  gst_pad_push_event(pad.get(), gst_event_new_stream_start(id.c_str()));
  gst_pad_push_event(pad.get(), gst_event_new_caps(description.caps.get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad.get(), gst_event_new_segment(&segment));
  return pad;
}

}  // namespace

ReceiveChain::ReceiveChain(StreamDescription description, std::shared_ptr<LipSync> sender,
                           Ref<GstPad> session, GstClockTime baseTime)
    : description_(std::move(description)),
      sender_(std::move(sender)),
      session_(std::move(session)),
      baseTime_(baseTime),
      keyFrameRequests_(std::make_shared<std::atomic<std::uint64_t>>(0)),
      pad_(makePad(description_, Sender{session_, description_.ssrc, description_.payloadType,
                                        keyFrameRequests_})),
      buffer_(optionsOf(description_)),
      sync_(*sender_, description_.clockRate),
      losses_(description_.clockRate) {
  if (const auto codec = videoCodecOf(description_.mimeType)) {
    frames_.emplace(*codec, hasParameterSets(description_.caps.get()));
  }
}

ReceiveChain::~ReceiveChain() { gst_pad_set_active(pad_.get(), FALSE); }

ReceptionCounters ReceiveChain::counters(Time now) const {
  using namespace std::chrono;
  const auto& packets = buffer_.statistics();
  ReceptionCounters counters;
  counters.recovered = packets.recovered;
  counters.reordered = packets.reordered;
  counters.givenUp = packets.lost;
  counters.late = packets.late;
  counters.duplicates = packets.duplicates;
  counters.nacks = packets.nacksSent;
  counters.plis = *keyFrameRequests_;
  counters.jitter = duration_cast<microseconds>(duration<double>(packets.jitter));
  counters.latency = duration_cast<milliseconds>(buffer_.latency());
  if (!frames_) return counters;
  const FrameStatistics frames = frames_->statistics(now);
  counters.frames = frames.handedOn;
  counters.droppedFrames = frames.incomplete + frames.undecodable;
  counters.incompleteFrames = frames.incomplete;
  counters.freezes = frames.freezes;
  counters.frozen = duration_cast<milliseconds>(frames.frozen);
  return counters;
}

milliseconds ReceiveChain::latency() const {
  const auto latency = std::chrono::ceil<milliseconds>(buffer_.latency());
  if (description_.latency) return latency;
  // From what a picture begins with, so that sound need not take a step when a picture comes.
  constexpr milliseconds least = PlayoutLatency::minWithRequests;
  // What is guessed of an unknown line delays nobody before a packet was waited for in vain.
  const bool isGuess = !roundTrip_.value() && buffer_.statistics().lost == 0;
  if (isGuess) return least;
  // In steps, since who plays stumbles at each of them.
  return std::max(least, (latency + kLatencyStep - 1ms) / kLatencyStep * kLatencyStep);
}

void ReceiveChain::push(Ref<GstBuffer> packet, const RtpHeader& header, Time now) {
  const bool recovered = GST_BUFFER_FLAG_IS_SET(packet.get(), GST_RTP_BUFFER_FLAG_RETRANSMISSION);
  if (recovered && roundTrip_.came(header.sequenceNumber, now)) {
    buffer_.setRoundTrip(*roundTrip_.value());
  }
  buffer_.push({header.sequenceNumber, header.timestamp, recovered},
               Packet{std::move(packet), header}, now, actions_);
  carryOut(now);
}

void ReceiveChain::report(const SenderReport& report, Time now) {
  sync_.report(report.ntp, report.rtpTimestamp, now);
}

void ReceiveChain::assumeRoundTrip(RoundTripMeter::Duration roundTrip) {
  if (!roundTrip_.value()) buffer_.setRoundTrip(roundTrip);
}

void ReceiveChain::wake(Time now) {
  buffer_.wake(now, actions_);
  carryOut(now);
}

void ReceiveChain::carryOut(Time now) {
  for (const std::uint16_t sequenceNumber : actions_.nacks) ask(sequenceNumber, now);
  for (Buffer::Delivered& delivered : actions_.packets) deliver(delivered, now);
  // Where nothing comes any more, none is missed.
  if (frames_ && !actions_.packets.empty()) askForKeyFrame(now);
}

void ReceiveChain::ask(std::uint16_t sequenceNumber, Time now) {
  roundTrip_.asked(sequenceNumber, now);
  requestRetransmission(session_.get(), description_.ssrc, sequenceNumber);
}

void ReceiveChain::deliver(Buffer::Delivered& delivered, Time now) {
  if (delivered.restarted) sync_.restart();
  const auto arrival =
      delivered.recovered ? RtpClock::Arrival::Recovered : RtpClock::Arrival::Direct;
  const GstClockTime due = clockTimeOf(sync_.at(delivered.timestamp, delivered.arrived, arrival));
  Ref<GstBuffer>& buffer = delivered.packet.buffer;
  buffer = Ref<GstBuffer>::adopt(gst_buffer_make_writable(buffer.release()));
  GST_BUFFER_PTS(buffer.get()) = due > baseTime_ ? due - baseTime_ : 0;
  GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
  // The depayloader takes a number that is far from the last one for an old packet.
  if (delivered.restarted) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
  if (frames_) {
    assemble(delivered, now);
  } else {
    tellLoss(delivered);
    gst_pad_push(pad_.get(), buffer.release());
  }
}

void ReceiveChain::tellLoss(const Buffer::Delivered& delivered) {
  if (delivered.restarted) losses_.restart();
  const auto length = losses_.before(delivered.timestamp, delivered.missing).count();
  if (length == 0) return;
  const auto duration = static_cast<GstClockTime>(length);
  const GstClockTime end = GST_BUFFER_PTS(delivered.packet.buffer.get());
  const auto first =
      static_cast<std::uint16_t>(delivered.packet.header.sequenceNumber - delivered.missing);
  gst_pad_push_event(
      pad_.get(), gst_event_new_custom(
                      GST_EVENT_CUSTOM_DOWNSTREAM,
                      gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT, guint{first},
                                        "timestamp", G_TYPE_UINT64, end - std::min(end, duration),
                                        "duration", G_TYPE_UINT64, duration, nullptr)));
}

void ReceiveChain::assemble(Buffer::Delivered& delivered, Time now) {
  if (delivered.restarted) frames_->restarted();
  const RtpHeader& header = delivered.packet.header;
  GstMapInfo map;
  if (!gst_buffer_map(delivered.packet.buffer.get(), &map, GST_MAP_READ)) return;
  // The packet may go on before its bytes are let go of.
  const Ref<GstBuffer> mapped = delivered.packet.buffer;
  frames_->push(header.payload({map.data, map.size}),
                {header.timestamp, header.marker, delivered.missing},
                std::move(delivered.packet.buffer), now, whole_);
  gst_buffer_unmap(mapped.get(), &map);
  pushOut();
}

void ReceiveChain::pushOut() {
  // One by one: a probe of an app's on this way may not know of lists.
  for (Ref<GstBuffer>& packet : whole_) gst_pad_push(pad_.get(), packet.release());
  whole_.clear();
}

void ReceiveChain::askForKeyFrame(Time now) {
  if (!frames_->keyFrameNeeded()) {
    nextKeyFrameRequest_.reset();
    return;
  }
  if (nextKeyFrameRequest_ && now < *nextKeyFrameRequest_) return;
  requestKeyFrame(session_.get(), description_.ssrc, description_.payloadType);
  ++*keyFrameRequests_;
  nextKeyFrameRequest_ = now + kKeyFramePatience;
}

}  // namespace cosoup
