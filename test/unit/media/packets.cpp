// Encoders, payloaders and depayloaders.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/rtp/rtp.h>

#include <random>

#include "cosoup/core/error.hpp"
#include "cosoup/media/encoder.hpp"
#include "cosoup/media/payloader.hpp"
#include "unit/media/media_support.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A pipeline of elements in a row, driven by hand.
class Row {
 public:
  explicit Row(std::initializer_list<GstElement*> elements)
      : pipeline_(Ref<GstElement>::sink(gst_pipeline_new("row"))) {
    GstElement* previous = nullptr;
    for (GstElement* element : elements) {
      gst_bin_add(GST_BIN(pipeline_.get()), element);
      if (previous) REQUIRE(gst_element_link(previous, element));
      previous = element;
    }
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

  GstElement* pipeline() const { return pipeline_.get(); }
  void play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }
  /// The type of the first message that ends the run.
  GstMessageType wait() {
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        bus.get(), 20 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    return message ? GST_MESSAGE_TYPE(message.get()) : GST_MESSAGE_UNKNOWN;
  }

 private:
  Ref<GstElement> pipeline_;
};

GstElement* bin(const std::string& description) {
  ensureGStreamer();
  const std::string line = description + " ! identity";  // the parser drops caps at the end
  GstElement* made = gst_parse_bin_from_description(line.c_str(), TRUE, nullptr);
  REQUIRE(made);
  return made;
}

GstElement* collector() {
  GstElement* sink = makeElement("appsink");
  g_object_set(sink, "sync", FALSE, nullptr);
  return sink;
}

std::vector<Ref<GstSample>> collect(GstElement* sink) {
  std::vector<Ref<GstSample>> samples;
  while (auto* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 20 * GST_SECOND)) {
    samples.push_back(Ref<GstSample>::adopt(sample));
  }
  return samples;
}

RtpCodecParameters codec(const std::string& mimeType, std::uint8_t payloadType) {
  RtpCodecParameters result;
  result.mimeType = mimeType;
  result.payloadType = payloadType;
  return result;
}

struct Codec {
  const char* mimeType;
  std::uint8_t payloadType;
  const char* source;
  const char* decoder;
  std::size_t frames;
};

constexpr const char* picture =
    "videotestsrc num-buffers=10 pattern=ball ! video/x-raw,width=321,height=241,framerate=30/1";
constexpr const char* tone =
    "audiotestsrc num-buffers=10 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1";

}  // namespace

TEST_CASE("encoder, payloader and depayloader of each codec give frames that decode") {
  const Codec row = GENERATE(
      Codec{"video/VP8", 96, picture, "vp8dec", 10}, Codec{"video/VP9", 98, picture, "vp9dec", 10},
      Codec{"video/H264", 102, picture, "avdec_h264", 9},
      Codec{"audio/opus", 111, tone, "opusdec", 9}, Codec{"audio/PCMU", 0, tone, "mulawdec", 9},
      Codec{"audio/PCMA", 8, tone, "alawdec", 9});
  INFO(row.mimeType);
  GstElement* sink = collector();
  Row chain({bin(row.source), makeEncoderBin(row.mimeType, EncoderSettings()),
             makePayloader(codec(row.mimeType, row.payloadType), 4711),
             makeDepayloader(row.mimeType), makeElement(row.decoder), sink});
  chain.play();
  const auto samples = collect(sink);
  CHECK(samples.size() >= row.frames);
  CHECK(chain.wait() == GST_MESSAGE_EOS);
}

TEST_CASE("what the depayloader gives is bit by bit what the payloader took") {
  const Codec row =
      GENERATE(Codec{"video/VP8", 96, picture, "", 10}, Codec{"video/VP9", 98, picture, "", 10},
               Codec{"audio/opus", 111, tone, "", 10});
  INFO(row.mimeType);
  GstElement* tee = makeElement("identity");
  std::vector<FrameNote> put;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(tee, "src"));
  gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
        static_cast<std::vector<FrameNote>*>(data)->push_back(
            noteOf(buffer, GST_BUFFER_PTS(buffer)));
        return GST_PAD_PROBE_OK;
      },
      &put, nullptr);
  GstElement* sink = collector();
  Row chain({bin(row.source), makeEncoderBin(row.mimeType, EncoderSettings()), tee,
             makePayloader(codec(row.mimeType, row.payloadType), 4711),
             makeDepayloader(row.mimeType), sink});
  chain.play();
  const auto samples = collect(sink);
  REQUIRE(samples.size() == put.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const FrameNote got = noteOf(gst_sample_get_buffer(samples[i].get()), 0);
    CHECK(got.data == put[i].data);
    CHECK(got.keyFrame == put[i].keyFrame);
  }
}

