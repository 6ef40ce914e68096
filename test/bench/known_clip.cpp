// usage: known-clip MJPEG MATROSKA
// Writes the pictures of known_picture.hpp as a browser takes them for its camera's, JPEGs one
// after the other, and into a file that cosoup plays: the same JPEGs, and noise for sound, not
// encoded.
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include "bench/known_picture.hpp"
#include "cosoup/gst/ref.hpp"

using namespace cosoup;
using namespace cosoup::bench;

namespace {

constexpr GstClockTime kPatience = 120 * GST_SECOND;
constexpr GstClockTime kDuration = GST_SECOND / KnownPicture::kPerSecond;

constexpr const char* kPipeline =
    "appsrc name=pictures format=time block=true "
    "caps=\"video/x-raw, format=(string)I420, width=640, height=480, framerate=30/1\" "
    "! jpegenc quality=90 ! tee name=coded "
    "coded. ! queue ! filesink name=mjpeg "
    "coded. ! queue ! mux. "
    "audiotestsrc wave=pink-noise volume=0.1 samplesperbuffer=960 num-buffers=500 "
    "! audio/x-raw, format=S16LE, rate=48000, channels=2 ! queue ! mux. "
    "matroskamux name=mux ! filesink name=matroska";

Ref<GstElement> child(const Ref<GstElement>& pipeline, const char* name) {
  return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
}

void setLocation(const Ref<GstElement>& pipeline, const char* name, const char* path) {
  g_object_set(child(pipeline, name).get(), "location", path, nullptr);
}

Ref<GstBuffer> bufferOf(int number) {
  const auto luma = std::make_unique<KnownLuma>();
  drawKnownPicture(number, *luma);
  auto buffer =
      Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, luma->size() * 3 / 2, nullptr));
  gst_buffer_memset(buffer.get(), 0, 128, gst_buffer_get_size(buffer.get()));
  gst_buffer_fill(buffer.get(), 0, luma->data(), luma->size());
  GST_BUFFER_PTS(buffer.get()) =
      gst_util_uint64_scale(static_cast<guint64>(number), GST_SECOND, KnownPicture::kPerSecond);
  GST_BUFFER_DURATION(buffer.get()) = kDuration;
  return buffer;
}

void push(const Ref<GstElement>& pipeline) {
  const auto pictures = child(pipeline, "pictures");
  auto* source = GST_APP_SRC(pictures.get());
  for (int number = 0; number < KnownPicture::kCount; ++number) {
    gst_app_src_push_buffer(source, gst_buffer_ref(bufferOf(number).get()));
  }
  gst_app_src_end_of_stream(source);
}

void write(const char* mjpeg, const char* matroska) {
  GError* error = nullptr;
  GstElement* parsed = gst_parse_launch(kPipeline, &error);
  if (!parsed || error) throw std::runtime_error(error ? error->message : "no pipeline");
  const auto pipeline = Ref<GstElement>::sink(parsed);
  setLocation(pipeline, "mjpeg", mjpeg);
  setLocation(pipeline, "matroska", matroska);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  push(pipeline);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  GstMessage* message = gst_bus_timed_pop_filtered(bus.get(), kPatience, wanted);
  const bool isWhole = message && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (message) gst_message_unref(message);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (!isWhole) throw std::runtime_error("the clip could not be written");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: known-clip MJPEG MATROSKA\n");
    return 2;
  }
  gst_init(nullptr, nullptr);
  try {
    write(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "known-clip: %s\n", error.what());
    return 1;
  }
  return 0;
}
