#include "cosoup/webrtc/send_path.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/catch.hpp"
#include "unit/webrtc/rtp_packets.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// A pad such as the encryption's, and what comes through it.
class Line {
 public:
  Line() {
    path->add(audioSection());
    path->add(videoSection());
    end_ = Ref<GstPad>::sink(gst_pad_new("rtp_sink_0", GST_PAD_SINK));
    gst_pad_set_chain_function(end_.get(), &Line::onPacket);
    gst_pad_set_element_private(end_.get(), this);
    gst_pad_set_active(end_.get(), TRUE);
    source_ = Ref<GstPad>::sink(gst_pad_new("source", GST_PAD_SRC));
    gst_pad_set_active(source_.get(), TRUE);
    gst_pad_link_full(source_.get(), end_.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(source_.get(), gst_event_new_stream_start("line"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
    path->takeFrom(end_.get());
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { path->stop(); }

  GstFlowReturn send(const RtpPacket& packet) {
    return gst_pad_push(source_.get(), write(packet).release());
  }
  void sendList(std::vector<RtpPacket> packets) {
    GstBufferList* list = gst_buffer_list_new();
    for (const RtpPacket& packet : packets) gst_buffer_list_add(list, write(packet).release());
    gst_pad_push_list(source_.get(), list);
  }
  /// Waits until so many have come out.
  std::vector<RtpPacket> packets(std::size_t count) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, 20s, [&] { return packets_.size() >= count; });
    CHECK(came);
    return packets_;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return packets_.size();
  }

  std::function<void(const CongestionReport&)> tell = [](const auto&) {};
  const std::shared_ptr<SendPath> path =
      std::make_shared<SendPath>([this](const CongestionReport& report) { tell(report); });
  std::thread::id sender;  // of the last packet

 private:
  static GstFlowReturn onPacket(GstPad* pad, GstObject*, GstBuffer* buffer) {
    auto* self = static_cast<Line*>(gst_pad_get_element_private(pad));
    {
      const std::lock_guard lock(self->mutex_);
      self->packets_.push_back(read(buffer));
      self->sender = std::this_thread::get_id();
    }
    gst_buffer_unref(buffer);
    self->changed_.notify_one();
    return GST_FLOW_OK;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RtpPacket> packets_;
  Ref<GstPad> end_;
  Ref<GstPad> source_;
};

}  // namespace

TEST_CASE("packets go out on a thread of their own, numbered") {
  Line line;
  CHECK(line.send(audioPacket(1)) == GST_FLOW_OK);
  line.sendList({audioPacket(2), audioPacket(3)});
  const auto packets = line.packets(3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(packets.at(i).sequenceNumber == i + 1);
    CHECK(packets.at(i).number == i);
  }
  CHECK(line.sender != std::this_thread::get_id());
}

TEST_CASE("what is missed goes out again by the same way") {
  Line line;
  line.send(videoPacket(7, 1, true));
  line.packets(1);
  CHECK(line.path->takes(RetransmissionRequest{kVideoSsrc, {7}}));
  const auto packets = line.packets(2);
  CHECK(packets.at(1).ssrc == kRtxSsrc);
  CHECK(packets.at(1).number == 1);
}

TEST_CASE("requests for key frames are left to others") {
  Line line;
  CHECK_FALSE(line.path->takes(KeyFrameRequest{kVideoSsrc}));
}

TEST_CASE("what the line is believed to carry is told") {
  std::mutex mutex;
  std::condition_variable changed;
  double target = 0;
  Line line;
  line.tell = [&](const CongestionReport& report) {
    const std::lock_guard lock(mutex);
    target = report.target;
    changed.notify_one();
  };
  line.path->setBounds({30'000, 555'000, 2'000'000});
  line.send(audioPacket(1));
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, 20s, [&] { return target == 555'000; }));
}

TEST_CASE("after its end the path takes nothing more, and may be ended again") {
  Line line;
  line.send(audioPacket(1));
  line.packets(1);
  line.path->stop();
  line.send(audioPacket(2));
  line.path->takes(RetransmissionRequest{kAudioSsrc, {1}});
  line.path->stop();
  CHECK(line.count() == 1);
}

TEST_CASE("a path that is ended with much that waits does not send it") {
  Line line;
  line.path->setBounds({30'000, 30'000, 30'000});
  for (std::uint16_t i = 0; i < 100; ++i) line.send(videoPacket(i, 1, i == 0));
  line.packets(1);
  line.path->stop();
  CHECK(line.count() < 50);
}