TEST_CASE("packets carry payload type, SSRC, header extensions and at most 1200 bytes") {
  GstElement* sink = collector();
  GstElement* payloader = makePayloader(codec("video/VP8", 96), 0xcafe);
  addHeaderExtension(payloader, midExtensionUri, 1, "seven");
  addHeaderExtension(payloader, absSendTimeExtensionUri, 4);
  addHeaderExtension(payloader, transportCcExtensionUri, 5);
  EncoderSettings settings;
  settings.bitrate = 3000000;
  Row chain({bin("videotestsrc num-buffers=5 pattern=snow ! "
                 "video/x-raw,width=640,height=480,framerate=30/1"),
             makeEncoderBin("video/VP8", settings), payloader, sink});
  chain.play();
  const auto samples = collect(sink);
  REQUIRE(samples.size() > 10);
  for (const auto& sample : samples) {
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    CHECK(gst_buffer_get_size(buffer) <= 1200);
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    REQUIRE(gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp));
    CHECK(gst_rtp_buffer_get_payload_type(&rtp) == 96);
    CHECK(gst_rtp_buffer_get_ssrc(&rtp) == 0xcafe);
    gpointer data = nullptr;
    guint size = 0;
    REQUIRE(gst_rtp_buffer_get_extension_onebyte_header(&rtp, 1, 0, &data, &size));
    CHECK(std::string(static_cast<char*>(data), size) == "seven");
    REQUIRE(gst_rtp_buffer_get_extension_onebyte_header(&rtp, 4, 0, &data, &size));
    REQUIRE(size == 3);
    // 6.18 fixed point seconds, a moment ago.
    const double sent = GST_READ_UINT24_BE(data) / 262144.0;
    const double now = std::fmod(static_cast<double>(g_get_monotonic_time()) / 1e6, 64);
    CHECK(std::fmod(now - sent + 64, 64) < 10);
    CHECK(gst_rtp_buffer_get_extension_onebyte_header(&rtp, 5, 0, &data, &size));
    CHECK(size == 2);
    gst_rtp_buffer_unmap(&rtp);
  }
}

TEST_CASE("an unknown codec or extension is refused as unsupported") {
  const auto code = [](auto attempt) {
    try {
      attempt();
    } catch (const Error& error) {
      return error.code();
    }
    return Error::Code::InvalidState;
  };
  CHECK(code([] { makePayloader(codec("video/FOO", 99), 1); }) == Error::Code::Unsupported);
  CHECK(code([] { makeDepayloader("audio/FOO"); }) == Error::Code::Unsupported);
  CHECK(code([] { makeEncoderBin("video/FOO", EncoderSettings()); }) == Error::Code::Unsupported);
  EncoderSettings wrong;
  wrong.elementName = "opusenc";
  CHECK(code([&] { makeEncoderBin("video/VP8", wrong); }) == Error::Code::Unsupported);
  const auto payloader = Ref<GstElement>::sink(makePayloader(codec("audio/opus", 111), 1));
  CHECK(code([&] { addHeaderExtension(payloader.get(), "urn:nonsense", 9); }) ==
        Error::Code::Unsupported);
}

TEST_CASE("an encoder bin scales down, drops frames and makes sizes even") {
  EncoderSettings settings;
  settings.scaleResolutionDownBy = 2;
  settings.maxFramerate = 10;
  GstElement* sink = collector();
  Row chain({bin("videotestsrc num-buffers=30 ! video/x-raw,width=323,height=242,framerate=30/1"),
             makeEncoderBin("video/VP8", settings), sink});
  chain.play();
  const auto samples = collect(sink);
  CHECK(samples.size() >= 9);
  CHECK(samples.size() <= 11);
  const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(samples[0].get()), 0);
  int width = 0;
  int height = 0;
  gst_structure_get_int(caps, "width", &width);
  gst_structure_get_int(caps, "height", &height);
  CHECK(width == 162);
  CHECK(height == 120);
}

TEST_CASE("the bitrate of a running encoder can be changed") {
  const auto bin = Ref<GstElement>::sink(makeEncoderBin("video/VP8", EncoderSettings()));
  CHECK(encoderName(bin.get()) == "vp8enc");
  CHECK(encodersFor("video/VP8").front() == "vp8enc");
  const auto encoder =
      Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "cosoup-encoder"));
  int bitrate = 0;
  g_object_get(encoder.get(), "target-bitrate", &bitrate, nullptr);
  CHECK(bitrate == 1000000);
  CHECK(setEncoderBitrate(bin.get(), 250000));
  g_object_get(encoder.get(), "target-bitrate", &bitrate, nullptr);
  CHECK(bitrate == 250000);
  const auto fixed = Ref<GstElement>::sink(makeEncoderBin("audio/PCMU", EncoderSettings()));
  CHECK_FALSE(setEncoderBitrate(fixed.get(), 1000));
}

