// The parameter sets in the caps of H.264, out of a file or from a camera.
#include "cosoup/media/source/h264_order.hpp"

#include "cosoup/gst/ref.hpp"
#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {
      "\x01\x64\x00\x1f\xff\xe1\x00\x0b\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x01\x00\x04\x68\xeb\xe3\xcb"s,
      "\x01\x42\xe0\x1f\xff\xe1\x00\x04\x67\x42\xe0\x1f\x00"s};
}

void fuzz::read(std::string_view input) {
  ensureGStreamer();
  GstBuffer* data = gst_buffer_new_memdup(input.data(), input.size());
  const auto caps =
      Ref<GstCaps>::adopt(gst_caps_new_simple("video/x-h264", "stream-format", G_TYPE_STRING, "avc",
                                              "codec_data", GST_TYPE_BUFFER, data, nullptr));
  gst_buffer_unref(data);
  static_cast<void>(saysOrder(caps.get()));
  static_cast<void>(mayReorder(caps.get()));
}

}  // namespace cosoup
