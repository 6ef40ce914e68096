#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/pipeline_source.hpp"

namespace cosoup {
namespace {

class TestSource : public PipelineSource {
 public:
  explicit TestSource(TestSourceOptions options)
      : PipelineSource("test source"), options_(std::move(options)) {}

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams, Ref<GstCaps>) override {
    check();
    if (options_.video) addVideo(pipeline, *streams);
    if (options_.audio) addAudio(pipeline, *streams);
    streams->complete();
  }

  void check() const {
    const bool fine = options_.width > 0 && options_.height > 0 && options_.framerate > 0 &&
                      (options_.channels == 1 || options_.channels == 2);
    if (!fine) {
      throw Error(Error::Code::InvalidArgument,
                  "open test source: size, frame rate or channels out of range");
    }
  }

  void addVideo(Pipeline& pipeline, StreamSet& streams) {
    GstElement* source = pipeline.add(makeElement("videotestsrc"));
    setChoice(source, "pattern", options_.pattern);
    g_object_set(source, "is-live", TRUE, nullptr);
    addStream(pipeline, source, streams.add(MediaKind::video),
              "video/x-raw, format=(string)I420, width=(int)" + std::to_string(options_.width) +
                  ", height=(int)" + std::to_string(options_.height) + ", framerate=(fraction)" +
                  std::to_string(options_.framerate) + "/1");
  }

  void addAudio(Pipeline& pipeline, StreamSet& streams) {
    GstElement* source = pipeline.add(makeElement("audiotestsrc"));
    setChoice(source, "wave", options_.wave);
    g_object_set(source, "is-live", TRUE, "samplesperbuffer", 960, "freq", options_.frequency,
                 "volume", options_.volume, nullptr);
    addStream(pipeline, source, streams.add(MediaKind::audio),
              "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)48000, "
              "channels=(int)" +
                  std::to_string(options_.channels));
  }

  static void addStream(Pipeline& pipeline, GstElement* source,
                        const std::shared_ptr<FrameTap>& tap, const std::string& caps) {
    GstElement* filter = pipeline.add(makeCapsFilter(caps));
    // The live source paces itself; waiting once more would only add latency.
    GstElement* sink = pipeline.add(FrameTap::makeAppSink(tap, false));
    if (!gst_element_link_many(source, filter, sink, nullptr)) {
      throw Error(Error::Code::Media, "open test source: cannot make " + caps);
    }
  }

  static void setChoice(GstElement* element, const char* property, const std::string& value) {
    auto* type =
        G_PARAM_SPEC_ENUM(g_object_class_find_property(G_OBJECT_GET_CLASS(element), property));
    const GEnumValue* known = g_enum_get_value_by_nick(type->enum_class, value.c_str());
    if (!known) {
      throw Error(Error::Code::InvalidArgument,
                  std::string("open test source: unknown ") + property + " '" + value + "'");
    }
    g_object_set(element, property, known->value, nullptr);
  }

  const TestSourceOptions options_;
};

}  // namespace

std::shared_ptr<Source> makeTestSource(TestSourceOptions options) {
  return std::make_shared<TestSource>(std::move(options));
}

}  // namespace cosoup
