#include "cosoup/media/rtp/encoder_table.hpp"

#include <algorithm>

namespace cosoup {
namespace {

// A key frame comes when it is asked for; the distance is only a last resort.
constexpr const char* keyFrameDistance = "3000";

// libwebrtc's rate control of VP8 and VP9: short buffers, no look-ahead, no hidden frames.
std::vector<Property> vpxProperties(std::vector<Property> own) {
  std::vector<Property> properties = {{"deadline", "1"},
                                      {"lag-in-frames", "0"},
                                      {"end-usage", "cbr"},
                                      {"buffer-size", "1000"},
                                      {"buffer-initial-size", "500"},
                                      {"buffer-optimal-size", "600"},
                                      {"undershoot", "100"},
                                      {"overshoot", "15"},
                                      {"min-quantizer", "2"},
                                      {"max-quantizer", "56"},
                                      {"max-intra-bitrate", "300"},
                                      // Rather fewer frames than more bits than the line takes.
                                      {"dropframe-threshold", "30"},
                                      {"error-resilient", "default"},
                                      {"auto-alt-ref", "false"},
                                      {"keyframe-max-dist", keyFrameDistance}};
  properties.insert(properties.end(), own.begin(), own.end());
  return properties;
}

// The VA encoders of gst-plugins-bad share their properties.
std::vector<Property> vaProperties() {
  return {
      {"rate-control", "cbr"}, {"b-frames", "0"}, {"key-int-max", "1024"}, {"target-usage", "6"}};
}

// Those of nvcodec.
std::vector<Property> nvProperties() {
  return {{"preset", "low-latency-hq"},
          {"rc-mode", "cbr"},
          {"zerolatency", "true"},
          {"bframes", "0"},
          {"gop-size", keyFrameDistance}};
}

// Those of applemedia.
std::vector<Property> appleProperties() {
  return {{"realtime", "true"},
          {"allow-frame-reordering", "false"},
          {"max-keyframe-interval", keyFrameDistance}};
}

std::vector<Property> opusProperties() {
  return {{"audio-type", "generic"}, {"complexity", "5"}, {"packet-loss-percentage", "5"}};
}

constexpr const char* i420 = "video/x-raw, format=(string)I420";
constexpr const char* nv12 = "video/x-raw, format=(string)NV12";

std::vector<EncoderRecipe> vpxRecipes() {
  return {
      {"video/VP8", "vavp8enc", nv12, "bitrate", 1000, vaProperties()},
      {"video/VP8", "vp8enc", i420, "target-bitrate", 1,
       vpxProperties({{"cpu-used", "-6"}, {"token-partitions", "4"}})},
      {"video/VP9", "vavp9enc", nv12, "bitrate", 1000, vaProperties()},
      {"video/VP9", "vp9enc", i420, "target-bitrate", 1,
       vpxProperties({{"cpu-used", "8"}, {"row-mt", "true"}, {"tile-columns", "2"}})},
  };
}

std::vector<EncoderRecipe> h264HardwareRecipes() {
  return {
      {"video/H264", "vah264enc", nv12, "bitrate", 1000, vaProperties()},
      {"video/H264", "vah264lpenc", nv12, "bitrate", 1000, vaProperties()},
      {"video/H264", "nvh264enc", nv12, "bitrate", 1000, nvProperties()},
      {"video/H264",
       "qsvh264enc",
       nv12,
       "bitrate",
       1000,
       {{"low-latency", "true"},
        {"rate-control", "cbr"},
        {"b-frames", "0"},
        {"gop-size", keyFrameDistance}}},
      {"video/H264", "vtenc_h264_hw", nullptr, "bitrate", 1000, appleProperties()},
      {"video/H264",
       "mfh264enc",
       nv12,
       "bitrate",
       1000,
       {{"low-latency", "true"},
        {"rc-mode", "cbr"},
        {"bframes", "0"},
        {"gop-size", keyFrameDistance}}},
      {"video/H264",
       "v4l2h264enc",
       nullptr,
       nullptr,
       1,
       {{"extra-controls", "controls,repeat_sequence_header=1,h264_i_frame_period=3000"}}},
  };
}

std::vector<EncoderRecipe> h264SoftwareRecipes() {
  return {
      {"video/H264",
       "x264enc",
       i420,
       "bitrate",
       1000,
       {{"tune", "zerolatency"},
        {"speed-preset", "veryfast"},
        {"bframes", "0"},
        {"key-int-max", keyFrameDistance},
        {"byte-stream", "true"},
        {"aud", "false"}}},
      {"video/H264",
       "openh264enc",
       i420,
       "bitrate",
       1,
       {{"rate-control", "bitrate"},
        {"enable-frame-skip", "true"},
        {"complexity", "low"},
        {"gop-size", keyFrameDistance},
        {"scene-change-detection", "false"}}},
  };
}

std::vector<EncoderRecipe> h265Recipes() {
  return {
      {"video/H265", "vah265enc", nv12, "bitrate", 1000, vaProperties()},
      {"video/H265", "nvh265enc", nv12, "bitrate", 1000, nvProperties()},
      {"video/H265", "vtenc_h265_hw", nullptr, "bitrate", 1000, appleProperties()},
      {"video/H265",
       "x265enc",
       i420,
       "bitrate",
       1000,
       {{"tune", "zerolatency"},
        {"speed-preset", "ultrafast"},
        {"key-int-max", keyFrameDistance},
        // Else it starts a thread for every core and logs to stderr.
        {"option-string", "pools=4:repeat-headers=1:scenecut=0"}}},
  };
}

std::vector<EncoderRecipe> av1Recipes() {
  return {
      {"video/AV1", "vaav1enc", nv12, "bitrate", 1000, vaProperties()},
      {"video/AV1",
       "nvav1enc",
       nv12,
       "bitrate",
       1000,
       {{"preset", "p3"},
        {"tune", "ultra-low-latency"},
        {"rate-control", "cbr"},
        {"zero-reorder-delay", "true"},
        {"gop-size", keyFrameDistance}}},
      {"video/AV1",
       "svtav1enc",
       i420,
       "target-bitrate",
       1000,
       {{"preset", "11"},
        {"intra-period-length", keyFrameDistance},
        {"parameters-string", "pred-struct=1:rc=2:lookahead=0"}}},
      {"video/AV1",
       "av1enc",
       i420,
       "target-bitrate",
       1000,
       {{"usage-profile", "realtime"},
        {"cpu-used", "9"},
        {"end-usage", "cbr"},
        {"lag-in-frames", "0"},
        {"keyframe-max-dist", keyFrameDistance},
        {"buf-sz", "1000"},
        {"buf-initial-sz", "500"},
        {"buf-optimal-sz", "600"},
        {"min-quantizer", "10"},
        {"max-quantizer", "56"},
        {"threads", "4"},
        {"row-mt", "true"}}},
  };
}

std::vector<EncoderRecipe> audioRecipes() {
  return {
      {"audio/opus", "opusenc", nullptr, "bitrate", 1, opusProperties()},
      {"audio/PCMU", "mulawenc", nullptr, nullptr, 1, {}},
      {"audio/PCMA", "alawenc", nullptr, nullptr, 1, {}},
  };
}

std::vector<EncoderRecipe> makeRecipes() {
  std::vector<EncoderRecipe> all;
  for (const auto& group : {vpxRecipes(), h264HardwareRecipes(), h264SoftwareRecipes(),
                            h265Recipes(), av1Recipes(), audioRecipes()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

struct Candidate {
  const EncoderRecipe* recipe;
  bool wished;  // its rank is higher than any that a plugin gives itself
  bool hardware;
  guint rank;
};

bool isBetter(const Candidate& a, const Candidate& b) {
  if (a.wished != b.wished) return a.wished;
  if (a.hardware != b.hardware) return a.hardware;
  return a.rank > b.rank;
}

}  // namespace

const std::vector<EncoderRecipe>& encoderRecipes() {
  static const std::vector<EncoderRecipe> recipes = makeRecipes();
  return recipes;
}

const EncoderRecipe* recipeOf(std::string_view factory) {
  for (const EncoderRecipe& recipe : encoderRecipes()) {
    if (factory == recipe.factory) return &recipe;
  }
  return nullptr;
}

bool isHardware(GstElementFactory* factory) {
  return gst_element_factory_list_is_type(
      factory, GST_ELEMENT_FACTORY_TYPE_ENCODER | GST_ELEMENT_FACTORY_TYPE_HARDWARE);
}

std::vector<const EncoderRecipe*> installedRecipes(const std::string& mimeType) {
  ensureGStreamer();
  std::vector<Candidate> candidates;
  for (const EncoderRecipe& recipe : encoderRecipes()) {
    if (g_ascii_strcasecmp(recipe.mimeType, mimeType.c_str()) != 0) continue;
    const auto factory = Ref<GstElementFactory>::adopt(gst_element_factory_find(recipe.factory));
    if (!factory) continue;
    const guint rank = gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory.get()));
    // Rank none is how a distribution or a user switches off what does not work there.
    if (rank == GST_RANK_NONE) continue;
    candidates.push_back(
        Candidate{&recipe, rank > 2 * GST_RANK_PRIMARY, isHardware(factory.get()), rank});
  }
  std::stable_sort(candidates.begin(), candidates.end(), &isBetter);
  std::vector<const EncoderRecipe*> recipes;
  for (const Candidate& candidate : candidates) recipes.push_back(candidate.recipe);
  return recipes;
}

}  // namespace cosoup
