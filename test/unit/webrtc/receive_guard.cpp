// What the guard lets through: packets pushed out of a bin like webrtcbin's, and what has come out.
#include "cosoup/webrtc/receive_guard.hpp"

#include "cosoup/gst/ref.hpp"
#include "support/catch.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::uint32_t kAdmitted = 0x01020304;
constexpr std::uint32_t kStranger = 0x0a0b0c0d;

Bytes rtp(std::uint32_t ssrc, const std::vector<std::uint32_t>& contributing = {}) {
  return rtpPacket(ssrc, 96, contributing);
}

/// A bin with the two pads, and what has passed.
class Line {
 public:
  explicit Line(std::size_t reporters = 0) : guard(std::make_shared<ReceiveGuard>(reporters)) {
    gst_init(nullptr, nullptr);
    bin_ = Ref<GstElement>::sink(gst_bin_new("transportreceivebin"));
    addPad("rtp_src");
    addPad("rtcp_src");
    guard->watch(bin_.get());
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() = default;

  std::vector<Bytes> passRtp(const std::vector<Bytes>& packets) { return pass("rtp_src", packets); }
  std::vector<Bytes> passRtcp(const std::vector<Bytes>& packets) {
    return pass("rtcp_src", packets);
  }

  const std::shared_ptr<ReceiveGuard> guard;

 private:
  void addPad(const char* name) {
    GstPad* source = gst_pad_new(name, GST_PAD_SRC);
    gst_pad_set_active(source, TRUE);
    gst_element_add_pad(bin_.get(), source);
    auto sink = Ref<GstPad>::sink(gst_pad_new(nullptr, GST_PAD_SINK));
    gst_pad_set_chain_function(sink.get(), &Line::onPacket);
    gst_pad_set_element_private(sink.get(), this);
    gst_pad_set_active(sink.get(), TRUE);
    gst_pad_link_full(source, sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(source, gst_event_new_stream_start(name));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source, gst_event_new_segment(&segment));
    sinks_.push_back(std::move(sink));
  }

  /// Each alone, and all once more as a list: both have to come to the same.
  std::vector<Bytes> pass(const char* name, const std::vector<Bytes>& packets) {
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(bin_.get(), name));
    GstBufferList* list = gst_buffer_list_new();
    passed_.clear();
    for (const Bytes& packet : packets) {
      GstBuffer* buffer = gst_buffer_new_memdup(packet.data(), packet.size());
      gst_buffer_list_add(list, gst_buffer_copy_deep(buffer));
      GST_BUFFER_PTS(buffer) = kTime;
      CHECK(gst_pad_push(source.get(), buffer) == GST_FLOW_OK);
    }
    for (const GstClockTime time : times_) CHECK(time == kTime);
    const std::vector<Bytes> alone = std::exchange(passed_, {});
    CHECK(gst_pad_push_list(source.get(), list) == GST_FLOW_OK);
    CHECK(passed_ == alone);
    times_.clear();
    return alone;
  }

  static GstFlowReturn onPacket(GstPad* pad, GstObject*, GstBuffer* buffer) {
    auto* self = static_cast<Line*>(gst_pad_get_element_private(pad));
    Bytes bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    self->passed_.push_back(std::move(bytes));
    self->times_.push_back(GST_BUFFER_PTS(buffer));
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  }

  static constexpr GstClockTime kTime = 42 * GST_MSECOND;
  Ref<GstElement> bin_;
  std::vector<Ref<GstPad>> sinks_;
  std::vector<Bytes> passed_;
  std::vector<GstClockTime> times_;
};

}  // namespace

TEST_CASE("RTP of an admitted stream passes, that of others does not") {
  Line line;
  CHECK(line.passRtp({rtp(kAdmitted)}).empty());
  const auto stream = line.guard->admit(kAdmitted, 96, false);
  CHECK(line.passRtp({rtp(kAdmitted), rtp(kStranger), rtp(kAdmitted)}) ==
        std::vector<Bytes>{rtp(kAdmitted), rtp(kAdmitted)});
  CHECK(stream->packets == 4);
  CHECK(stream->bytes == 4 * rtp(kAdmitted).size());
  line.guard->dismiss(kAdmitted);
  CHECK(line.passRtp({rtp(kAdmitted)}).empty());
}

TEST_CASE("a packet of an admitted stream with another payload type does not pass") {
  Line line;
  line.guard->admit(kAdmitted, 96, false);
  Bytes marked = rtp(kAdmitted);
  marked[1] |= 0x80;
  Bytes other = rtp(kAdmitted);
  other[1] = 0;
  CHECK(line.passRtp({other, marked}) == std::vector<Bytes>{marked});
}

TEST_CASE("a packet is let through without its contributing sources") {
  Line line;
  line.guard->admit(kAdmitted, 96, false);
  CHECK(line.passRtp({rtp(kAdmitted, {kStranger}), rtp(kAdmitted),
                      rtp(kAdmitted, std::vector<std::uint32_t>(15, kStranger))}) ==
        std::vector<Bytes>(3, rtp(kAdmitted)));
}

TEST_CASE("a packet shorter than its header says does not pass") {
  Line line;
  line.guard->admit(kAdmitted, 96, false);
  const Bytes whole = rtp(kAdmitted, {kStranger, kStranger});
  for (std::size_t size = 1; size < 20; ++size) {
    CAPTURE(size);
    CHECK(line.passRtp({Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))})
              .empty());
  }
}

TEST_CASE("of a compound what is of admitted streams passes, wherever it stands") {
  Line line;
  line.guard->admit(kAdmitted, 96, false);
  const Bytes good = senderReport(kAdmitted);
  const Bytes feedback = {0x81, 206, 0, 2, 0, 0, 0, 0, 1, 2, 3, 4};
  CHECK(line.passRtcp({good}) == std::vector<Bytes>{good});
  CHECK(line.passRtcp({joined({receiverReport(kStranger), good})}) == std::vector<Bytes>{good});
  CHECK(line.passRtcp({joined({good, senderReport(kStranger)})}) == std::vector<Bytes>{good});
  CHECK(line.passRtcp({joined({good, receiverReport(kStranger), feedback})}) ==
        std::vector<Bytes>{joined({good, feedback})});
  CHECK(line.passRtcp({senderReport(kStranger), receiverReport(kStranger)}).empty());
}

TEST_CASE("of those who report on what we send as many are heard as were allowed") {
  Line line(2);
  for (const std::uint32_t sender : {0u, 1u, 2u, 3u, 1u, 0u}) {
    CAPTURE(sender);
    CHECK(line.passRtcp({receiverReport(sender)}).empty() == (sender > 1));
  }
  CHECK(line.passRtp({rtp(0)}).empty());  // they are heard, but they do not send
}

TEST_CASE("whatever has come is heard, and told once") {
  Line line;
  CHECK(!line.guard->hasHeard());
  line.passRtp({rtp(kStranger)});
  CHECK(line.guard->hasHeard());
  CHECK(!line.guard->hasHeard());
  line.passRtcp({{0x80, 201, 0, 1, 1, 2, 3, 4}});
  CHECK(line.guard->hasHeard());
}
