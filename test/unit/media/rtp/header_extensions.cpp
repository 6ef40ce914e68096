// What payloaders write into header extensions, and what receivers read there.
#include <gst/app/gstappsrc.h>
#include <gst/rtp/rtp.h>

#include "cosoup/media/rotation.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/rtp/received_headers.hpp"
#include "cosoup/media/rtp/track_output.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "unit/media/clips.hpp"
#include "unit/media/rtp/row.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::uint8_t kId = 7;

struct Packet {
  bool last = false;
  guint32 timestamp = 0;
  std::optional<std::vector<std::uint8_t>> value;
};

Packet packetOf(GstBuffer* buffer) {
  Packet packet;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  REQUIRE(gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp));
  packet.last = gst_rtp_buffer_get_marker(&rtp);
  packet.timestamp = gst_rtp_buffer_get_timestamp(&rtp);
  gpointer data = nullptr;
  guint size = 0;
  if (gst_rtp_buffer_get_extension_onebyte_header(&rtp, kId, 0, &data, &size)) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    packet.value.emplace(bytes, bytes + size);
  }
  gst_rtp_buffer_unmap(&rtp);
  return packet;
}

RtpCodecParameters codecOf(const std::string& mimeType) {
  RtpCodecParameters codec;
  codec.mimeType = mimeType;
  codec.payloadType = 96;
  return codec;
}

/// A payloader that frames are pushed into by hand; one of our extensions is under test, mid is
/// there, too.
class Payloading {
 public:
  Payloading(const std::string& mimeType, const char* uri, GstElement* end = collector())
      : source_(makeElement("appsrc")),
        payloader_(makePayloader(codecOf(mimeType), 4711)),
        end_(end),
        row_({source_, extended(payloader_, uri), end_}) {
    g_object_set(source_, "format", GST_FORMAT_TIME, nullptr);
    if (GST_IS_APP_SINK(end_)) g_object_set(end_, "async", FALSE, nullptr);
    row_.play();
    // Times count only from then on.
    gst_element_get_state(row_.pipeline(), nullptr, nullptr, 10 * GST_SECOND);
  }

  GstElement* payloader() const { return payloader_; }
  void push(const Clip& clip) {
    for (const Frame& frame : clip) {
      gst_app_src_set_caps(GST_APP_SRC(source_), frame.caps.get());
      GstBuffer* buffer = gst_buffer_copy(frame.buffer.get());
      GST_BUFFER_PTS(buffer) = frame.time;
      GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
      setRotation(buffer, frame.rotation);
      gst_app_src_push_buffer(GST_APP_SRC(source_), buffer);
    }
  }
  std::vector<Packet> packets() {
    gst_app_src_end_of_stream(GST_APP_SRC(source_));
    std::vector<Packet> packets;
    for (const auto& sample : collect(end_)) {
      packets.push_back(packetOf(gst_sample_get_buffer(sample.get())));
    }
    return packets;
  }
  void end() {
    gst_app_src_end_of_stream(GST_APP_SRC(source_));
    CHECK(row_.wait() == GST_MESSAGE_EOS);
  }

 private:
  static GstElement* extended(GstElement* payloader, const char* uri) {
    addHeaderExtension(payloader, midExtensionUri, 1, "seven");
    addHeaderExtension(payloader, uri, kId);
    return payloader;
  }

  GstElement* source_;
  GstElement* payloader_;
  GstElement* end_;
  Row row_;
};

/// The values of the last packets of pictures, -1 where there is none; no other packet may have
/// any.
std::vector<int> valuesAtEnds(const std::vector<Packet>& packets) {
  std::vector<int> values;
  for (const Packet& packet : packets) {
    if (packet.value) REQUIRE(packet.value->size() == 1);
    if (packet.last) {
      values.push_back(packet.value ? packet.value->front() : -1);
    } else {
      CHECK_FALSE(packet.value);
    }
  }
  return values;
}

Clip videoOf(const std::string& mimeType) {
  if (mimeType == "video/VP8") return vp8Clip(0.2, 3000, 640);
  if (mimeType == "video/H264") return h264Clip(0.2, 640, 480);
  return encode(
      "videotestsrc num-buffers=6 ! video/x-raw,width=640,height=480,framerate=30/1 ! "
      "vp9enc deadline=1 cpu-used=8");
}

}  // namespace

