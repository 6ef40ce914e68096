#include "frame_counter.hpp"

#include <gst/gst.h>

using namespace cosoup;

namespace {

std::string formatOf(GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  std::string text = gst_structure_get_name(structure);
  if (const char* format = gst_structure_get_string(structure, "format")) {
    text += std::string(" ") + format;
  }
  int width = 0;
  int height = 0;
  if (gst_structure_get_int(structure, "width", &width) &&
      gst_structure_get_int(structure, "height", &height)) {
    text += " " + std::to_string(width) + "x" + std::to_string(height);
  }
  int rate = 0;
  int channels = 0;
  if (gst_structure_get_int(structure, "rate", &rate)) text += " " + std::to_string(rate) + " Hz";
  if (gst_structure_get_int(structure, "channels", &channels)) {
    text += " " + std::to_string(channels) + " ch";
  }
  return text;
}

}  // namespace

double CountedStream::rate() const {
  if (frames < 2 || last <= first) return 0;
  return static_cast<double>(frames - 1) * 1e9 / static_cast<double>(last - first);
}

FrameCounter::FrameCounter(FrameSinkOptions options) : sink_(makeFrameSink(std::move(options))) {}

Task<> FrameCounter::count() {
  while (auto received = co_await sink_->next()) {
    CountedStream& stream = streams_[received->origin->consumerId];
    const Frame& frame = received->frame;
    if (stream.frames == 0) {
      stream.peerId = received->origin->peerId;
      stream.kind = received->kind;
      stream.first = frame.time;
    }
    if (!(frame.caps == stream.caps)) stream.format = formatOf(frame.caps.get());
    stream.caps = frame.caps;
    ++stream.frames;
    if (!GST_BUFFER_FLAG_IS_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT)) ++stream.keyFrames;
    stream.bytes += gst_buffer_get_size(frame.buffer.get());
    stream.last = frame.time;
  }
}
