// Row: a pipeline of elements in a row, driven by hand.
#pragma once

#include <gst/app/gstappsink.h>

#include "unit/media/media_support.hpp"

namespace cosoup::test {

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

inline GstElement* bin(const std::string& description) {
  ensureGStreamer();
  const std::string line = description + " ! identity";  // the parser drops caps at the end
  GstElement* made = gst_parse_bin_from_description(line.c_str(), TRUE, nullptr);
  REQUIRE(made);
  return made;
}

inline GstElement* collector() {
  GstElement* sink = makeElement("appsink");
  g_object_set(sink, "sync", FALSE, nullptr);
  return sink;
}

inline std::vector<Ref<GstSample>> collect(GstElement* sink) {
  std::vector<Ref<GstSample>> samples;
  while (auto* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 20 * GST_SECOND)) {
    samples.push_back(Ref<GstSample>::adopt(sample));
  }
  return samples;
}

}  // namespace cosoup::test
