#include "cosoup/media/source/h264_order.hpp"

#include <gst/codecparsers/gsth264parser.h>

#include <memory>
#include <string_view>

namespace cosoup {
namespace {

using Record =
    std::unique_ptr<GstH264DecoderConfigRecord, decltype(&gst_h264_decoder_config_record_free)>;
using Parser = std::unique_ptr<GstH264NalParser, decltype(&gst_h264_nal_parser_free)>;

bool reorders(const GstH264SPS& sps) {
  if (sps.pic_order_cnt_type == 2) return false;  // then output order is decoding order
  if (sps.vui_parameters_present_flag && sps.vui_parameters.bitstream_restriction_flag) {
    return sps.vui_parameters.num_reorder_frames > 0;
  }
  return true;
}

bool reordersByRecord(GstBuffer* codecData) {
  GstMapInfo map;
  if (!gst_buffer_map(codecData, &map, GST_MAP_READ)) return true;
  const Parser parser(gst_h264_nal_parser_new(), &gst_h264_nal_parser_free);
  GstH264DecoderConfigRecord* parsed = nullptr;
  gst_h264_parser_parse_decoder_config_record(parser.get(), map.data, map.size, &parsed);
  bool result = true;
  if (parsed) {
    const Record record(parsed, &gst_h264_decoder_config_record_free);
    result = record->sps->len == 0;
    for (guint i = 0; i < record->sps->len; ++i) {
      GstH264SPS sps;
      auto* unit = &g_array_index(record->sps, GstH264NalUnit, i);
      if (gst_h264_parse_sps(unit, &sps) != GST_H264_PARSER_OK) {
        result = true;
        break;
      }
      result = result || reorders(sps);
      gst_h264_sps_clear(&sps);
    }
  }
  gst_buffer_unmap(codecData, &map);
  return result;
}

}  // namespace

namespace {

/// Null for what is no H264, or H264 of a profile that cannot reorder.
const GstStructure* orderable(const GstCaps* caps) {
  if (!caps || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return nullptr;
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  if (!gst_structure_has_name(structure, "video/x-h264")) return nullptr;
  const char* profile = gst_structure_get_string(structure, "profile");
  if (!profile) return structure;
  const std::string_view name = profile;
  const bool ordered = name.ends_with("baseline") || name == "constrained-high";  // no B slices
  return ordered ? nullptr : structure;
}

}  // namespace

bool mayReorder(const GstCaps* caps) {
  const GstStructure* structure = orderable(caps);
  if (!structure) return false;
  const GValue* codecData = gst_structure_get_value(structure, "codec_data");
  return !codecData || reordersByRecord(gst_value_get_buffer(codecData));
}

bool saysOrder(const GstCaps* caps) {
  const GstStructure* structure = orderable(caps);
  return !structure || gst_structure_has_field(structure, "codec_data");
}

}  // namespace cosoup
