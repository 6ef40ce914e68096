// FrameParser: from frames as they travel to frames as a container wants them. Internal to the
// media floor.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "cosoup/media/track.hpp"

namespace cosoup {

/// H264, H265 and AV1 travel with their parameter sets in band; containers want them, or the size
/// of the picture, in the caps. Works on the calling thread; use by one thread at a time.
class FrameParser {
 public:
  /// Null for codecs that need none. Throws Error(Media) when the parser is not installed.
  static std::unique_ptr<FrameParser> make(const std::string& mimeType);

  FrameParser(const FrameParser&) = delete;
  FrameParser& operator=(const FrameParser&) = delete;
  ~FrameParser();

  /// What the frame has brought: usually itself; nothing for one that makes no sense.
  std::vector<Frame> parse(const Frame& frame);

 private:
  FrameParser(const char* factory, const char* wantedCaps);

  static GstFlowReturn onBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  void start(const Frame& frame);

  Ref<GstElement> parser_;
  Ref<GstPad> in_;
  Ref<GstPad> out_;
  Ref<GstCaps> inCaps_;
  std::vector<Frame> parsed_;
};

}  // namespace cosoup
