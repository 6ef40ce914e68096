// Packets sent again, without a network: what goes into a pad of ours and what comes out behind.
#include "cosoup/webrtc/packet_resender.hpp"

#include <gst/rtp/gstrtpbuffer.h>

#include <future>
#include <thread>

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr guint32 kSsrc = 4711;
constexpr guint8 kTimeId = 3;

struct Packet {
  guint32 ssrc = 0;
  guint16 sequenceNumber = 0;
  std::string payload;
  guint32 sendTime = 0;
};

/// A pad like one of webrtcbin's, and what has come through it.
class Line {
 public:
  /// `inBin`: behind a clocksync, as in webrtcbin.
  explicit Line(bool inBin = false) {
    gst_init(nullptr, nullptr);
    rtpbin_ = Ref<GstElement>::sink(gst_element_factory_make("rtpbin", nullptr));
    end_ = Ref<GstPad>::sink(gst_pad_new("end", GST_PAD_SINK));
    gst_pad_set_chain_function(end_.get(), &Line::onPacket);
    gst_pad_set_element_private(end_.get(), this);
    gst_pad_set_active(end_.get(), TRUE);
    sink_ = end_;
    if (inBin) putIntoBin();
    source_ = Ref<GstPad>::sink(gst_pad_new("source", GST_PAD_SRC));
    gst_pad_set_active(source_.get(), TRUE);
    gst_pad_link_full(source_.get(), sink_.get(), GST_PAD_LINK_CHECK_NOTHING);
    section_ = Ref<GstCaps>::adopt(gst_caps_from_string(
        "application/x-rtp, extmap-1=(string)urn:ietf:params:rtp-hdrext:sdes:mid, "
        "extmap-3=(string)\"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\""));
    gst_pad_push_event(source_.get(), gst_event_new_stream_start("line"));
    gst_pad_push_event(source_.get(), gst_event_new_caps(section_.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
    resender.watch(sink_, section_.get());
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() {
    if (bin_) gst_element_set_state(bin_.get(), GST_STATE_NULL);
  }

  void send(guint16 first, guint packets) {
    for (guint i = 0; i < packets; ++i) {
      gst_pad_push(source_.get(), make(static_cast<guint16>(first + i)));
    }
  }
  void sendList(guint16 first, guint packets) {
    GstBufferList* list = gst_buffer_list_new();
    for (guint i = 0; i < packets; ++i) {
      gst_buffer_list_add(list, make(static_cast<guint16>(first + i)));
    }
    gst_pad_push_list(source_.get(), list);
  }
  bool ask(guint32 ssrc, std::vector<std::uint16_t> numbers) {
    return resender.takes(RetransmissionRequest{ssrc, std::move(numbers)}, rtpbin_.get());
  }
  GstPad* sink() const { return sink_.get(); }

  PacketResender resender;
  std::vector<Packet> packets;

 private:
  void putIntoBin() {
    bin_ = Ref<GstElement>::sink(gst_bin_new(nullptr));
    GstElement* clock = gst_element_factory_make("clocksync", nullptr);
    gst_bin_add(GST_BIN(bin_.get()), clock);
    const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(clock, "sink"));
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(clock, "src"));
    gst_pad_link_full(out.get(), end_.get(), GST_PAD_LINK_CHECK_NOTHING);
    sink_ = Ref<GstPad>::sink(gst_ghost_pad_new("sink", in.get()));
    gst_pad_set_active(sink_.get(), TRUE);
    gst_element_add_pad(bin_.get(), sink_.get());
    gst_element_set_state(bin_.get(), GST_STATE_PLAYING);
  }

  static GstBuffer* make(guint16 sequenceNumber) {
    GstBuffer* buffer = gst_rtp_buffer_new_allocate(4, 0, 0);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(buffer, GST_MAP_READWRITE, &rtp);
    gst_rtp_buffer_set_ssrc(&rtp, kSsrc);
    gst_rtp_buffer_set_seq(&rtp, sequenceNumber);
    const guint8 never[3] = {0xff, 0xff, 0xff};
    gst_rtp_buffer_add_extension_onebyte_header(&rtp, kTimeId, never, sizeof never);
    auto* payload = static_cast<guint8*>(gst_rtp_buffer_get_payload(&rtp));
    GST_WRITE_UINT32_BE(payload, 0x41424300u + (sequenceNumber & 0xffu));
    gst_rtp_buffer_unmap(&rtp);
    return buffer;
  }

  static GstFlowReturn onPacket(GstPad* pad, GstObject*, GstBuffer* buffer) {
    Packet packet;
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp);
    packet.ssrc = gst_rtp_buffer_get_ssrc(&rtp);
    packet.sequenceNumber = gst_rtp_buffer_get_seq(&rtp);
    packet.payload.assign(static_cast<const char*>(gst_rtp_buffer_get_payload(&rtp)),
                          gst_rtp_buffer_get_payload_len(&rtp));
    gpointer time = nullptr;
    guint size = 0;
    gst_rtp_buffer_get_extension_onebyte_header(&rtp, kTimeId, 0, &time, &size);
    if (size == 3) packet.sendTime = GST_READ_UINT24_BE(time);
    gst_rtp_buffer_unmap(&rtp);
    gst_buffer_unref(buffer);
    static_cast<Line*>(gst_pad_get_element_private(pad))->packets.push_back(std::move(packet));
    return GST_FLOW_OK;
  }

