// The way of received packets: pushed into a demuxer as webrtcbin has it, and what comes out, and
// what goes back to the sender.
#include "cosoup/webrtc/receive_path.hpp"

#include <algorithm>
#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/probe.hpp"
#include "support/catch.hpp"
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
};

/// A list whose next items can be waited for, from another thread than the one that adds them.
template <class Item>
class Arrivals {
 public:
  void add(Item item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  std::vector<Item> all() const {
    const std::lock_guard lock(mutex_);
    return items_;
  }
  /// The first so many, once they are there.
  std::vector<Item> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 30s, [&] { return items_.size() >= count; });
    return items_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;
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
  Receiver() {
    gst_init(nullptr, nullptr);
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    demux_ = makeElement("rtpssrcdemux");
    gst_bin_add(GST_BIN(pipeline_.get()), demux_);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    sinks.setBins(pipeline_.get(), demux_);
    sinks.setHandler([this](std::uint32_t ssrc, GstCaps*) { return makeSink(ssrc); });
    path = std::make_shared<ReceivePath>(sinks, pipeline_.get());
    path->awaitOn(thread_.context());
    path->watch(demux_);
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
    gst_pad_push(session_.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
  }
  void pushAudio(std::uint16_t number, std::uint32_t silence = 0) {
    push(kAudio, kOpus, {number, number * 960u + silence, false, {0xfc, 0xff, 0xfe}});
  }
  /// One packet, which is a whole picture.
  void pushVideo(std::uint16_t number, bool isKey) {
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
    push(kVideo, kVp8, {number, number * 3000u, true, joined({descriptor, header})});
  }

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
    gst_pad_set_active(session_.get(), TRUE);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(demux_, "sink"));
    gst_pad_link_full(session_.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(session_.get(), gst_event_new_stream_start("session"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(session_.get(), gst_event_new_segment(&segment));
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
};

using Numbers = std::vector<std::uint16_t>;
using Told = std::vector<std::pair<std::uint32_t, std::chrono::milliseconds>>;

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

TEST_CASE("a missing packet is asked for, and those behind it wait until it comes") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 10s);
  for (const std::uint16_t number : {1, 2, 4, 5, 6}) receiver.pushAudio(number);
  CHECK(receiver.requested.first(1).front() == 3);
  CHECK(receiver.arrived.all() == Numbers{1, 2});
  receiver.pushAudio(3);
  CHECK(receiver.arrived.all() == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(receiver.lost.all().empty());
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

TEST_CASE("what is given up of sound is told where it is missing, and silence is not") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 0ms);
  for (const std::uint16_t number : {1, 2, 4, 7}) receiver.pushAudio(number);
  CHECK(receiver.lost.all() == std::vector<GstClockTime>{20, 40});
  receiver.pushAudio(8, 19'200);
  CHECK(receiver.lost.all().size() == 2);
  receiver.pushAudio(10, 2 * 19'200);
  CHECK(receiver.lost.all() == std::vector<GstClockTime>{20, 40, 20});
  CHECK(receiver.arrived.all() == Numbers{1, 2, 4, 7, 8, 10});
}

TEST_CASE("the streams of a sender are told the longest latency of them all") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000), 0ms);
  CHECK(receiver.latencies.all().empty());
  receiver.pushAudio(1);
  CHECK(receiver.latencies.all() == Told{{kAudio, 0ms}});
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000), 3s);
  CHECK(receiver.latencies.all() == Told{{kAudio, 0ms}, {kVideo, 0ms}});
  receiver.pushVideo(1, true);
  Told told = receiver.latencies.all();
  REQUIRE(told.size() == 4);
  std::sort(told.begin() + 2, told.end());
  CHECK(told[2] == Told::value_type{kAudio, 3s});
  CHECK(told[3] == Told::value_type{kVideo, 3s});
  // It does not shrink while there is one of them.
  receiver.path->release(kVideo);
  receiver.sinks.release(kVideo);
  receiver.pushAudio(2);
  CHECK(receiver.latencies.all().size() == 4);
}

TEST_CASE("an adaptive latency is told as it grows, for sound not less than for a picture") {
  Receiver receiver;
  receiver.add(kAudio, codec("audio/opus", kOpus, 48000));
  receiver.pushAudio(1);
  CHECK(receiver.latencies.all() == Told{{kAudio, 250ms}});
  receiver.add(kVideo, codec("video/VP8", kVp8, 90000));
  receiver.pushVideo(1, true);
  CHECK(receiver.latencies.all() == Told{{kAudio, 250ms}, {kVideo, 250ms}});
  // Nobody answers what is asked for: it is waited for longer than that.
  receiver.pushAudio(3);
  CHECK(receiver.latencies.first(4).back().second > 250ms);
  CHECK(receiver.arrived.all() == Numbers{1, 1, 3});
}
