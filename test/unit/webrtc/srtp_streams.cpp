// What srtpdec keeps of streams that have ended.
#include "cosoup/webrtc/srtp_streams.hpp"

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/ref.hpp"
#include "support/catch.hpp"
#include "support/memory.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t kOpus = 100;

/// Of any stream, as dtlssrtpdec has one for all of them.
GstCaps* onRequestKey(GstElement*, guint, gpointer) {
  const Bytes secret(30, 7);  // key and salt
  const auto key = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(secret.data(), secret.size()));
  return gst_caps_new_simple("application/x-srtp", "srtp-key", GST_TYPE_BUFFER, key.get(),
                             "srtp-cipher", G_TYPE_STRING, "aes-128-icm", "srtp-auth",
                             G_TYPE_STRING, "hmac-sha1-80", "srtcp-cipher", G_TYPE_STRING,
                             "aes-128-icm", "srtcp-auth", G_TYPE_STRING, "hmac-sha1-80", nullptr);
}

/// An srtpdec in a bin, to which packets come.
class Decryption {
 public:
  Decryption() {
    gst_init(nullptr, nullptr);
    bin_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    decryption_ = makeElement("srtpdec");
    gst_bin_add(GST_BIN(bin_.get()), decryption_);
    g_signal_connect(decryption_, "request-key", G_CALLBACK(&onRequestKey), nullptr);
    gst_element_set_state(bin_.get(), GST_STATE_PLAYING);
    network_ = Ref<GstPad>::sink(gst_pad_new("network", GST_PAD_SRC));
    gst_pad_set_active(network_.get(), TRUE);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(decryption_, "rtp_sink"));
    gst_pad_link_full(network_.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(network_.get(), gst_event_new_stream_start("network"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(network_.get(), gst_event_new_segment(&segment));
  }
  Decryption(const Decryption&) = delete;
  Decryption& operator=(const Decryption&) = delete;
  ~Decryption() { gst_element_set_state(bin_.get(), GST_STATE_NULL); }

  /// Nothing that it would let through, but it keeps a state for the SSRC.
  void receive(std::uint32_t ssrc) {
    Bytes bytes = rtpPacket(ssrc, kOpus);
    bytes.resize(60);
    gst_pad_push(network_.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
  }
  void free(const std::vector<std::uint32_t>& ssrcs) { freeSrtpStreams(bin_.get(), ssrcs); }
  /// One after the other: each comes and is freed.
  void churn(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t ssrc = first; ssrc < first + count; ++ssrc) {
      receive(ssrc);
      free({ssrc});
    }
  }
  /// How many SSRCs it has a state for.
  guint streams() const {
    GstStructure* stats = nullptr;
    g_object_get(decryption_, "stats", &stats, nullptr);
    const guint count = gst_value_array_get_size(gst_structure_get_value(stats, "streams"));
    gst_structure_free(stats);
    return count;
  }

 private:
  Ref<GstElement> bin_;
  GstElement* decryption_ = nullptr;
  Ref<GstPad> network_;
};

using Ssrcs = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a stream that has ended leaves no keys in the decryption") {
  Decryption decryption;
  decryption.churn(1000, 100);
  CHECK(decryption.streams() == 0);
  const std::size_t before = allocatedBytes();
  decryption.churn(2000, 100);
  CHECK(decryption.streams() == 0);
  const std::size_t after = allocatedBytes();
  constexpr std::size_t kSmall = 1000;  // bytes a stream; its keys take some 30 times as many
  CHECK(after < before + 100 * kSmall);
}

TEST_CASE("freeing a stream leaves the others as they are") {
  Decryption decryption;
  constexpr std::uint32_t kPalindrome = 0x12343412;
  for (const std::uint32_t ssrc : {0x01020304u, 0x04030201u, 0x0a0b0c0du, kPalindrome}) {
    decryption.receive(ssrc);
  }
  decryption.free({0x0a0b0c0d, kPalindrome, 0x99999999});
  CHECK(decryption.streams() == 2);
  // Of two whose numbers are each other's reverse both stay: each would lose its keys to the other.
  decryption.free({0x01020304});
  CHECK(decryption.streams() == 2);
}

TEST_CASE("where nothing decrypts there is nothing to free") {
  const auto empty = Ref<GstElement>::sink(gst_bin_new(nullptr));
  CHECK_NOTHROW(freeSrtpStreams(empty.get(), {1, 2}));
}

TEST_CASE("a stream that has ended is freed again for as long as packets of it may come") {
  const EndedStreams::Time start{};
  EndedStreams ended;
  ended.end(1, start);
  CHECK(ended.take(start) == Ssrcs{1});
  ended.end(2, start + 6s);
  CHECK(ended.take(start + 6s) == Ssrcs{1, 2});
  // Once more, so that nothing of the last moment stays.
  CHECK(ended.take(start + 11s) == Ssrcs{1, 2});
  CHECK(ended.take(start + 11s) == Ssrcs{2});
}

TEST_CASE("an SSRC that is received once more is not freed") {
  const EndedStreams::Time start{};
  EndedStreams ended;
  ended.end(1, start);
  ended.end(2, start);
  ended.begin(1);
  CHECK(ended.take(start) == Ssrcs{2});
  ended.end(2, start + 8s);
  CHECK(ended.take(start + 12s) == Ssrcs{2});
  CHECK(ended.take(start + 18s) == Ssrcs{2});
}
