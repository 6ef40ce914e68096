#include "cosoup/media/record/rotated_header.hpp"
#include "cosoup/gst/probe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>

namespace cosoup {
namespace {

using Bytes = std::span<guint8>;
using Rotations = std::vector<int>;

/// What changes a header in place.
using Change = void (*)(Bytes bytes, const Rotations& rotations);

void watch(GstPad* pad, Change change, Rotations rotations) {
  const auto onBuffer = [change, rotations = std::move(rotations)](GstPad*, GstPadProbeInfo* info) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) return GST_PAD_PROBE_OK;
    change(Bytes(map.data, map.size), rotations);
    gst_buffer_unmap(buffer, &map);
    return GST_PAD_PROBE_OK;
  };
  addProbe(pad, GST_PAD_PROBE_TYPE_BUFFER, onBuffer);
}

// Nothing is aligned here.
guint32 read32(const guint8* bytes) {
  return guint32{bytes[0]} << 24 | guint32{bytes[1]} << 16 | guint32{bytes[2]} << 8 | bytes[3];
}

void write32(guint8* bytes, guint32 value) {
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<guint8>(value >> (24 - 8 * i));
}

// ---- Matroska ----------------------------------------------------------------------------------

// Full range, else that of the analogue HDTV of the eighties on film: no stream of ours has that.
constexpr const char* kPlaceholder = "1:5:6:6";

// The master element Colour as matroskamux writes it for that: Range, MatrixCoefficients,
// TransferCharacteristics, Primaries.
constexpr std::array<guint8, 26> kColour = {0x55, 0xb0, 0x01, 0,    0,    0,    0,    0,    0,
                                            16,   0x55, 0xb9, 0x81, 2,    0x55, 0xb1, 0x81, 7,
                                            0x55, 0xba, 0x81, 7,    0x55, 0xbb, 0x81, 8};

// As long: Projection with ProjectionType (rectangular), ProjectionPoseRoll, and a Void.
constexpr std::array<guint8, 26> kProjection = {0x76, 0x70, 0x01, 0,    0,    0,    0,    0,    0,
                                                16,   0x76, 0x71, 0x81, 0,    0x76, 0x75, 0x84, 0,
                                                0,    0,    0,    0xec, 0x83, 0,    0,    0};
constexpr std::size_t kRollAt = 17;

void changeMatroska(Bytes bytes, const Rotations& rotations) {
  auto from = bytes.begin();
  for (const int rotation : rotations) {
    const auto found = std::search(from, bytes.end(), kColour.begin(), kColour.end());
    if (found == bytes.end()) return;
    std::copy(kProjection.begin(), kProjection.end(), found);
    // It counts counter-clockwise, from -180 to 180.
    const float roll =
        rotation > 180 ? 360.0f - static_cast<float>(rotation) : -static_cast<float>(rotation);
    write32(&*found + kRollAt, std::bit_cast<guint32>(roll));
    from = found + kProjection.size();
  }
}

// ---- MP4 ---------------------------------------------------------------------------------------

struct Box {
  std::string_view type;
  Bytes content;
};

/// Takes the first box away from the front; none when it is not whole.
std::optional<Box> takeBox(Bytes& bytes) {
  constexpr std::size_t kHeader = 8;
  if (bytes.size() < kHeader) return std::nullopt;
  const std::size_t size = read32(bytes.data());
  if (size < kHeader || size > bytes.size()) return std::nullopt;
  const Box box{std::string_view(reinterpret_cast<const char*>(bytes.data()) + 4, 4),
                bytes.subspan(kHeader, size - kHeader)};
  bytes = bytes.subspan(size);
  return box;
}

void writeMatrix(Bytes header, int rotation) {
  const std::size_t at = header[0] == 1 ? 52 : 40;  // version 1 has longer times
  constexpr std::size_t kSize = 36;
  if (header.size() < at + kSize + 8) return;
  guint8* matrix = header.data() + at;
  const guint32 width = read32(matrix + kSize);
  const guint32 height = read32(matrix + kSize + 4);
  constexpr guint32 kOne = 0x10000;
  constexpr guint32 kMinusOne = 0xffff0000;
  // a b u, c d v, x y w: where the picture goes, so that it stays in the first quadrant.
  std::array<guint32, 9> values = {kOne, 0, 0, 0, kOne, 0, 0, 0, 0x40000000};
  if (rotation == 90) values = {0, kOne, 0, kMinusOne, 0, 0, height, 0, 0x40000000};
  if (rotation == 180) values = {kMinusOne, 0, 0, 0, kMinusOne, 0, width, height, 0x40000000};
  if (rotation == 270) values = {0, kMinusOne, 0, kOne, 0, 0, 0, width, 0x40000000};
  for (std::size_t i = 0; i < values.size(); ++i) write32(matrix + 4 * i, values[i]);
}

bool hasPicture(Bytes header) {
  return header.size() >= 84 && read32(&header[header.size() - 8]) != 0;
}

void changeMovie(Bytes movie, const Rotations& rotations) {
  auto rotation = rotations.begin();
  while (const std::optional<Box> track = takeBox(movie)) {
    if (track->type != "trak") continue;
    Bytes inside = track->content;
    while (const std::optional<Box> box = takeBox(inside)) {
      if (box->type != "tkhd" || !hasPicture(box->content) || rotation == rotations.end()) continue;
      writeMatrix(box->content, *rotation++);
    }
  }
}

void changeMp4(Bytes bytes, const Rotations& rotations) {
  while (const std::optional<Box> box = takeBox(bytes)) {
    if (box->type == "moov") changeMovie(box->content, rotations);
  }
}

}  // namespace

Ref<GstCaps> withRoomForRotation(const Ref<GstCaps>& caps) {
  auto roomy = Ref<GstCaps>::adopt(gst_caps_copy(caps.get()));
  gst_structure_remove_fields(gst_caps_get_structure(roomy.get(), 0), "mastering-display-info",
                              "content-light-level", nullptr);
  gst_caps_set_simple(roomy.get(), "colorimetry", G_TYPE_STRING, kPlaceholder, nullptr);
  return roomy;
}

void writeMatroskaRotations(GstPad* pad, std::vector<int> rotations) {
  watch(pad, &changeMatroska, std::move(rotations));
}

void writeMp4Rotations(GstPad* pad, std::vector<int> rotations) {
  watch(pad, &changeMp4, std::move(rotations));
}

}  // namespace cosoup
