#include "cosoup/media/rtp/muted_frames.hpp"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include <cstring>

#include "cosoup/media/codec_caps.hpp"

namespace cosoup {
namespace {

Ref<GstBuffer> blackI420(const GstVideoInfo& info) {
  auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
  constexpr guint8 kBlack = 16;
  constexpr guint8 kGrey = 128;
  const gsize chroma = GST_VIDEO_INFO_PLANE_OFFSET(&info, 1);
  gst_buffer_memset(buffer.get(), 0, kBlack, chroma);
  gst_buffer_memset(buffer.get(), chroma, kGrey, info.size - chroma);
  return buffer;
}

// In whatever format the caps say: GStreamer's converter knows them all.
Ref<GstBuffer> blackPicture(GstCaps* caps) {
  GstVideoInfo wanted;
  GstVideoInfo drawn;
  if (!gst_video_info_from_caps(&wanted, caps)) return nullptr;
  gst_video_info_set_format(&drawn, GST_VIDEO_FORMAT_I420, static_cast<guint>(wanted.width),
                            static_cast<guint>(wanted.height));
  // The converter insists on it.
  drawn.fps_n = wanted.fps_n;
  drawn.fps_d = wanted.fps_d;
  drawn.interlace_mode = wanted.interlace_mode;
  const Ref<GstBuffer> source = blackI420(drawn);
  auto picture = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, wanted.size, nullptr));
  GstVideoConverter* converter = gst_video_converter_new(&drawn, &wanted, nullptr);
  if (!converter) return nullptr;
  GstVideoFrame from;
  GstVideoFrame to;
  gst_video_frame_map(&from, &drawn, source.get(), GST_MAP_READ);
  gst_video_frame_map(&to, &wanted, picture.get(), GST_MAP_WRITE);
  gst_video_converter_frame(converter, &from, &to);
  gst_video_frame_unmap(&to);
  gst_video_frame_unmap(&from);
  gst_video_converter_free(converter);
  return picture;
}

Ref<GstBuffer> silence(GstCaps* caps, gsize size) {
  GstAudioInfo info;
  if (!gst_audio_info_from_caps(&info, caps)) return nullptr;
  auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
  GstMapInfo map;
  gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE);
  gst_audio_format_info_fill_silence(info.finfo, map.data, map.size);
  gst_buffer_unmap(buffer.get(), &map);
  return buffer;
}

}  // namespace

Ref<GstBuffer> MutedFrames::inPlaceOf(const Frame& frame) {
  if (mediaKindOf(frame.caps.get()) == MediaKind::audio) {
    return silence(frame.caps.get(), gst_buffer_get_size(frame.buffer.get()));
  }
  if (frame.caps != caps_) {
    caps_ = frame.caps;
    picture_ = blackPicture(caps_.get());
  }
  if (!picture_) return nullptr;
  return Ref<GstBuffer>::adopt(gst_buffer_copy(picture_.get()));  // its memory is shared
}

}  // namespace cosoup
