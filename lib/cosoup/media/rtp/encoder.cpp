#include "cosoup/media/rtp/encoder.hpp"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"
#include "cosoup/glib/thread.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rtp/bitrate_rule.hpp"
#include "cosoup/media/rtp/encoder_table.hpp"
#include "cosoup/media/rtp/level_marker.hpp"
#include "cosoup/media/rtp/picture_rule.hpp"

namespace cosoup {
namespace {

constexpr const char* encoderChildName = "cosoup-encoder";

std::uint32_t bitrateOf(const EncoderSettings& settings, const std::string& mimeType) {
  if (settings.bitrate > 0) return settings.bitrate;
  return mimeType.starts_with("audio") ? 48000 : 1000000;
}

int opusFrameSize(int ptime) {
  constexpr std::array sizes = {5, 10, 20, 40, 60};
  return std::find(sizes.begin(), sizes.end(), ptime) != sizes.end() ? ptime : 20;
}

// What is played back at so many samples per second cannot have more bandwidth than half of them.
const char* opusBandwidth(std::uint32_t maxPlaybackRate) {
  if (maxPlaybackRate == 0 || maxPlaybackRate > 24000) return "fullband";
  if (maxPlaybackRate > 16000) return "superwideband";
  if (maxPlaybackRate > 12000) return "wideband";
  return maxPlaybackRate > 8000 ? "mediumband" : "narrowband";
}

void applyOpus(GstElement* encoder, const EncoderSettings& settings) {
  setProperty(encoder, "inband-fec", settings.fec ? "true" : "false");
  setProperty(encoder, "dtx", settings.dtx ? "true" : "false");
  // From here on libopus analyses what it encodes; without that it does not notice silence.
  if (settings.dtx) setProperty(encoder, "complexity", "7");
  setProperty(encoder, "bitrate-type", settings.cbr ? "cbr" : "constrained-vbr");
  setProperty(encoder, "bandwidth", opusBandwidth(settings.maxPlaybackRate));
  setProperty(encoder, "frame-size", std::to_string(opusFrameSize(settings.ptime)));
}

// What has been found out of the encoders that open a device.
class Trials {
 public:
  static Trials& get() {
    static Trials trials;
    return trials;
  }
  bool works(GstElement* encoder, bool again) {
    GstElementFactory* factory = gst_element_get_factory(encoder);
    if (!isHardware(factory)) return true;
    const std::lock_guard lock(mutex_);
    const auto [known, isNew] = known_.try_emplace(GST_OBJECT_NAME(factory), false);
    if (isNew || again) known->second = opens(encoder);
    return known->second;
  }

