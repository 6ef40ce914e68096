#include "cosoup/media/launch_line.hpp"
#include "cosoup/media/pipeline_source.hpp"
#include "cosoup/media/stream_finder.hpp"

namespace cosoup {
namespace {

class LaunchSource : public PipelineSource {
 public:
  explicit LaunchSource(std::string description)
      : PipelineSource("launch line '" + shortenedLaunchLine(description) + "'"),
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
    gst_element_link(bin, addStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted)));
  }

  GstElement* parse() const {
    std::string reason;
    if (GstElement* bin = parseLaunchLine(description_, reason)) return bin;
    // A line that ends in caps reads well, but the parser wants an element behind them.
    std::string ignored;
    if (GstElement* bin = parseLaunchLine(description_ + " ! capsfilter", ignored)) return bin;
    refuse(reason);
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Error::Code::Media,
                "open launch line '" + shortenedLaunchLine(description_) + "': " + reason);
  }

  const std::string description_;
};

}  // namespace

std::shared_ptr<Source> makeLaunchSource(std::string description) {
  return std::make_shared<LaunchSource>(std::move(description));
}

}  // namespace cosoup
