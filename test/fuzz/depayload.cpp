// What comes in RTP packets, for every codec, on its way into a track. The packets are written into
// the input one after the other: how many bytes follow, a byte of flags, the payload.
#include "cosoup/gst/ref.hpp"
#include "cosoup/media/rtp/track_output.hpp"
#include "fuzz/target.hpp"

namespace cosoup {
namespace {

struct Codec {
  const char* mimeType;
  const char* name;  // of RTP's caps
  int clockRate;
};
constexpr Codec kCodecs[] = {{"video/VP8", "VP8", 90000},   {"video/VP9", "VP9", 90000},
                             {"video/H264", "H264", 90000}, {"video/H265", "H265", 90000},
                             {"audio/opus", "OPUS", 48000}, {"audio/PCMU", "PCMU", 8000},
                             {"audio/PCMA", "PCMA", 8000}};
constexpr guint8 kPayloadType = 96;

/// Reads what it gets, as a recorder would.
class Reader final : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override {
    fuzz::require(frame.buffer && frame.caps);
    fuzz::require(frame.time > last_);
    last_ = frame.time;
    GstMapInfo map;
    fuzz::require(gst_buffer_map(frame.buffer.get(), &map, GST_MAP_READ) != FALSE);
    for (gsize i = 0; i < map.size; ++i) sum_ = static_cast<guint8>(sum_ + map.data[i]);
    gst_buffer_unmap(frame.buffer.get(), &map);
  }

 private:
  GstClockTime last_ = 0;
  guint8 sum_ = 0;
};

/// A received stream of one codec.
class Stream {
 public:
  explicit Stream(const Codec& codec)
      : track_(std::make_shared<Track>(std::string_view(codec.mimeType).starts_with("audio")
                                           ? MediaKind::audio
                                           : MediaKind::video)) {
    track_->addReceiver(std::make_shared<Reader>());
    output_ = Ref<GstElement>::sink(makeTrackOutput(codec.mimeType, track_));
    sink_ = Ref<GstPad>::adopt(gst_element_get_static_pad(output_.get(), "sink"));
    source_ = Ref<GstPad>::sink(gst_pad_new("source", GST_PAD_SRC));
    gst_pad_set_active(source_.get(), TRUE);
    gst_pad_link_full(source_.get(), sink_.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_element_set_state(output_.get(), GST_STATE_PLAYING);
    gst_pad_push_event(source_.get(), gst_event_new_stream_start(codec.name));
    const std::string media = std::string(codec.mimeType).substr(0, 5);
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, media.c_str(), "encoding-name", G_TYPE_STRING,
        codec.name, "clock-rate", G_TYPE_INT, codec.clockRate, "payload", G_TYPE_INT,
        static_cast<int>(kPayloadType), nullptr));
    gst_pad_push_event(source_.get(), gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { gst_element_set_state(output_.get(), GST_STATE_NULL); }

  void push(std::string_view payload, std::uint8_t flags) {
    sequence_ = static_cast<std::uint16_t>(sequence_ + (flags & 2 ? 3 : 1));  // some were lost
    if (flags & 4) time_ += 33 * GST_MSECOND;
    std::string packet(12, '\0');
    packet[0] = static_cast<char>(0x80);
    packet[1] = static_cast<char>(kPayloadType | (flags & 1 ? 0x80 : 0));
    packet[2] = static_cast<char>(sequence_ >> 8);
    packet[3] = static_cast<char>(sequence_);
    packet += payload;
    GstBuffer* buffer = gst_buffer_new_memdup(packet.data(), packet.size());
    GST_BUFFER_PTS(buffer) = time_;
    if (flags & 2) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    fuzz::require(gst_pad_push(source_.get(), buffer) == GST_FLOW_OK);
  }

 private:
  const std::shared_ptr<Track> track_;
  Ref<GstElement> output_;
  Ref<GstPad> sink_;
  Ref<GstPad> source_;
  std::uint16_t sequence_ = 0;
  GstClockTime time_ = 0;
};

std::string packed(std::initializer_list<std::string> payloads) {
  std::string input;
  for (const std::string& payload : payloads) {
    input += static_cast<char>(payload.size());
    input += '\5';
    input += payload;
  }
  return input;
}

}  // namespace

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {
      packed({"\x90\x80\x11\x10\x02\x00\x9d\x01\x2a\xa0\x00\x78\x00\x00\x00"s,
              "\x90\x80\x12\x31\x02\x00\x00\x00"s}),                      // VP8
      packed({"\x8e\x80\x11\x18\x00\x9f\x00\x77\x82\x49\x83\x42\x00"s}),  // VP9
      packed({"\x78\x00\x04\x67\x42\xe0\x1f\x00\x02\x68\xce"s, "\x7c\x85\x88\x84"s,
              "\x7c\x45\x00\x01"s, "\x65\x88\x84\x00"s}),  // H264
      packed({"\x60\x01\x00\x04\x40\x01\x0c\x01\x00\x03\x42\x01\x01"s, "\x62\x01\x93\x01"s,
              "\x62\x01\x53\x02"s}),                // H265
      packed({"\x78\x01\x02\x03"s, "\xfc"s, ""s}),  // Opus
  };
}

void fuzz::read(std::string_view input) {
  // What elements say of garbage is theirs to say, but thousands of lines of it help nobody.
  static const bool quiet = [] {
    ensureGStreamer();
    gst_debug_set_default_threshold(GST_LEVEL_NONE);
    return true;
  }();
  static_cast<void>(quiet);
  for (const Codec& codec : kCodecs) {
    std::unique_ptr<Stream> stream;
    if (!succeeds([&] { stream = std::make_unique<Stream>(codec); })) continue;
    for (std::size_t at = 0; at + 2 <= input.size();) {
      const auto size = static_cast<std::uint8_t>(input[at]);
      stream->push(input.substr(at + 2, size), static_cast<std::uint8_t>(input[at + 1]));
      at += 2u + size;
    }
  }
}

}  // namespace cosoup
