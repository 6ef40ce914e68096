#include "cosoup/media/record/frame_parser.hpp"

#include "cosoup/media/elements.hpp"

namespace cosoup {

std::unique_ptr<FrameParser> FrameParser::make(const std::string& mimeType) {
  std::unique_ptr<FrameParser> parser;
  if (mimeType == "video/H264") {
    parser.reset(new FrameParser("h264parse", "video/x-h264, stream-format=avc, alignment=au"));
  } else if (mimeType == "video/H265") {
    parser.reset(new FrameParser("h265parse", "video/x-h265, stream-format=hvc1, alignment=au"));
  } else if (mimeType == "video/AV1") {
    parser.reset(
        new FrameParser("av1parse", "video/x-av1, stream-format=obu-stream, alignment=tu"));
  }
  return parser;
}

FrameParser::FrameParser(const char* factory, const char* wantedCaps)
    : parser_(Ref<GstElement>::sink(makeElement(factory))) {
  in_ = Ref<GstPad>::sink(gst_pad_new("in", GST_PAD_SRC));
  // The parser asks the pad behind it which form it is to give.
  const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(wantedCaps));
  const auto shape = Ref<GstPadTemplate>::sink(
      gst_pad_template_new("out", GST_PAD_SINK, GST_PAD_ALWAYS, caps.get()));
  out_ = Ref<GstPad>::sink(gst_pad_new_from_template(shape.get(), "out"));
  gst_pad_set_element_private(out_.get(), this);
  gst_pad_set_chain_function(out_.get(), &FrameParser::onBuffer);
  const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(parser_.get(), "sink"));
  const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(parser_.get(), "src"));
  gst_pad_link(in_.get(), sink.get());
  gst_pad_link(source.get(), out_.get());
  gst_pad_set_active(out_.get(), TRUE);
  gst_element_set_state(parser_.get(), GST_STATE_PLAYING);
  gst_pad_set_active(in_.get(), TRUE);
}

FrameParser::~FrameParser() {
  gst_pad_set_active(in_.get(), FALSE);
  gst_element_set_state(parser_.get(), GST_STATE_NULL);
  gst_pad_set_active(out_.get(), FALSE);
}

GstFlowReturn FrameParser::onBuffer(GstPad* pad, GstObject*, GstBuffer* buffer) {
  auto* self = static_cast<FrameParser*>(gst_pad_get_element_private(pad));
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(buffer);
  frame.caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  frame.time = GST_BUFFER_PTS(buffer);
  self->parsed_.push_back(std::move(frame));
  return GST_FLOW_OK;
}

void FrameParser::start(const Frame& frame) {
  const bool first = !inCaps_;
  inCaps_ = frame.caps;
  if (first) gst_pad_push_event(in_.get(), gst_event_new_stream_start("frames"));
  gst_pad_push_event(in_.get(), gst_event_new_caps(inCaps_.get()));
  if (!first) return;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(in_.get(), gst_event_new_segment(&segment));
}

std::vector<Frame> FrameParser::parse(const Frame& frame) {
  if (!inCaps_ || !gst_caps_is_equal(inCaps_.get(), frame.caps.get())) start(frame);
  GstBuffer* copy = gst_buffer_copy(frame.buffer.get());  // shares the memory
  GST_BUFFER_PTS(copy) = frame.time;
  GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
  gst_pad_push(in_.get(), copy);
  std::vector<Frame> parsed = std::exchange(parsed_, {});
  for (Frame& out : parsed) {
    out.rotation = frame.rotation;
    if (!GST_CLOCK_TIME_IS_VALID(out.time)) out.time = frame.time;
  }
  return parsed;
}

}  // namespace cosoup
