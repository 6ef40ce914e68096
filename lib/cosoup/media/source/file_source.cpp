#include <filesystem>
#include <fstream>

#include "cosoup/glib/thread.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

namespace cosoup {
namespace {

class FileSource : public PipelineSource {
 public:
  FileSource(std::string path, FileSourceOptions options)
      : PipelineSource("file '" + path + "'", options), path_(std::move(path)) {}

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    GstElement* source = pipeline.add(makeElement("filesrc"));
    g_object_set(source, "location", path_.c_str(), nullptr);
    GstElement* finder = addStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted));
    gst_element_link(source, finder);
  }

  Task<> prepare() override {
    const auto self = shared_from_this();
    const auto reason = std::make_shared<std::string>();
    std::function<void(GCancellable*)> work = [path = path_, reason](GCancellable*) {
      *reason = faultOf(path);
    };
    co_await onThread(std::move(work));
    if (!reason->empty()) {
      throw Error(Error::Code::Media, "open file '" + path_ + "': " + *reason);
    }
  }

  // GStreamer would say it too, but in its own words, and of a directory or an empty file rather
  // dark ones.
  static std::string faultOf(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) return error ? error.message() : "no such file";
    if (std::filesystem::is_directory(status)) return "it is a directory";
    if (std::filesystem::is_fifo(status)) return "";  // it would wait for its writer
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::generic_category().message(errno);
    const bool isEmpty =
        std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) == 0;
    return isEmpty ? "it is empty" : "";
  }

  const std::string path_;
};

}  // namespace

std::shared_ptr<Source> makeFileSource(std::string path, FileSourceOptions options) {
  return std::make_shared<FileSource>(std::move(path), options);
}

}  // namespace cosoup
