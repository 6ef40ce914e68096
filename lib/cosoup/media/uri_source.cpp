#include "cosoup/media/elements.hpp"
#include "cosoup/media/pipeline_source.hpp"
#include "cosoup/media/stream_finder.hpp"

namespace cosoup {
namespace {

// Before the source connects.
void onSourceSetup(GstElement*, GstElement* source, gpointer latency) {
  if (!hasProperty(source, "latency")) return;
  setProperty(source, "latency", std::to_string(GPOINTER_TO_INT(latency)));
}

class UriSource : public PipelineSource {
 public:
  UriSource(std::string uri, const UriSourceOptions& options)
      : PipelineSource("uri '" + uri + "'", options),
        uri_(std::move(uri)),
        latency_(static_cast<int>(options.latency.count())) {}

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    check();
    GstElement* finder =
        addUriStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted));
    g_object_set(finder, "uri", uri_.c_str(), nullptr);
    g_signal_connect(finder, "source-setup", G_CALLBACK(&onSourceSetup), GINT_TO_POINTER(latency_));
  }

  void check() const {
    const std::string operation = "open " + title() + ": ";
    if (!gst_uri_is_valid(uri_.c_str())) {
      throw Error(Error::Code::InvalidArgument, operation + "it is no URI");
    }
    char* protocol = gst_uri_get_protocol(uri_.c_str());
    const std::string name = protocol;
    g_free(protocol);
    if (!gst_uri_protocol_is_supported(GST_URI_SRC, name.c_str())) {
      throw Error(Error::Code::Unsupported,
                  operation + "no installed GStreamer element reads '" + name + ":'");
    }
  }

  const std::string uri_;
  const int latency_;
};

}  // namespace

std::shared_ptr<Source> makeUriSource(std::string uri, UriSourceOptions options) {
  return std::make_shared<UriSource>(std::move(uri), options);
}

}  // namespace cosoup
