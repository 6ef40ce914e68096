// A picture whose corners tell how it stands, and a phone's file that holds it.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "cosoup/gst/ref.hpp"

namespace cosoup::test {

/// A corner's colour, in I420: red, green, blue or white.
struct CornerColour {
  char name;
  std::uint8_t y, u, v;
};

inline constexpr CornerColour cornerColours[] = {
    {'R', 81, 90, 240}, {'G', 145, 54, 34}, {'B', 41, 240, 110}, {'W', 235, 128, 128}};

/// "RGBW", in the order of reading, lies as it was drawn; turned clockwise by 90, 180 and 270
/// degrees it is "BRWG", "WBGR" and "GWRB".
inline std::string drawCorners(int width, int height) {
  std::string picture;
  const auto plane = [&](int planeWidth, int planeHeight, std::uint8_t CornerColour::*value) {
    for (int row = 0; row < planeHeight; ++row) {
      for (int column = 0; column < planeWidth; ++column) {
        const int corner = (row * 2 / planeHeight) * 2 + column * 2 / planeWidth;
        picture += static_cast<char>(cornerColours[corner].*value);
      }
    }
  };
  plane(width, height, &CornerColour::y);
  plane(width / 2, height / 2, &CornerColour::u);
  plane(width / 2, height / 2, &CornerColour::v);
  return picture;
}

/// The colours in the middle of the four quarters of an I420 picture.
inline std::string cornersOf(GstBuffer* buffer, const GstCaps* caps) {
  GstVideoInfo info;
  GstVideoFrame frame;
  if (!gst_video_info_from_caps(&info, caps) ||
      !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) {
    return "no picture";
  }
  const auto at = [&](int component, int x, int y) {
    const auto* data =
        static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, component));
    return static_cast<int>(data[y * GST_VIDEO_FRAME_COMP_STRIDE(&frame, component) + x]);
  };
  std::string corners;
  for (int corner = 0; corner < 4; ++corner) {
    const int x = corner % 2 == 0 ? info.width / 4 : info.width * 3 / 4;
    const int y = corner < 2 ? info.height / 4 : info.height * 3 / 4;
    char nearest = '?';
    int least = 100;
    for (const CornerColour& colour : cornerColours) {
      const int distance = std::abs(at(0, x, y) - colour.y) +
                           std::abs(at(1, x / 2, y / 2) - colour.u) +
                           std::abs(at(2, x / 2, y / 2) - colour.v);
      if (distance >= least) continue;
      least = distance;
      nearest = colour.name;
    }
    corners += nearest;
  }
  gst_video_frame_unmap(&frame);
  return corners;
}

inline void runToEnd(const std::string& line) {
  ensureGStreamer();
  GError* error = nullptr;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &error));
  if (error) throw std::runtime_error(error->message);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  const auto ends = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  const auto end =
      Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus.get(), 30 * GST_SECOND, ends));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS) return;
  throw std::runtime_error("failed: " + line);
}

/// What a launch line begins with that shows the picture so many times, 30 a second.
inline std::string cornersLine(const std::string& scratch, int width, int height, int frames) {
  const std::string picture = drawCorners(width, height);
  std::ofstream raw(scratch, std::ios::binary);
  for (int i = 0; i < frames; ++i) raw << picture;
  return "filesrc location=" + scratch +
         " ! rawvideoparse format=i420 width=" + std::to_string(width) +
         " height=" + std::to_string(height) + " framerate=30/1 ! ";
}

/// The matrix of an MP4's only track, as a phone writes it that was held so; the muxer writes none.
inline void turnMp4(const std::string& path, const std::array<std::int32_t, 4>& matrix) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t header = bytes.find("tkhd");
  if (header == std::string::npos) throw std::runtime_error("no track in " + path);
  auto* values = reinterpret_cast<guint8*>(bytes.data()) + header + 4 + 40;
  const std::size_t places[] = {0, 1, 3, 4};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto value = static_cast<guint32>(matrix[i] * 0x10000);
    for (std::size_t byte = 0; byte < 4; ++byte) {  // they are not aligned
      values[4 * places[i] + byte] = static_cast<guint8>(value >> (24 - 8 * byte));
    }
  }
  std::ofstream(path, std::ios::binary) << bytes;
}

/// What a player does with the file's picture, clockwise.
inline constexpr std::array<std::int32_t, 4> quarterTurn = {0, 1, -1, 0};
inline constexpr std::array<std::int32_t, 4> halfTurn = {-1, 0, 0, -1};
inline constexpr std::array<std::int32_t, 4> threeQuarterTurn = {0, -1, 1, 0};
inline constexpr std::array<std::int32_t, 4> mirror = {-1, 0, 0, 1};

/// An MP4 of H264, 320 × 240 as it is stored.
inline void makePhoneClip(const std::string& path, int frames,
                          const std::array<std::int32_t, 4>& matrix) {
  runToEnd(cornersLine(path + ".raw", 320, 240, frames) +
           "openh264enc gop-size=15 bitrate=500000 ! video/x-h264,profile=constrained-baseline ! "
           "h264parse ! mp4mux ! filesink location=" +
           path);
  turnMp4(path, matrix);
}

}  // namespace cosoup::test
