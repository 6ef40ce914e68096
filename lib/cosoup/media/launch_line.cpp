#include "cosoup/media/launch_line.hpp"

#include "cosoup/gst/ref.hpp"

namespace cosoup {

GstElement* parseLaunchLine(const std::string& description, std::string& reason) {
  ensureGStreamer();
  GError* error = nullptr;
  const auto flags =
      static_cast<GstParseFlags>(GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_PLACE_IN_BIN);
  GstElement* bin =
      gst_parse_bin_from_description_full(description.c_str(), FALSE, nullptr, flags, &error);
  if (!error) return bin;
  reason = error->message;
  g_error_free(error);
  if (bin) gst_object_unref(gst_object_ref_sink(bin));
  return nullptr;
}

std::string shortenedLaunchLine(const std::string& description) {
  constexpr std::size_t limit = 80;
  return description.size() <= limit ? description : description.substr(0, limit) + "…";
}

}  // namespace cosoup
