#include "cosoup/media/abs_send_time.hpp"

#include "cosoup/media/payloader.hpp"

namespace cosoup {
namespace {

struct AbsSendTime {
  GstRTPHeaderExtension parent;
};
struct AbsSendTimeClass {
  GstRTPHeaderExtensionClass parentClass;
};

constexpr gsize extensionSize = 3;

GstRTPHeaderExtensionFlags supportedFlags(GstRTPHeaderExtension*) {
  return static_cast<GstRTPHeaderExtensionFlags>(GST_RTP_HEADER_EXTENSION_ONE_BYTE |
                                                 GST_RTP_HEADER_EXTENSION_TWO_BYTE);
}

gsize maxSize(GstRTPHeaderExtension*, const GstBuffer*) { return extensionSize; }

gssize writeTime(GstRTPHeaderExtension*, const GstBuffer*, GstRTPHeaderExtensionFlags, GstBuffer*,
                 guint8* data, gsize size) {
  if (size < extensionSize) return -1;
  const auto now = static_cast<guint64>(g_get_monotonic_time());
  const auto fixed = static_cast<guint32>(gst_util_uint64_scale(now, 1 << 18, 1000000) & 0xffffff);
  GST_WRITE_UINT24_BE(data, fixed);
  return extensionSize;
}

gboolean readNothing(GstRTPHeaderExtension*, GstRTPHeaderExtensionFlags, const guint8*, gsize,
                     GstBuffer*) {
  return TRUE;
}

void classInit(gpointer klass, gpointer) {
  auto* extension = static_cast<GstRTPHeaderExtensionClass*>(klass);
  extension->get_supported_flags = &supportedFlags;
  extension->get_max_size = &maxSize;
  extension->write = &writeTime;
  extension->read = &readNothing;
  gst_rtp_header_extension_class_set_uri(extension, absSendTimeExtensionUri);
  gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "abs-send-time", "RTP/Extension",
                                        "Writes the absolute send time", "cosoup");
}

GType extensionType() {
  static const GType type = g_type_register_static_simple(
      GST_TYPE_RTP_HEADER_EXTENSION, "CosoupAbsSendTime", sizeof(AbsSendTimeClass), &classInit,
      sizeof(AbsSendTime), nullptr, static_cast<GTypeFlags>(0));
  return type;
}

}  // namespace

GstRTPHeaderExtension* makeAbsSendTimeExtension() {
  return GST_RTP_HEADER_EXTENSION(g_object_new(extensionType(), nullptr));
}

}  // namespace cosoup
