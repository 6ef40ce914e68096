// How each encoder that we know is made to work in real time. Internal to the media floor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cosoup/media/elements.hpp"
#include "cosoup/media/rtp/encoder.hpp"

namespace cosoup {

struct EncoderRecipe {
  const char* mimeType;
  const char* factory;
  const char* rawCaps;          ///< what it takes, where that is narrower than its pad says
  const char* bitrateProperty;  ///< null: fixed
  unsigned bitrateUnit;         ///< bit/s per unit of the property
  std::vector<Property> properties;
};

/// The best come first among equals.
const std::vector<EncoderRecipe>& encoderRecipes();

/// Null when the element is none of ours.
const EncoderRecipe* recipeOf(std::string_view factory);

/// Whether it opens a device, which may take its time or fail.
bool isHardware(GstElementFactory* factory);

/// The recipes for the type whose elements are installed and not disabled by rank: first those that
/// the user has raised (`GST_PLUGIN_FEATURE_RANK=vp8enc:MAX`), then hardware, then by rank.
std::vector<const EncoderRecipe*> installedRecipes(const std::string& mimeType);

}  // namespace cosoup
