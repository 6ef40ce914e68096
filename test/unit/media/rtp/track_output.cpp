// From the packets of a received stream to its track.
#include "cosoup/media/rtp/track_output.hpp"

#include "support/packet_bytes.hpp"
#include "unit/media/media_support.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr GstClockTime kLength = 20 * GST_MSECOND;  // of a packet

/// What is lost before each frame; ms.
class Losses : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override { told.push_back(frame.lost / GST_MSECOND); }

  std::vector<GstClockTime> told;
};

/// Packets into the output of a track, on this thread.
class Stream {
 public:
  explicit Stream(const std::shared_ptr<Track>& track) {
    ensureGStreamer();
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    GstElement* output = makeTrackOutput("audio/opus", track);
    gst_bin_add(GST_BIN(pipeline_.get()), output);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(output, "sink"));
    gst_pad_set_active(pad_.get(), TRUE);
    gst_pad_link_full(pad_.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(pad_.get(), gst_event_new_stream_start("stream"));
    const auto caps = capsFrom(
        "application/x-rtp, media=audio, encoding-name=OPUS, clock-rate=48000, payload=100");
    gst_pad_push_event(pad_.get(), gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad_.get(), gst_event_new_segment(&segment));
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  void packet(std::uint16_t number) {
    const Bytes bytes = joined({{0x80, 100, 0, static_cast<std::uint8_t>(number)},
                                word(number * 960u),
                                word(1),
                                {0xfc, 0xff, 0xfe}});
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = number * kLength;
    gst_pad_push(pad_.get(), buffer);
  }
  void lost(std::uint16_t number) {
    gst_pad_push_event(
        pad_.get(), gst_event_new_custom(
                        GST_EVENT_CUSTOM_DOWNSTREAM,
                        gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT, guint{number},
                                          "timestamp", G_TYPE_UINT64, number * kLength, "duration",
                                          G_TYPE_UINT64, kLength, nullptr)));
  }

 private:
  const Ref<GstPad> pad_ = Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC));
  Ref<GstElement> pipeline_;
};

}  // namespace

TEST_CASE("a frame says how much is lost right before it") {
  const auto track = std::make_shared<Track>(MediaKind::audio);
  const auto losses = std::make_shared<Losses>();
  track->addReceiver(losses);
  Stream stream(track);
  for (const std::uint16_t number : {1, 2}) stream.packet(number);
  for (const std::uint16_t number : {3, 4}) stream.lost(number);
  for (const std::uint16_t number : {5, 6, 60}) stream.packet(number);
  CHECK(losses->told == std::vector<GstClockTime>{0, 0, 40, 0, 0});
}

TEST_CASE("what is lost while nobody listens is nobody's loss") {
  const auto track = std::make_shared<Track>(MediaKind::audio);
  const auto losses = std::make_shared<Losses>();
  track->addReceiver(losses);
  Stream stream(track);
  stream.packet(1);
  track->removeReceiver(losses);
  stream.lost(2);
  stream.packet(3);
  stream.lost(4);
  track->addReceiver(losses);
  stream.packet(5);
  CHECK(losses->told == std::vector<GstClockTime>{0, 0});
}