TEST_CASE("an encoder aims at its bitrate and makes one key frame at the start") {
  const std::string mimeType = GENERATE("video/VP8", "video/VP9", "video/H264");
  INFO(mimeType);
  EncoderSettings settings;
  settings.bitrate = 300000;
  GstElement* sink = collector();
  Row chain({bin("videotestsrc num-buffers=90 pattern=snow ! "
                 "video/x-raw,width=160,height=120,framerate=30/1"),
             makeEncoderBin(mimeType, settings), sink});
  chain.play();
  const auto samples = collect(sink);
  std::size_t bytes = 0;
  int keyFrames = 0;
  for (const auto& sample : samples) {
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    bytes += gst_buffer_get_size(buffer);
    if (!GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)) ++keyFrames;
  }
  CHECK(keyFrames == 1);
  const double bitrate = static_cast<double>(bytes) * 8 / 3;
  CHECK(bitrate > 150000);
  CHECK(bitrate < 500000);  // snow is hard: frames are dropped rather than the line flooded
}

namespace {

GstFlowReturn pushed(GstElement* source, GstBuffer* buffer) {
  GstFlowReturn flow = GST_FLOW_OK;
  g_signal_emit_by_name(source, "push-buffer", buffer, &flow);
  gst_buffer_unref(buffer);
  return flow;
}

GstBuffer* garbage(std::mt19937& random, std::uint8_t payloadType, std::uint16_t sequence) {
  const std::size_t size = random() % 200;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_WRITE);
  for (std::size_t i = 0; i < size; ++i) map.data[i] = static_cast<guint8>(random());
  if (size >= 12 && random() % 4 != 0) {  // most have a sound header
    map.data[0] = 0x80;
    map.data[1] = static_cast<guint8>(payloadType | (random() % 2 << 7));
    GST_WRITE_UINT16_BE(map.data + 2, sequence);
  }
  gst_buffer_unmap(buffer, &map);
  return buffer;
}

}  // namespace

TEST_CASE("a depayloader takes garbage without an error, and good packets after it") {
  struct Case {
    const char* mimeType;
    const char* name;
    int clockRate;
    int payloadType;
  };
  const Case row =
      GENERATE(Case{"video/VP8", "VP8", 90000, 96}, Case{"video/VP9", "VP9", 90000, 98},
               Case{"video/H264", "H264", 90000, 102}, Case{"audio/opus", "OPUS", 48000, 111},
               Case{"audio/PCMU", "PCMU", 8000, 0});
  INFO(row.mimeType);
  GstElement* source = makeElement("appsrc");
  const std::string media = std::string(row.mimeType).substr(0, 5);
  const auto caps = capsFrom("application/x-rtp,media=" + media + ",encoding-name=" + row.name +
                             ",clock-rate=" + std::to_string(row.clockRate) +
                             ",payload=" + std::to_string(row.payloadType));
  g_object_set(source, "caps", caps.get(), "format", GST_FORMAT_TIME, "max-bytes", guint64{0},
               nullptr);
  GstElement* sink = collector();
  g_object_set(sink, "drop", TRUE, "max-buffers", 1u, "wait-on-eos", FALSE, nullptr);
  Row chain({source, makeDepayloader(row.mimeType), sink});
  chain.play();
  std::mt19937 random(42);
  for (std::uint16_t i = 0; i < 2000; ++i) {
    REQUIRE(pushed(source, garbage(random, static_cast<std::uint8_t>(row.payloadType), i)) ==
            GST_FLOW_OK);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(source));
  CHECK(chain.wait() == GST_MESSAGE_EOS);
}

TEST_CASE("a depayloader accepts packets even when what is behind it fails or is missing") {
  const bool linked = GENERATE(true, false);
  const auto pipeline = Ref<GstElement>::sink(gst_pipeline_new("pipeline"));
  GstElement* packets = gst_parse_bin_from_description(
      "audiotestsrc num-buffers=50 samplesperbuffer=960 ! opusenc ! rtpopuspay", TRUE, nullptr);
  GstElement* depayloader = makeDepayloader("audio/opus");
  gst_bin_add_many(GST_BIN(pipeline.get()), packets, depayloader, nullptr);
  gst_element_link(packets, depayloader);
  if (linked) {
    GstElement* failing = makeElement("identity");
    GstElement* sink = makeElement("fakesink");
    g_object_set(sink, "async", FALSE, nullptr);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(failing, "sink"));
    gst_pad_set_chain_function(pad.get(), [](GstPad*, GstObject*, GstBuffer* buffer) {
      gst_buffer_unref(buffer);
      return GST_FLOW_ERROR;
    });
    gst_bin_add_many(GST_BIN(pipeline.get()), failing, sink, nullptr);
    gst_element_link_many(depayloader, failing, sink, nullptr);
  }
  int packetCount = 0;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(packets, "src"));
  gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo*, gpointer count) {
        ++*static_cast<int*>(count);
        return GST_PAD_PROBE_OK;
      },
      &packetCount, nullptr);
  std::atomic<bool> ended = false;
  gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS) {
          *static_cast<std::atomic<bool>*>(data) = true;
        }
        return GST_PAD_PROBE_OK;
      },
      &ended, nullptr);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  runTest(eventually([&] { return ended.load(); }, "the last packet"));
  CHECK(packetCount >= 50);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  CHECK_FALSE(Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
