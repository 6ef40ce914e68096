// What is asked of a sender, through a real RTP session, and what of it goes out as RTCP.
#include "cosoup/webrtc/session_requests.hpp"

#include <gst/rtp/gstrtcpbuffer.h>

#include <algorithm>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/nack.hpp"
#include "cosoup/webrtc/nack_counter.hpp"
#include "support/arrivals.hpp"
#include "support/catch.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::uint32_t kSsrc = 0x01020304;
constexpr std::uint8_t kPayloadType = 96;

/// An rtpsession that receives one stream and whose RTCP is read.
class Session {
 public:
  Session() {
    ensureGStreamer();
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    element_ = makeElement("rtpsession");
    gst_bin_add(GST_BIN(pipeline_.get()), element_);
    GObject* session = nullptr;
    g_object_get(element_, "internal-session", &session, nullptr);
    g_object_set(session, "bandwidth", 1e8, "rtcp-min-interval", 50 * GST_MSECOND, nullptr);
    nacks->add(kSsrc);
    nacks->watch(session);
    g_object_unref(session);
    line_ = makePad("line", GST_PAD_SRC, nullptr);
    behind = makePad("behind", GST_PAD_SINK, &Session::takeRtp);
    reports_ = makePad("reports", GST_PAD_SINK, &Session::takeRtcp);
    gst_pad_link(line_.get(), request("recv_rtp_sink").get());
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(element_, "recv_rtp_src"));
    gst_pad_link(out.get(), behind.get());
    gst_pad_link(request("send_rtcp_src").get(), reports_.get());
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    begin();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  /// Two packets, so that it believes in the stream, and its first report, before which it asks for
  /// nothing.
  void begin() {
    gst_pad_push_event(line_.get(), gst_event_new_stream_start("line"));
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(
        "application/x-rtp, media=video, encoding-name=VP8, clock-rate=90000, payload=96"));
    gst_pad_push_event(line_.get(), gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(line_.get(), gst_event_new_segment(&segment));
    for (const std::uint8_t number : {1, 2, 3}) {
      Bytes packet = rtpPacket(kSsrc, kPayloadType);
      packet[3] = number;
      gst_pad_push(line_.get(), gst_buffer_new_memdup(packet.data(), packet.size()));
    }
    REQUIRE_FALSE(reported.first(1).empty());
  }

  Ref<GstPad> behind;                // as the pad that the receive path takes packets from
  Arrivals<std::uint16_t> nacked;    // sequence numbers
  Arrivals<std::uint32_t> messages;  // of NACK; SSRCs
  Arrivals<std::uint32_t> reported;
  const std::shared_ptr<NackCounter> nacks = std::make_shared<NackCounter>();

 private:
  Ref<GstPad> makePad(const char* name, GstPadDirection direction, GstPadChainFunction chain) {
    auto pad = Ref<GstPad>::sink(gst_pad_new(name, direction));
    gst_pad_set_element_private(pad.get(), this);
    if (chain) gst_pad_set_chain_function(pad.get(), chain);
    gst_pad_set_active(pad.get(), TRUE);
    return pad;
  }
  Ref<GstPad> request(const char* name) {
    return Ref<GstPad>::adopt(gst_element_request_pad_simple(element_, name));
  }

  static GstFlowReturn takeRtp(GstPad*, GstObject*, GstBuffer* packet) {
    gst_buffer_unref(packet);
    return GST_FLOW_OK;
  }
  static GstFlowReturn takeRtcp(GstPad* pad, GstObject*, GstBuffer* compound) {
    auto* self = static_cast<Session*>(gst_pad_get_element_private(pad));
    GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
    gst_rtcp_buffer_map(compound, GST_MAP_READ, &rtcp);
    GstRTCPPacket packet;
    for (gboolean more = gst_rtcp_buffer_get_first_packet(&rtcp, &packet); more;
         more = gst_rtcp_packet_move_to_next(&packet)) {
      self->read(packet);
    }
    gst_rtcp_buffer_unmap(&rtcp);
    gst_buffer_unref(compound);
    return GST_FLOW_OK;
  }
  void read(GstRTCPPacket& packet) {
    if (gst_rtcp_packet_get_type(&packet) == GST_RTCP_TYPE_RR) reported.add(kSsrc);
    if (gst_rtcp_packet_get_type(&packet) != GST_RTCP_TYPE_RTPFB) return;
    if (gst_rtcp_packet_fb_get_type(&packet) != GST_RTCP_RTPFB_TYPE_NACK) return;
    const guint8* body = gst_rtcp_packet_fb_get_fci(&packet);
    const std::size_t size = 4u * gst_rtcp_packet_fb_get_fci_length(&packet);
    messages.add(gst_rtcp_packet_fb_get_media_ssrc(&packet));
    for (const std::uint16_t number : nackedPackets({body, size})) nacked.add(number);
  }

  Ref<GstElement> pipeline_;
  GstElement* element_ = nullptr;
  Ref<GstPad> line_;
  Ref<GstPad> reports_;
};

}  // namespace

TEST_CASE("packets that are lost together are all asked for") {
  Session session;
  std::vector<std::uint16_t> lost;
  for (std::uint16_t number = 100; number < 140; ++number) lost.push_back(number);
  for (const std::uint16_t number : lost) {
    requestRetransmission(session.behind.get(), kSsrc, number);
  }
  std::vector<std::uint16_t> asked = session.nacked.first(lost.size());
  std::sort(asked.begin(), asked.end());
  CHECK(asked == lost);
}

TEST_CASE("NACKs are counted as messages, and by the packets that they ask for") {
  Session session;
  CHECK(session.nacks->counts(kSsrc).messages == 0);
  for (std::uint16_t number = 100; number < 140; ++number) {
    requestRetransmission(session.behind.get(), kSsrc, number);
  }
  REQUIRE(session.nacked.first(40).size() == 40);
  const auto messages = session.messages.all();
  CHECK(messages.size() < 40);
  CHECK(session.nacks->counts(kSsrc).messages == messages.size());
  CHECK(session.nacks->counts(kSsrc).packets == 40);
  // Nobody asks any more, and what is not added does not count.
  session.nacks->remove(kSsrc);
  requestRetransmission(session.behind.get(), kSsrc, 200);
  REQUIRE(session.nacked.first(41).size() == 41);
  CHECK(session.nacks->counts(kSsrc).messages == 0);
}