TEST_CASE("video-orientation is on the last packet of key, turned and turning pictures") {
  const std::string mimeType = GENERATE("video/VP8", "video/VP9", "video/H264");
  INFO(mimeType);
  Clip clip = videoOf(mimeType);
  REQUIRE(clip.size() == 6);
  for (std::size_t i = 0; i < clip.size(); ++i) clip[i].rotation = i == 2 || i == 3 ? 90 : 0;
  Payloading payloading(mimeType, videoOrientationExtensionUri);
  payloading.push(clip);
  CHECK(valuesAtEnds(payloading.packets()) == std::vector<int>{0, -1, 1, 1, 0, -1});
}

TEST_CASE("a received picture has the rotation of its last packet, or that of the one before") {
  const auto track = std::make_shared<Track>(MediaKind::video);
  class Rotations : public FrameReceiver {
   public:
    void onFrame(const Frame& frame) override { values.push_back(frame.rotation); }
    std::vector<int> values;
  };
  const auto rotations = std::make_shared<Rotations>();
  track->addReceiver(rotations);
  RtpParameters parameters;
  parameters.headerExtensions.push_back({videoOrientationExtensionUri, kId, false, {}});
  const auto headers = std::make_shared<ReceivedHeaders>(parameters);
  const std::string mimeType = GENERATE("video/VP8", "video/H264");
  Clip clip = videoOf(mimeType);
  for (std::size_t i = 0; i < clip.size(); ++i) clip[i].rotation = i < 3 ? 270 : 0;
  Payloading payloading(mimeType, videoOrientationExtensionUri,
                        makeTrackOutput(mimeType, track, headers));
  payloading.push(clip);
  payloading.end();
  CHECK(rotations->values == std::vector<int>{270, 270, 270, 0, 0, 0});
}

TEST_CASE("abs-capture-time is written once a second, only for what is captured") {
  const bool captured = GENERATE(true, false);
  const std::string mimeType = GENERATE("audio/opus", "audio/PCMU");
  Payloading payloading(mimeType, absCaptureTimeExtensionUri);
  setCaptured(payloading.payloader(), captured);
  payloading.push(mimeType == "audio/opus"
                      ? opusClip(2.5)
                      : encode("audiotestsrc num-buffers=125 samplesperbuffer=160 ! "
                               "audio/x-raw,rate=8000,channels=1 ! mulawenc"));
  std::vector<Packet> written;
  for (const Packet& packet : payloading.packets()) {
    if (packet.value) written.push_back(packet);
  }
  REQUIRE(written.size() == (captured ? 3u : 0u));
  double before = 0;
  for (const Packet& packet : written) {
    REQUIRE(packet.value->size() == 8);
    const std::uint8_t* bytes = packet.value->data();
    const double seconds = static_cast<double>(GST_READ_UINT32_BE(bytes)) - 2208988800.0 +
                           static_cast<double>(GST_READ_UINT32_BE(bytes + 4)) / 4294967296.0;
    // The clip's times count from the pipeline's start, a moment ago.
    const double now = static_cast<double>(g_get_real_time()) / 1e6;
    CHECK(seconds > now - 10);
    CHECK(seconds < now + 3);
    if (before > 0) CHECK(std::abs(seconds - before - 1) < 0.03);
    before = seconds;
  }
}

TEST_CASE("playout-delay is written when there is one, and read again") {
  using namespace std::chrono_literals;
  const std::optional<PlayoutDelay> delay =
      GENERATE(std::optional<PlayoutDelay>(), std::optional(PlayoutDelay(30ms, 1200ms)));
  Payloading payloading("audio/opus", playoutDelayExtensionUri);
  setPlayoutDelay(payloading.payloader(), delay);
  payloading.push(opusClip(0.2));
  const std::vector<Packet> packets = payloading.packets();
  REQUIRE(packets.size() >= 10);
  for (const Packet& packet : packets) {
    REQUIRE(packet.value.has_value() == delay.has_value());
    if (delay) CHECK(*packet.value == std::vector<std::uint8_t>{0x00, 0x30, 0x78});
  }
}

TEST_CASE("a receiver knows the newest playout delay, also while nobody takes the frames") {
  using namespace std::chrono_literals;
  RtpParameters parameters;
  parameters.headerExtensions.push_back({playoutDelayExtensionUri, kId, false, {}});
  const auto headers = std::make_shared<ReceivedHeaders>(parameters);
  const auto track = std::make_shared<Track>(MediaKind::audio);
  CHECK_FALSE(headers->playoutDelay());
  Payloading payloading("audio/opus", playoutDelayExtensionUri,
                        makeTrackOutput("audio/opus", track, headers));
  setPlayoutDelay(payloading.payloader(), PlayoutDelay(0ms, 500ms));
  payloading.push(opusClip(0.1));
  payloading.end();
  CHECK(headers->playoutDelay() == PlayoutDelay(0ms, 500ms));
}
