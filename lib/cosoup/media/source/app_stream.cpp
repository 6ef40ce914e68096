#include "cosoup/media/source/app_stream.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include <algorithm>

#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/source/stream_finder.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(Error::Code::InvalidArgument, reason);
}

bool isRawComplete(const GstCaps* caps) {
  if (mediaKindOf(caps) == MediaKind::video) {
    GstVideoInfo info;
    return gst_video_info_from_caps(&info, caps);
  }
  GstAudioInfo info;
  return gst_audio_info_from_caps(&info, caps);
}

Ref<GstCaps> parseCaps(const std::string& text) {
  ensureGStreamer();
  const std::string operation = "app source: '" + text + "': ";
  auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(text.c_str()));
  if (!caps) refuse(operation + "these are no caps");
  if (!mediaKindOf(caps.get())) refuse(operation + "neither audio nor video");
  if (!gst_caps_is_fixed(caps.get()) || (isRaw(caps.get()) && !isRawComplete(caps.get()))) {
    refuse(operation + "these caps leave something open");
  }
  return caps;
}

// An element that maps a raw buffer believes its caps.
void checkSize(GstBuffer* buffer, const GstCaps* caps) {
  const gsize size = gst_buffer_get_size(buffer);
  if (mediaKindOf(caps) == MediaKind::audio) {
    GstAudioInfo info;
    if (gst_audio_info_from_caps(&info, caps) && size % GST_AUDIO_INFO_BPF(&info) == 0) return;
    refuse("push: " + std::to_string(size) + " bytes are no whole number of samples");
  }
  GstVideoInfo info;
  if (gst_buffer_get_video_meta(buffer)) return;  // says itself how it is laid out
  if (gst_video_info_from_caps(&info, caps) && size >= GST_VIDEO_INFO_SIZE(&info)) return;
  refuse("push: " + std::to_string(size) + " bytes are less than a picture of these caps");
}

}  // namespace

AppStream::AppStream(const std::string& caps, bool live, std::size_t maxQueued)
    : caps_(parseCaps(caps)), live_(live), maxQueued_(std::max<std::size_t>(1, maxQueued)) {}

bool AppStream::goesOutAs(const Ref<GstCaps>& accepted) const {
  if (isRaw(caps_.get())) return true;
  if (!accepted || lacksProfile(caps_.get())) return false;
  if (!gst_caps_can_intersect(caps_.get(), withoutRotation(accepted).get())) return false;
  const GstStructure* structure = gst_caps_get_structure(caps_.get(), 0);
  const bool hasForms = gst_structure_has_name(structure, "video/x-h264") ||
                        gst_structure_has_name(structure, "video/x-h265") ||
                        gst_structure_has_name(structure, "video/x-av1");
  return !hasForms || (gst_structure_has_field(structure, "stream-format") &&
                       gst_structure_has_field(structure, "alignment"));
}

void AppStream::tell(GstPad* pad, Events events) const {
  addProbe(pad, GST_PAD_PROBE_TYPE_BUFFER, [taken = events.taken](GstPad*, GstPadProbeInfo*) {
    taken();
    return GST_PAD_PROBE_OK;
  });
  if (isRaw(caps_.get())) return;
  const auto onUpstream = [wanted = events.keyFrameWanted](GstPad*, GstPadProbeInfo* info) {
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) return GST_PAD_PROBE_OK;
    wanted();
    return GST_PAD_PROBE_DROP;
  };
  addProbe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream);
}

void AppStream::addTo(Pipeline& pipeline, const std::shared_ptr<StreamSet>& streams,
                      Ref<GstCaps> accepted, Events events) {
  source_ = Ref<GstElement>::share(pipeline.add(makeElement("appsrc")));
  g_object_set(source_.get(), "format", GST_FORMAT_TIME, "is-live", static_cast<gboolean>(live_),
               "caps", caps_.get(), "max-bytes", guint64{0}, "max-time", guint64{0}, "max-buffers",
               guint64{maxQueued_}, nullptr);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
  tell(pad.get(), std::move(events));
  tagRotations(pad.get());
  streams->expectFinder();
  GstElement* next = nullptr;
  if (goesOutAs(accepted)) {
    const auto tap = streams->add(*mediaKindOf(caps_.get()));
    next = pipeline.add(FrameTap::makeAppSink(tap, !live_));
    g_object_set(next, "async", FALSE, nullptr);  // nothing is waited for, its caps are known
    tap->presume(caps_);
    streams->complete();
  } else {
    next = addStreamFinder(pipeline.bin(), streams, std::move(accepted), !live_);
  }
  gst_element_link(source_.get(), next);
}

bool AppStream::hasRoom() const {
  return gst_app_src_get_current_level_buffers(GST_APP_SRC(source_.get())) < maxQueued_;
}

void AppStream::check(const Frame& frame) const {
  if (!frame.buffer) refuse("push: no buffer");
  if (!live_ && !GST_CLOCK_TIME_IS_VALID(frame.time)) refuse("push: the frame has no time");
  const GstCaps* caps = frame.caps ? frame.caps.get() : caps_.get();
  if (frame.caps) {
    const bool same = gst_caps_is_fixed(caps) && isRaw(caps) == isRaw(caps_.get()) &&
                      mediaKindOf(caps) == mediaKindOf(caps_.get()) &&
                      mimeTypeOf(caps) == mimeTypeOf(caps_.get());
    if (!same) refuse("push: these caps are of something else than the stream");
  }
  if (isRaw(caps)) checkSize(frame.buffer.get(), caps);
  if (!isRotation(frame.rotation)) {
    refuse("push: " + std::to_string(frame.rotation) + " degrees are no rotation");
  }
  if (frame.rotation != 0 && isRaw(caps)) refuse("push: a raw picture must be upright");
}

void AppStream::give(const Frame& frame) {
  GstAppSrc* source = GST_APP_SRC(source_.get());
  if (frame.caps && !gst_caps_is_equal(frame.caps.get(), caps_.get())) {
    caps_ = frame.caps;
    gst_app_src_set_caps(source, caps_.get());
  }
  GstClockTime time = frame.time;
  if (live_) {
    const GstClockTime base = gst_element_get_base_time(source_.get());
    if (!GST_CLOCK_TIME_IS_VALID(time)) time = Pipeline::now();
    time = time > base ? time - base : 0;
  }
  GstBuffer* buffer = gst_buffer_copy(frame.buffer.get());  // its memory is shared
  GST_BUFFER_PTS(buffer) = time;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  setRotation(buffer, frame.rotation);
  gst_app_src_push_buffer(source, buffer);
}

void AppStream::end() {
  ended_ = true;
  if (source_) gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
}

}  // namespace cosoup
