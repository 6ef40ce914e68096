#include <utility>

#include "cosoup/glib/thread.hpp"
#include "cosoup/media/launch_line.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

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
    GstElement* bin = pipeline.add(std::exchange(bin_, nullptr).get());
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

  // Elements may look for files, plugins and devices as soon as they are made.
  Task<> prepare() override {
    const auto self = shared_from_this();
    const auto parsed = std::make_shared<Parsed>();
    std::function<void(GCancellable*)> work = [description = description_, parsed](GCancellable*) {
      parsed->bin = parse(description, parsed->reason);
    };
    co_await onThread(std::move(work));
    if (!parsed->bin) refuse(parsed->reason);
    bin_ = std::move(parsed->bin);
  }

  struct Parsed {
    Ref<GstElement> bin;
    std::string reason;
  };

  static Ref<GstElement> parse(const std::string& description, std::string& reason) {
    GstElement* bin = parseLaunchLine(description, reason);
    // A line that ends in caps reads well, but the parser wants an element behind them.
    std::string ignored;
    if (!bin) bin = parseLaunchLine(description + " ! capsfilter", ignored);
    return bin ? Ref<GstElement>::sink(bin) : Ref<GstElement>();
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Error::Code::Media,
                "open launch line '" + shortenedLaunchLine(description_) + "': " + reason);
  }

  const std::string description_;
  Ref<GstElement> bin_;  // between prepare() and build()
};

}  // namespace

std::shared_ptr<Source> makeLaunchSource(std::string description) {
  return std::make_shared<LaunchSource>(std::move(description));
}

}  // namespace cosoup
