#include "cosoup/media/rtp/bitrate_rule.hpp"

#include <algorithm>

#include "cosoup/media/elements.hpp"
#include "cosoup/media/rtp/encoder_table.hpp"

namespace cosoup {
namespace {

// Some encoders begin their rate control afresh with each change.
constexpr std::uint64_t kLeastChange = 3;  // percent

}  // namespace

void applyBitrate(GstElement* encoder, const EncoderRecipe& recipe, std::uint32_t bitrate) {
  const std::uint32_t value = std::max(1u, bitrate / recipe.bitrateUnit);
  setProperty(encoder, recipe.bitrateProperty, std::to_string(value));
}

void BitrateRule::install(GstElement* bin, std::shared_ptr<BitrateRule> rule) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, &BitrateRule::onFrame, rule.get(),
                    nullptr);
  keepWith(bin, std::move(rule));
}

GstPadProbeReturn BitrateRule::onFrame(GstPad*, GstPadProbeInfo*, gpointer self) {
  auto* rule = static_cast<BitrateRule*>(self);
  const std::uint64_t wanted = rule->wanted_;
  const std::uint64_t applied = rule->applied_;
  const std::uint64_t change = wanted > applied ? wanted - applied : applied - wanted;
  if (change * 100 < applied * kLeastChange) return GST_PAD_PROBE_OK;
  rule->applied_ = static_cast<std::uint32_t>(wanted);
  applyBitrate(rule->encoder_.get(), rule->recipe_, rule->applied_);
  return GST_PAD_PROBE_OK;
}

}  // namespace cosoup
