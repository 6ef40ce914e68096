#include "cosoup/media/elements.hpp"
#include "cosoup/media/pipeline_source.hpp"
#include "cosoup/media/stream_finder.hpp"

namespace cosoup {
namespace {

std::string shortened(const std::string& description) {
  constexpr std::size_t limit = 80;
  return description.size() <= limit ? description : description.substr(0, limit) + "…";
}

class LaunchSource : public PipelineSource {
 public:
  explicit LaunchSource(std::string description)
      : PipelineSource("launch line '" + shortened(description) + "'"),
        description_(std::move(description)) {}

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    GstElement* bin = pipeline.add(parse());
    const auto pad = Ref<GstPad>::adopt(gst_bin_find_unlinked_pad(GST_BIN(bin), GST_PAD_SRC));
    if (!pad) {
      refuse("it has no unlinked source pad (pads that appear only while it runs do not count)");
    }
    gst_element_add_pad(bin, gst_ghost_pad_new("src", pad.get()));
    const auto second = Ref<GstPad>::adopt(gst_bin_find_unlinked_pad(GST_BIN(bin), GST_PAD_SRC));
    if (second) refuse("it has more than one unlinked source pad");
    const auto open = Ref<GstPad>::adopt(gst_bin_find_unlinked_pad(GST_BIN(bin), GST_PAD_SINK));
    if (open) refuse("it has an unlinked sink pad");
    gst_element_link(bin, addStreamFinder(pipeline, std::move(streams), std::move(accepted)));
  }

  GstElement* parse() const {
    ensureGStreamer();
    std::string reason;
    if (GstElement* bin = parse(description_, reason)) return bin;
    // A line that ends in caps reads well, but the parser wants an element behind them.
    std::string ignored;
    if (GstElement* bin = parse(description_ + " ! capsfilter", ignored)) return bin;
    refuse(reason);
  }

  static GstElement* parse(const std::string& description, std::string& reason) {
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

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Error::Code::Media,
                "open launch line '" + shortened(description_) + "': " + reason);
  }

  const std::string description_;
};

}  // namespace

std::shared_ptr<Source> makeLaunchSource(std::string description) {
  return std::make_shared<LaunchSource>(std::move(description));
}

}  // namespace cosoup
