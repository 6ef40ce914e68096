// The way of received packets: pushed into a demuxer as webrtcbin has it, and what comes out, and
// what goes back to the sender.
#include "cosoup/webrtc/receive_path.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <string>
#include <thread>
#include <vector>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/probe.hpp"
#include "support/arrivals.hpp"
#include "support/catch.hpp"
#include "support/log_capture.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kAudio = 0x01020304;
constexpr std::uint32_t kVideo = 0x05060708;
constexpr std::uint8_t kOpus = 100;
constexpr std::uint8_t kVp8 = 101;

RtpCodecParameters codec(const char* mimeType, std::uint8_t payloadType, std::uint32_t clockRate) {
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

/// The end of webrtcbin that receives: a session that packets come out of, and rtpssrcdemux.
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
  void pushAudio(std::uint16_t number, std::uint32_t ssrc = kAudio) {
    push(ssrc, kOpus, {number, number * 960u, false, {0xfc, 0xff, 0xfe}});
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
  Arrivals<std::uint16_t> requested;  // NACK
  Arrivals<std::uint32_t> keyFrames;  // PLI; SSRCs

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

using Numbers = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("packets that come in order go on at once, on the thread that pushes") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
  for (std::uint16_t number = 1; number <= 3; ++number) receiver.pushAudio(number);
  CHECK(receiver.arrived.all() == Numbers{1, 2, 3});
  CHECK(receiver.requested.all().empty());
}

TEST_CASE("a stream that nobody has added is not taken") {
  Receiver receiver;
  receiver.pushAudio(1);
  CHECK(receiver.arrived.all().empty());
}

TEST_CASE("neither packets nor reports of a stream make a pad of the demuxer") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
  receiver.pushAudio(1);
  receiver.pushReport(kAudio);
  CHECK(receiver.arrived.all() == Numbers{1});
  CHECK(receiver.demuxedPads() == 0);
}

TEST_CASE("a missing packet is asked for, and those behind it wait until it comes") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 10s);
  for (const std::uint16_t number : {1, 2, 4, 5, 6}) receiver.pushAudio(number);
  CHECK(receiver.requested.first(1).front() == 3);
  CHECK(receiver.arrived.all() == Numbers{1, 2});
  receiver.pushAudio(3);
  CHECK(receiver.arrived.all() == Numbers{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a packet that does not come is asked for again, and then given up") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 700ms);
  for (const std::uint16_t number : {1, 3}) receiver.pushAudio(number);
  CHECK(receiver.arrived.first(2) == Numbers{1, 3});
  const Numbers requests = receiver.requested.all();
  CHECK(requests.size() >= 2);
  CHECK(requests == Numbers(requests.size(), 2));
}

TEST_CASE("a picture is frozen from a loss to the next key frame, which is asked for") {
  Receiver receiver;
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000), 0ms);
  receiver.pushVideo(1, true);
  receiver.pushVideo(2, false);
  CHECK(receiver.keyFrames.all().empty());
  receiver.pushVideo(4, false);
  CHECK(receiver.keyFrames.all() == std::vector<std::uint32_t>{kVideo});
  receiver.pushVideo(5, false);
  receiver.pushVideo(6, true);
  receiver.pushVideo(7, false);
  CHECK(receiver.arrived.all() == Numbers{1, 2, 6, 7});
}

TEST_CASE("a stream that begins without a key frame asks for one") {
  Receiver receiver;
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  receiver.pushVideo(1, false);
  CHECK(receiver.keyFrames.all().size() == 1);
  CHECK(receiver.arrived.all().empty());
}

TEST_CASE("what an element behind it asks for goes to the sender of the stream") {
  Receiver receiver;
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  receiver.pushVideo(1, true);
  receiver.sinks.requestKeyFrame(kVideo);
  CHECK(receiver.keyFrames.all() == std::vector<std::uint32_t>{kVideo});
}

TEST_CASE("a stream without RTX waits as the round trip has it that another has measured") {
  constexpr std::uint32_t later = 0x090a0b0c;
  const RtpCodecParameters opus = codec("audio/opus", kOpus, 48000);
  Receiver receiver;
  receiver.add(kAudio, opus);
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  receiver.pushAudio(1);
  const auto unknown = receiver.path->reception(kAudio)->counters->latency;
  receiver.pushVideo(1, true);
  for (const std::uint16_t number : {3, 4, 5}) receiver.pushVideo(number, false);
  CHECK(receiver.requested.first(1) == Numbers{2});
  receiver.pushVideo(2, false, true);
  CHECK(receiver.path->reception(kAudio)->counters->latency < unknown);
  receiver.add(later, opus);
  receiver.pushAudio(1, later);
  CHECK(receiver.path->reception(later)->counters->latency < unknown);
}

TEST_CASE("nothing of a released stream goes on") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 10s);
  receiver.pushAudio(1);
  receiver.pushAudio(3);
  receiver.path->release(kAudio);
  receiver.sinks.release(kAudio);
  receiver.pushAudio(2);
  CHECK(receiver.arrived.all() == Numbers{1});
  // And comes as a new one when it is added again.
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
  receiver.pushAudio(700);
  CHECK(receiver.arrived.all() == Numbers{1, 700});
}

TEST_CASE("what an element behind asks for counts among the key frames asked for") {
  Receiver receiver;
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  CHECK_FALSE(receiver.path->reception(kVideo)->counters);
  receiver.pushVideo(1, false);
  CHECK(receiver.path->reception(kVideo)->counters->plis == 1);
  receiver.sinks.requestKeyFrame(kVideo);
  CHECK(receiver.path->reception(kVideo)->counters->plis == 2);
  CHECK(receiver.path->reception(kVideo)->isVideo);
  CHECK_FALSE(receiver.path->reception(kAudio));
}

TEST_CASE("without the demuxer streams come out of own pads, which is said once") {
  const LogCapture log;
  ReceivePathNames names;
  names.demux = "anotherdemux";
  Receiver receiver(names);
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  for (std::uint16_t number = 1; number <= 3; ++number) receiver.pushAudio(number);
  receiver.pushVideo(7, true);
  CHECK(receiver.arrived.all() == Numbers{1, 2, 3, 7});
  CHECK_FALSE(receiver.path->reception(kAudio)->counters);
  const auto messages = log.messages();
  REQUIRE(messages.size() == 1);
  CHECK(messages.front().find("anotherdemux") != std::string::npos);
}

TEST_CASE("without sender reports streams go on, which is said once") {
  const LogCapture log;
  ReceivePathNames names;
  names.transportReceiveBin = "anotherbin";
  for (int i = 0; i < 2; ++i) {
    Receiver receiver(names);
    receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
    receiver.pushAudio(1);
    CHECK(receiver.arrived.all() == Numbers{1});
  }
  const auto messages = log.messages();
  REQUIRE(messages.size() == 1);
  CHECK(messages.front().find("anotherbin") != std::string::npos);
}