  Ref<GstElement> rtpbin_;
  Ref<GstElement> bin_;
  Ref<GstPad> end_;
  Ref<GstPad> sink_;
  Ref<GstPad> source_;
  Ref<GstCaps> section_;
};

}  // namespace

TEST_CASE("a packet is sent again under its own number, with a new send time") {
  Line line;
  line.send(65534, 4);
  CHECK(line.ask(kSsrc, {65535, 1}));
  REQUIRE(line.packets.size() == 6);
  CHECK(line.packets[4].sequenceNumber == 65535);
  CHECK(line.packets[4].ssrc == kSsrc);
  CHECK(line.packets[4].payload == line.packets[1].payload);
  CHECK(line.packets[5].sequenceNumber == 1);
  CHECK(line.packets[1].sendTime == 0xffffff);
  const auto now =
      gst_util_uint64_scale(static_cast<guint64>(g_get_monotonic_time()), 1 << 18, G_USEC_PER_SEC);
  CHECK(((now - line.packets[4].sendTime) & 0xffffff) < 10u << 18);  // in the last 10 s
}

TEST_CASE("a packet that was sent in a list is sent again, too") {
  Line line;
  line.sendList(10, 3);
  CHECK(line.ask(kSsrc, {11}));
  REQUIRE(line.packets.size() == 4);
  CHECK(line.packets[3].sequenceNumber == 11);
}

TEST_CASE("a packet that was just sent again, or of which nothing is known, is not") {
  Line line;
  line.send(1, 3);
  CHECK(line.ask(kSsrc, {2, 2, 77}));
  CHECK(line.packets.size() == 4);
  CHECK(line.ask(kSsrc + 1, {2}));  // a stream with RTX
  CHECK(line.packets.size() == 4);
}

TEST_CASE("feedback of other kinds is left to others") {
  Line line;
  line.send(1, 3);
  const auto rtpbin = Ref<GstElement>::sink(gst_element_factory_make("rtpbin", nullptr));
  CHECK_FALSE(line.resender.takes(KeyFrameRequest{kSsrc}, rtpbin.get()));
  CHECK_FALSE(line.resender.takes(CongestionReport(), rtpbin.get()));
  CHECK(line.packets.size() == 3);
}

TEST_CASE("a packet is sent again while the next one waits for its time") {
  Line line(true);
  line.send(1, 3);
  std::promise<void> waits;
  std::promise<void> end;
  std::thread source([&] {
    GST_PAD_STREAM_LOCK(line.sink());
    waits.set_value();
    end.get_future().wait();
    GST_PAD_STREAM_UNLOCK(line.sink());
  });
  waits.get_future().wait();
  auto asked = std::async(std::launch::async, [&] { return line.ask(kSsrc, {2}); });
  CHECK(asked.wait_for(10s) == std::future_status::ready);
  end.set_value();
  source.join();
  CHECK(asked.get());
  REQUIRE(line.packets.size() == 4);
  CHECK(line.packets[3].sequenceNumber == 2);
}
