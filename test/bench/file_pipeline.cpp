#include "bench/file_pipeline.hpp"

#include <gst/app/gstappsink.h>

#include <stdexcept>

namespace cosoup::bench {
namespace {

constexpr GstClockTime kPatience = 10 * GST_SECOND;

}  // namespace

FilePipeline::FilePipeline(const std::string& description, const std::string& path) {
  gst_init(nullptr, nullptr);
  GError* error = nullptr;
  GstElement* parsed = gst_parse_launch(description.c_str(), &error);
  if (!parsed || error) throw std::runtime_error(error ? error->message : "no pipeline");
  pipeline_ = Ref<GstElement>::sink(parsed);
  const auto file = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(parsed), "file"));
  g_object_set(file.get(), "location", path.c_str(), nullptr);
  gst_element_set_state(parsed, GST_STATE_PLAYING);
}

FilePipeline::~FilePipeline() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void FilePipeline::readAll(const char* sinkName, const std::function<void(GstSample*)>& take) {
  const auto sink = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), sinkName));
  bool isEmpty = true;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink.get()), kPatience)) {
    const auto held = Ref<GstSample>::adopt(sample);
    take(sample);
    isEmpty = false;
  }
  if (!gst_app_sink_is_eos(GST_APP_SINK(sink.get())) || isEmpty) {
    throw std::runtime_error(std::string("there is no ") + sinkName + " in it");
  }
}

}  // namespace cosoup::bench
