#include <filesystem>
#include <fstream>

#include "cosoup/media/elements.hpp"
#include "cosoup/media/pipeline_source.hpp"
#include "cosoup/media/stream_finder.hpp"

namespace cosoup {
namespace {

class FileSource : public PipelineSource {
 public:
  FileSource(std::string path, FileSourceOptions options)
      : PipelineSource("file '" + path + "'", options), path_(std::move(path)) {}

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    check();
    GstElement* source = pipeline.add(makeElement("filesrc"));
    g_object_set(source, "location", path_.c_str(), nullptr);
    GstElement* finder = addStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted));
    gst_element_link(source, finder);
  }

  // GStreamer would say it too, but in its own words, and of a directory or an empty file rather
  // dark ones.
  void check() const {
    std::error_code error;
    const auto status = std::filesystem::status(path_, error);
    if (!std::filesystem::exists(status)) refuse(error ? error.message() : "no such file");
    if (std::filesystem::is_directory(status)) refuse("it is a directory");
    if (std::filesystem::is_fifo(status)) return;  // it would wait for its writer
    std::ifstream file(path_, std::ios::binary);
    if (!file) refuse(std::generic_category().message(errno));
    if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path_, error) == 0) {
      refuse("it is empty");
    }
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Error::Code::Media, "open file '" + path_ + "': " + reason);
  }

  const std::string path_;
};

}  // namespace

std::shared_ptr<Source> makeFileSource(std::string path, FileSourceOptions options) {
  return std::make_shared<FileSource>(std::move(path), options);
}

}  // namespace cosoup