 private:
  static bool opens(GstElement* encoder) {
    const bool opened = gst_element_set_state(encoder, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
    gst_element_set_state(encoder, GST_STATE_NULL);
    return opened;
  }

  std::mutex mutex_;
  std::map<std::string, bool> known_;
};

// Null when this machine cannot run it.
GstElement* makeWorkingEncoder(const EncoderRecipe& recipe, const EncoderSettings& settings,
                               bool again) {
  GstElement* encoder = gst_element_factory_make(recipe.factory, encoderChildName);
  if (!encoder) return nullptr;
  if (!Trials::get().works(encoder, again)) {
    gst_object_unref(gst_object_ref_sink(encoder));
    return nullptr;
  }
  for (const Property& property : recipe.properties) {
    setProperty(encoder, property.name, property.value);
  }
  if (std::string_view(recipe.factory) == "vp8enc" ||
      std::string_view(recipe.factory) == "vp9enc") {
    setProperty(encoder, "threads", std::to_string(std::clamp(g_get_num_processors(), 1u, 4u)));
  }
  if (std::string_view(recipe.factory) == "opusenc") applyOpus(encoder, settings);
  if (recipe.bitrateProperty) applyBitrate(encoder, recipe, bitrateOf(settings, recipe.mimeType));
  return encoder;
}

struct Chosen {
  GstElement* element;
  const EncoderRecipe* recipe;
};

// `again`: those that open a device are tried once more.
Chosen chooseEncoder(const std::string& mimeType, const EncoderSettings& settings,
                     bool again = false) {
  std::vector<const EncoderRecipe*> recipes = installedRecipes(mimeType);
  if (!settings.elementName.empty()) {
    recipes.clear();
    const EncoderRecipe* wanted = recipeOf(settings.elementName);
    if (wanted && g_ascii_strcasecmp(wanted->mimeType, mimeType.c_str()) == 0) {
      recipes.push_back(wanted);
    }
  }
  for (const EncoderRecipe* recipe : recipes) {
    if (GstElement* encoder = makeWorkingEncoder(*recipe, settings, again))
      return {encoder, recipe};
  }
  std::string reason = "encode: no working encoder for " + mimeType;
  if (!settings.elementName.empty()) reason += " named '" + settings.elementName + "'";
  throw Error(Error::Code::Unsupported, reason);
}

// What the encoder has to put out: H264 and VP9 in the profile that every receiver takes.
std::string encodedText(const std::string& mimeType) {
  RtpCodecCapability codec;
  codec.mimeType = mimeType;
  const Ref<GstCaps> caps = encodedCaps(codec);
  return taken(gst_caps_to_string(caps.get()));
}

GstElement* makeVideoBin(const Chosen& chosen, const EncoderSettings& settings) {
  const std::string raw = chosen.recipe->rawCaps ? chosen.recipe->rawCaps : "video/x-raw";
  GstElement* filter = makeCapsFilter(raw);
  GstElement* bin = chainBin(
      gst_bin_new(nullptr), {makeElement("videoconvert"), makeElement("videoscale"), filter,
                             chosen.element, makeCapsFilter(encodedText(chosen.recipe->mimeType))});
  auto rule = std::make_shared<PictureRule>(Ref<GstElement>::share(filter), raw);
  rule->set(settings.scaleResolutionDownBy, settings.maxFramerate);
  PictureRule::install(bin, std::move(rule));
  return bin;
}

GstElement* makeAudioBin(const Chosen& chosen, const EncoderSettings& settings) {
  std::string raw = "audio/x-raw, format=(string)" GST_AUDIO_NE(S16) ", layout=(string)interleaved";
  if (std::string_view(chosen.recipe->mimeType) == "audio/opus") {
    raw += ", rate=(int)48000, channels=(int)";
    raw += settings.stereo ? "[ 1, 2 ]" : "1";
  } else {
    raw += ", rate=(int)8000, channels=(int)1";
  }
  GstElement* filter = makeCapsFilter(raw);
  if (settings.audioLevel) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(filter, "src"));
    LevelMarker::markRaw(pad.get());
  }
  return chainBin(gst_bin_new(nullptr),
                  {makeElement("audioconvert"), makeElement("audioresample"), filter,
                   chosen.element, makeCapsFilter(encodedText(chosen.recipe->mimeType))});
}

}  // namespace

GstElement* makeEncoderBin(const std::string& mimeType, const EncoderSettings& settings) {
  ensureGStreamer();
  const Chosen chosen = chooseEncoder(mimeType, settings);
  const EncoderRecipe& recipe = *chosen.recipe;
  const bool audio = std::string_view(recipe.mimeType).starts_with("audio");
  GstElement* bin = audio ? makeAudioBin(chosen, settings) : makeVideoBin(chosen, settings);
  if (!recipe.bitrateProperty) return bin;
  BitrateRule::install(bin, std::make_shared<BitrateRule>(Ref<GstElement>::share(chosen.element),
                                                          recipe, bitrateOf(settings, mimeType)));
  return bin;
}

Task<> prepareEncoder(std::string mimeType, std::string elementName) {
  std::function<void(GCancellable*)> work = [mimeType, elementName](GCancellable*) {
    EncoderSettings settings;
    settings.elementName = elementName;
    try {
      const Chosen chosen = chooseEncoder(mimeType, settings, true);
      gst_object_unref(gst_object_ref_sink(chosen.element));
    } catch (const Error&) {
      // makeEncoderBin() will say so.
    }
  };
  co_await onThread(std::move(work));
}

bool setEncoderBitrate(GstElement* encoderBin, std::uint32_t bitrate) {
  const auto rule = keptWith<BitrateRule>(encoderBin);
  if (rule) rule->set(bitrate);
  return rule != nullptr;
}

void setEncoderPicture(GstElement* encoderBin, double scaleResolutionDownBy, double maxFramerate) {
  if (const auto rule = keptWith<PictureRule>(encoderBin)) {
    rule->set(scaleResolutionDownBy, maxFramerate);
  }
}

std::string encoderName(GstElement* encoderBin) {
  const auto encoder =
      Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(encoderBin), encoderChildName));
  if (!encoder) return {};
  return GST_OBJECT_NAME(gst_element_get_factory(encoder.get()));
}

std::vector<std::string> encodersFor(const std::string& mimeType) {
  std::vector<std::string> names;
  for (const EncoderRecipe* recipe : installedRecipes(mimeType)) names.push_back(recipe->factory);
  return names;
}

}  // namespace cosoup
