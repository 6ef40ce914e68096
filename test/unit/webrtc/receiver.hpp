// Receiver: the end of webrtcbin that receives, for the tests of the receive path.
#pragma once

#include <gst/rtp/gstrtpbuffer.h>

#include <array>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/webrtc/receive_path.hpp"
#include "support/arrivals.hpp"
#include "support/packet_bytes.hpp"

namespace cosoup::test {

inline constexpr std::uint32_t kAudio = 0x01020304;
inline constexpr std::uint32_t kVideo = 0x05060708;
inline constexpr std::uint8_t kOpus = 100;
inline constexpr std::uint8_t kVp8 = 101;

inline RtpCodecParameters codec(const char* mimeType, std::uint8_t payloadType,
                                std::uint32_t clockRate) {
  RtpCodecParameters result;
  result.mimeType = mimeType;
  result.payloadType = payloadType;
  result.clockRate = clockRate;
  result.rtcpFeedback = {{"nack", ""}, {"nack", "pli"}};
  return result;
}

struct Packet {
  std::uint16_t sequenceNumber = 0;
  std::uint32_t timestamp = 0;
  bool marker = false;
  Bytes payload;
  bool isResent = false;  // as RTX
};

/// A thread with a main context, such as the ICE agent has.
class ContextThread {
 public:
  ContextThread()
      : context_(Ref<GMainContext>::adopt(g_main_context_new())),
        loop_(g_main_loop_new(context_.get(), FALSE)),
        thread_([this] { g_main_loop_run(loop_); }) {}
  ContextThread(const ContextThread&) = delete;
  ContextThread& operator=(const ContextThread&) = delete;
  ~ContextThread() {
    while (!g_main_loop_is_running(loop_)) std::this_thread::yield();
    g_main_loop_quit(loop_);
    thread_.join();
    g_main_loop_unref(loop_);
  }
  GMainContext* context() const { return context_.get(); }

 private:
  const Ref<GMainContext> context_;
  GMainLoop* const loop_;
  std::thread thread_;
};

/// A session that packets come out of, and rtpssrcdemux.
class Receiver {
 public:
  explicit Receiver(ReceivePathNames names = {}) {
    gst_init(nullptr, nullptr);
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    demux_ = makeElement("rtpssrcdemux");
    gst_bin_add(GST_BIN(pipeline_.get()), demux_);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    sinks.setBins(pipeline_.get(), demux_);
    sinks.setHandler([this](std::uint32_t ssrc, GstCaps*) { return makeSink(ssrc); });
    path = std::make_shared<ReceivePath>(sinks, pipeline_.get(), names);
    path->awaitOn(thread_.context());
    path->watch(demux_);
    addReceiveBin();
    g_signal_connect(demux_, "new-ssrc-pad", G_CALLBACK(&Receiver::onOwnPad), this);
    openSession();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  ~Receiver() {
    path->clear();
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }

  void add(std::uint32_t ssrc, const RtpCodecParameters& codec,
           std::optional<std::chrono::milliseconds> latency = std::nullopt) {
    StreamDescription description(codec, ssrc);
    description.syncGroup = "peer";
    description.latency = latency;
    description.onLatency = [this, ssrc](std::chrono::milliseconds told) {
      latencies.add({ssrc, told});
    };
    path->add(std::move(description));
  }
  void push(std::uint32_t ssrc, std::uint8_t payloadType, const Packet& packet) {
    Bytes bytes{0x80, static_cast<std::uint8_t>(payloadType | (packet.marker ? 0x80 : 0)),
                static_cast<std::uint8_t>(packet.sequenceNumber >> 8),
                static_cast<std::uint8_t>(packet.sequenceNumber)};
    bytes = joined({bytes, word(packet.timestamp), word(ssrc), packet.payload});
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    if (packet.isResent) GST_BUFFER_FLAG_SET(buffer, GST_RTP_BUFFER_FLAG_RETRANSMISSION);
    gst_pad_push(session_.get(), buffer);
  }
  void pushAudio(std::uint16_t number, std::uint32_t silence = 0, std::uint32_t ssrc = kAudio) {
    push(ssrc, kOpus, {number, number * 960u + silence, false, {0xfc, 0xff, 0xfe}});
  }
  /// One packet, which is a whole picture.
  void pushVideo(std::uint16_t number, bool isKey, bool isResent = false) {
    const Bytes descriptor{0x10};
    const Bytes header{static_cast<std::uint8_t>(isKey ? 0x10 : 0x11),
                       0x02,
                       0x00,
                       0x9d,
                       0x01,
                       0x2a,
                       0x40,
                       0x01,
                       0xf0,
                       0x00};
    push(kVideo, kVp8, {number, number * 3000u, true, joined({descriptor, header}), isResent});
  }

  /// As the session passes it on.
  void pushReport(std::uint32_t ssrc) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(demux_, "rtcp_sink"));
    const auto reports = Ref<GstPad>::sink(gst_pad_new("reports", GST_PAD_SRC));
    open(reports, pad.get(), "application/x-rtcp");
    const Bytes bytes = senderReport(ssrc);
    gst_pad_push(reports.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
  }
  /// Pads that rtpssrcdemux has made for streams.
  int demuxedPads() const { return demux_->numsrcpads; }

