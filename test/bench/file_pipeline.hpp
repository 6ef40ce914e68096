// A file that passes a GStreamer pipeline as fast as it can.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <string>

#include "cosoup/gst/ref.hpp"

namespace cosoup::bench {

class FilePipeline {
 public:
  /// Begins with "filesrc name=file"; ends in appsinks. Throws std::runtime_error.
  FilePipeline(const std::string& description, const std::string& path);
  FilePipeline(const FilePipeline&) = delete;
  FilePipeline& operator=(const FilePipeline&) = delete;
  ~FilePipeline();

  /// What that appsink gives, until the end. Throws std::runtime_error when it gives nothing, or
  /// does not come to its end.
  void readAll(const char* sinkName, const std::function<void(GstSample*)>& take);

 private:
  Ref<GstElement> pipeline_;
};

}  // namespace cosoup::bench
