// The way of received packets: pushed into a demuxer as webrtcbin has it, and what comes out, and
// what goes back to the sender.
#include "cosoup/webrtc/receive_path.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/log_capture.hpp"
#include "webrtc/receiver.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

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
  receiver.pushAudio(1, 0, later);
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

namespace {

/// The bin that receives, with its queue and what stands for the decryption.
class InputBin {
 public:
  InputBin() {
    gst_init(nullptr, nullptr);
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    GstElement* bin = gst_bin_new("transportreceivebin1");
    GstElement* queue = makeElement("queue");
    GstElement* end = makeElement("fakesink");
    g_object_set(end, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add_many(GST_BIN(bin), queue, end, nullptr);
    gst_element_link(queue, end);
    gst_bin_add(GST_BIN(pipeline_.get()), bin);
    const auto taken = Ref<GstPad>::adopt(gst_element_get_static_pad(end, "sink"));
    addProbe(taken.get(), kDataProbe, [this](GstPad*, GstPadProbeInfo* info) {
      forEachBuffer(info, [&](GstBuffer* packet) {
        arrived.add({GST_BUFFER_OFFSET(packet), std::this_thread::get_id()});
      });
      return GST_PAD_PROBE_OK;
    });
    sinks_.setBins(pipeline_.get(), bin);
    path_ = std::make_shared<ReceivePath>(sinks_, pipeline_.get(), ReceivePathNames());
    path_->watch(bin);
    source = Ref<GstPad>::adopt(gst_element_get_static_pad(queue, "src"));
    input_ = Ref<GstPad>::sink(gst_pad_new("sockets", GST_PAD_SRC));
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(queue, "sink"));
    gst_pad_set_active(input_.get(), TRUE);
    gst_pad_link_full(input_.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    gst_pad_push_event(input_.get(), gst_event_new_stream_start("sockets"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(input_.get(), gst_event_new_segment(&segment));
  }
  InputBin(const InputBin&) = delete;
  InputBin& operator=(const InputBin&) = delete;
  ~InputBin() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  void push(guint64 number) {
    GstBuffer* packet = gst_buffer_new();
    GST_BUFFER_OFFSET(packet) = number;
    gst_pad_push(input_.get(), packet);
  }

  Arrivals<std::pair<guint64, std::thread::id>> arrived;
  Ref<GstPad> source;  // of the queue

 private:
  ReceivedStreams sinks_;
  std::shared_ptr<ReceivePath> path_;
  Ref<GstElement> pipeline_;
  Ref<GstPad> input_;
};

}  // namespace

TEST_CASE("packets go around the queue, but where webrtcbin blocks it, and hold nobody up there") {
  InputBin input;
  input.push(0);  // its stream has to begin behind the queue
  input.arrived.first(1);
  input.push(1);
  const auto thread = std::this_thread::get_id();
  REQUIRE(input.arrived.all().size() == 2);
  CHECK(input.arrived.all().back() == std::pair(guint64{1}, thread));
  const gulong block = gst_pad_add_probe(input.source.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
                                         nullptr, nullptr, nullptr);
  input.push(2);
  input.push(3);
  CHECK(input.arrived.all().size() == 2);
  gst_pad_remove_probe(input.source.get(), block);
  CHECK(input.arrived.first(4).size() == 4);
  input.push(4);
  CHECK(input.arrived.all().back() == std::pair(guint64{4}, thread));
}
