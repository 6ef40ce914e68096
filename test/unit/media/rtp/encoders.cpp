// Each encoder that is installed, set up for real time.
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rtp/encoder.hpp"

#include <gst/app/gstappsrc.h>

#include "unit/media/rtp/row.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr int pictureBytes = 160 * 128 * 3 / 2;

/// An encoder that is given one picture after another, by hand.
struct Encoding {
  explicit Encoding(GstElement* encoderBin)
      : source(makeElement("appsrc")),
        encoder(encoderBin),
        sink(collector()),
        row({source, encoder, sink}) {
    const auto caps = capsFrom(
        "video/x-raw, format=(string)I420, width=(int)160, height=(int)128, "
        "framerate=(fraction)30/1");
    g_object_set(source, "format", GST_FORMAT_TIME, "caps", caps.get(), nullptr);
    row.play();
  }

  void push() {
    GstBuffer* buffer = gst_buffer_new_allocate(nullptr, pictureBytes, nullptr);
    gst_buffer_memset(buffer, 0, static_cast<guint8>(pushed * 3), pictureBytes);
    GST_BUFFER_PTS(buffer) = pushed++ * GST_SECOND / 30;
    GST_BUFFER_DURATION(buffer) = GST_SECOND / 30;
    gst_app_src_push_buffer(GST_APP_SRC(source), buffer);
  }

  /// The frame of the last picture; fails when the encoder keeps it for later.
  bool pullIsKeyFrame() {
    auto* pulled = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 20 * GST_SECOND);
    REQUIRE(pulled);
    const auto sample = Ref<GstSample>::adopt(pulled);
    return !GST_BUFFER_FLAG_IS_SET(gst_sample_get_buffer(pulled), GST_BUFFER_FLAG_DELTA_UNIT);
  }

  GstElement* source;
  GstElement* encoder;
  GstElement* sink;
  Row row;
  guint64 pushed = 0;
};

struct Named {
  std::string mimeType;
  std::string factory;
};

std::vector<Named> installedVideoEncoders() {
  std::vector<Named> all;
  for (const char* mimeType : {"video/VP8", "video/VP9", "video/H264", "video/H265", "video/AV1"}) {
    for (const std::string& factory : encodersFor(mimeType)) {
      EncoderSettings settings;
      settings.elementName = factory;
      try {
        const auto works = Ref<GstElement>::sink(makeEncoderBin(mimeType, settings));
        all.push_back(Named{mimeType, factory});
      } catch (const Error&) {
        // hardware that this machine has not
      }
    }
  }
  return all;
}

void setRank(const char* factory, guint rank) {
  const auto found = Ref<GstElementFactory>::adopt(gst_element_factory_find(factory));
  REQUIRE(found);
  gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(found.get()), rank);
}

guint rankOf(const char* factory) {
  const auto found = Ref<GstElementFactory>::adopt(gst_element_factory_find(factory));
  REQUIRE(found);
  return gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(found.get()));
}

std::string propertyOf(const EncoderSettings& settings, const char* name) {
  const auto bin = Ref<GstElement>::sink(makeEncoderBin("audio/opus", settings));
  const auto encoder =
      Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "cosoup-encoder"));
  GValue value = G_VALUE_INIT;
  g_object_get_property(G_OBJECT(encoder.get()), name, &value);
  char* text = gst_value_serialize(&value);
  const std::string result = text;
  g_free(text);
  g_value_unset(&value);
  return result;
}

int channelsOf(bool stereo) {
  EncoderSettings settings;
  settings.stereo = stereo;
  GstElement* sink = collector();
  Row chain({bin("audiotestsrc num-buffers=5 samplesperbuffer=960 ! "
                 "audio/x-raw,rate=44100,channels=2"),
             makeEncoderBin("audio/opus", settings), sink});
  chain.play();
  const auto samples = collect(sink);
  REQUIRE_FALSE(samples.empty());
  int channels = 0;
  gst_structure_get_int(gst_caps_get_structure(gst_sample_get_caps(samples[0].get()), 0),
                        "channels", &channels);
  return channels;
}

}  // namespace

TEST_CASE("every installed encoder gives each frame at once and key frames when asked") {
  const std::vector<Named> encoders = installedVideoEncoders();
  CHECK(encoders.size() >= 3);
  for (const Named& named : encoders) {
    INFO(named.factory);
    EncoderSettings settings;
    settings.elementName = named.factory;
    settings.bitrate = 400000;
    Encoding encoding(makeEncoderBin(named.mimeType, settings));
    for (int i = 0; i < 8; ++i) {
      encoding.push();
      CHECK(encoding.pullIsKeyFrame() == (i == 0));
    }
    sendForceKeyUnit(encoding.encoder);
    bool keyFrame = false;
    for (int i = 0; i < 3; ++i) {
      encoding.push();
      keyFrame = encoding.pullIsKeyFrame() || keyFrame;
    }
    // av1enc of GStreamer 1.22 makes none; but then that version cannot send AV1 anyway.
    if (named.factory != "av1enc") CHECK(keyFrame);
    CHECK(setEncoderBitrate(encoding.encoder, 200000));
  }
}

TEST_CASE("GStreamer's ranks raise an encoder or switch it off") {
  const guint before = rankOf("vp8enc");
  setRank("vp8enc", GST_RANK_NONE);
  const std::vector<std::string> without = encodersFor("video/VP8");
  setRank("vp8enc", G_MAXINT);
  const std::vector<std::string> raised = encodersFor("video/VP8");
  setRank("vp8enc", before);
  CHECK(std::find(without.begin(), without.end(), "vp8enc") == without.end());
  CHECK(raised.at(0) == "vp8enc");
}

TEST_CASE("Opus is mono or stereo, with or without FEC, DTX and constant bitrate") {
  CHECK(channelsOf(true) == 2);
  CHECK(channelsOf(false) == 1);
  EncoderSettings settings;
  CHECK(propertyOf(settings, "inband-fec") == "true");
  CHECK(propertyOf(settings, "dtx") == "false");
  settings.fec = false;
  settings.cbr = true;
  settings.bitrate = 24000;
  CHECK(propertyOf(settings, "inband-fec") == "false");
  CHECK(propertyOf(settings, "bitrate-type") == "cbr");
  CHECK(propertyOf(settings, "bitrate") == "24000");
  settings.dtx = true;
  CHECK(propertyOf(settings, "dtx") == "true");
}