  ReceivedStreams sinks;
  std::shared_ptr<ReceivePath> path;
  Arrivals<std::uint16_t> arrived;    // sequence numbers, of all streams
  Arrivals<GstClockTime> lost;        // ms, of all streams
  Arrivals<std::uint16_t> requested;  // NACK
  Arrivals<std::uint32_t> keyFrames;  // PLI; SSRCs
  Arrivals<std::pair<std::uint32_t, std::chrono::milliseconds>> latencies;

 private:
  void openSession() {
    session_ = Ref<GstPad>::sink(gst_pad_new("session", GST_PAD_SRC));
    gst_pad_set_element_private(session_.get(), this);
    gst_pad_set_event_function(session_.get(), &Receiver::onRequest);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(demux_, "sink"));
    open(session_, sink.get(), "application/x-rtp");
  }
  static void open(const Ref<GstPad>& source, GstPad* sink, const char* format) {
    gst_pad_set_active(source.get(), TRUE);
    gst_pad_link_full(source.get(), sink, GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(source.get(), gst_event_new_stream_start("session"));
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple(format));
    gst_pad_push_event(source.get(), gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source.get(), gst_event_new_segment(&segment));
  }

  /// The reports come out of it.
  void addReceiveBin() {
    GstElement* bin = gst_bin_new("transportreceivebin0");
    reports_ = Ref<GstPad>::sink(gst_pad_new("rtcp_src", GST_PAD_SRC));
    gst_element_add_pad(bin, reports_.get());
    gst_bin_add(GST_BIN(pipeline_.get()), bin);
    path->watch(bin);
  }

  static void onOwnPad(GstElement*, guint ssrc, GstPad* pad, gpointer data) {
    auto* self = static_cast<Receiver*>(data);
    self->path->explainOwnPad();
    GstElement* sink = self->makeSink(ssrc);
    gst_bin_add(GST_BIN(self->pipeline_.get()), sink);
    gst_element_set_state(sink, GST_STATE_PLAYING);
    const auto end = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
    gst_pad_link(pad, end.get());
  }

  GstElement* makeSink(std::uint32_t) {
    GstElement* sink = makeElement("fakesink");
    g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
    addProbe(pad.get(), kDataProbe, [this](GstPad*, GstPadProbeInfo* info) {
      forEachBuffer(info, [&](GstBuffer* packet) {
        std::array<std::uint8_t, 4> start;
        gst_buffer_extract(packet, 0, start.data(), start.size());
        arrived.add(static_cast<std::uint16_t>(start[2] << 8 | start[3]));
      });
      return GST_PAD_PROBE_OK;
    });
    addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
             [this](GstPad*, GstPadProbeInfo* info) {
               GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
               if (!gst_event_has_name(event, "GstRTPPacketLost")) return GST_PAD_PROBE_OK;
               GstClockTime duration = 0;
               gst_structure_get_clock_time(gst_event_get_structure(event), "duration", &duration);
               lost.add(duration / GST_MSECOND);
               return GST_PAD_PROBE_OK;
             });
    return sink;
  }

  static gboolean onRequest(GstPad* pad, GstObject*, GstEvent* event) {
    auto* self = static_cast<Receiver*>(gst_pad_get_element_private(pad));
    const GstStructure* request = gst_event_get_structure(event);
    guint value = 0;
    if (request && gst_structure_has_name(request, "GstRTPRetransmissionRequest")) {
      gst_structure_get_uint(request, "seqnum", &value);
      self->requested.add(static_cast<std::uint16_t>(value));
    } else if (request && gst_structure_has_name(request, "GstForceKeyUnit")) {
      gst_structure_get_uint(request, "ssrc", &value);
      self->keyFrames.add(value);
    }
    gst_event_unref(event);
    return TRUE;
  }

  ContextThread thread_;
  Ref<GstElement> pipeline_;
  GstElement* demux_ = nullptr;
  Ref<GstPad> session_;
  Ref<GstPad> reports_;
};

}  // namespace cosoup::test
