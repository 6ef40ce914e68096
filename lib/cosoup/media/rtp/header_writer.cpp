#include "cosoup/media/rtp/header_writer.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/rtp/header_values.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/extension_values.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup {
namespace {

bool isKey(const OutgoingPacket& packet) {
  return !GST_BUFFER_FLAG_IS_SET(packet.frame, GST_BUFFER_FLAG_DELTA_UNIT);
}

bool isOfVideo(GstElement* payloader) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(payloader, "sink"));
  const auto caps = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(pad.get()));
  return mediaKindOf(caps.get()) == MediaKind::video;
}

class SendTimeWriter final : public HeaderWriter {
 public:
  gsize maxSize() const override { return 3; }
  gsize write(const OutgoingPacket&, guint8* data) override {
    const auto bytes = absSendTimeBytes(static_cast<std::uint64_t>(g_get_monotonic_time()));
    std::copy(bytes.begin(), bytes.end(), data);
    return maxSize();
  }
};

/// On the last packet of a key frame, of one that stands otherwise than the one before, and of all
/// that are not upright, since browsers forget it with each picture.
class OrientationWriter final : public HeaderWriter {
 public:
  gsize maxSize() const override { return 1; }
  gsize write(const OutgoingPacket& packet, guint8* data) override {
    if (!packet.last) return 0;
    const int rotation = rotationOf(packet.frame);
    const bool changed = std::exchange(last_, rotation) != rotation;
    if (rotation == 0 && !changed && !isKey(packet)) return 0;
    data[0] = videoOrientationByte(rotation);
    return maxSize();
  }

 private:
  int last_ = 0;
};

/// Once a second, in between receivers reckon with the RTP timestamps.
class CaptureTimeWriter final : public HeaderWriter {
 public:
  explicit CaptureTimeWriter(std::shared_ptr<const HeaderValues> values)
      : values_(std::move(values)) {}

  gsize maxSize() const override { return 8; }
  gsize write(const OutgoingPacket&, guint8* data) override {
    if (!values_->captured) return 0;
    const GstClockTime captured = values_->frameTime;
    if (!GST_CLOCK_TIME_IS_VALID(captured)) return 0;
    if (last_ && captured >= *last_ && captured < *last_ + GST_SECOND) return 0;
    last_ = captured;
    const auto unixNow = static_cast<std::uint64_t>(g_get_real_time()) * GST_USECOND;
    const auto bytes = absCaptureTimeBytes(unixNow + captured - Pipeline::now());
    std::copy(bytes.begin(), bytes.end(), data);
    return maxSize();
  }

 private:
  const std::shared_ptr<const HeaderValues> values_;
  std::optional<GstClockTime> last_;
};

/// On every packet of the first two seconds with a value, and later on key frames and once a second
/// of the others, for those who come later.
class PlayoutDelayWriter final : public HeaderWriter {
 public:
  PlayoutDelayWriter(std::shared_ptr<const HeaderValues> values, bool video)
      : values_(std::move(values)), video_(video) {}

  gsize maxSize() const override { return 3; }
  gsize write(const OutgoingPacket& packet, guint8* data) override {
    const std::uint32_t value = values_->playoutDelay;
    const gint64 now = g_get_monotonic_time();
    if (value != std::exchange(value_, value)) since_ = now;
    if (value == HeaderValues::kNoDelay) return 0;
    const bool key = video_ && isKey(packet);
    if (!key && now >= since_ + 2 * G_USEC_PER_SEC && now < last_ + G_USEC_PER_SEC) return 0;
    last_ = now;
    GST_WRITE_UINT24_BE(data, value);
    return maxSize();
  }

 private:
  const std::shared_ptr<const HeaderValues> values_;
  const bool video_;
  std::uint32_t value_ = HeaderValues::kNoDelay;
  gint64 since_ = 0;  // us
  gint64 last_ = 0;   // us
};

// ---- the element -------------------------------------------------------------------------------

struct Extension {
  GstRTPHeaderExtension parent;
  HeaderWriter* writer;
};
struct ExtensionClass {
  GstRTPHeaderExtensionClass parentClass;
};

Extension* selfOf(GstRTPHeaderExtension* extension) {
  return reinterpret_cast<Extension*>(extension);
}

GstRTPHeaderExtensionFlags supportedFlags(GstRTPHeaderExtension*) {
  return static_cast<GstRTPHeaderExtensionFlags>(GST_RTP_HEADER_EXTENSION_ONE_BYTE |
                                                 GST_RTP_HEADER_EXTENSION_TWO_BYTE);
}

gsize maxSizeOf(GstRTPHeaderExtension* extension, const GstBuffer*) {
  return selfOf(extension)->writer->maxSize();
}

gssize writeValue(GstRTPHeaderExtension* extension, const GstBuffer* frame,
                  GstRTPHeaderExtensionFlags, GstBuffer* packet, guint8* data, gsize size) {
  const Extension* self = selfOf(extension);
  if (size < self->writer->maxSize()) return -1;
  const bool last = GST_BUFFER_FLAG_IS_SET(packet, GST_BUFFER_FLAG_MARKER);
  return static_cast<gssize>(self->writer->write(OutgoingPacket{frame, last}, data));
}

gboolean readNothing(GstRTPHeaderExtension*, GstRTPHeaderExtensionFlags, const guint8*, gsize,
                     GstBuffer*) {
  return TRUE;
}

void finalize(GObject* object) {
  delete reinterpret_cast<Extension*>(object)->writer;
  auto* parent = g_type_class_peek_parent(G_OBJECT_GET_CLASS(object));
  static_cast<GObjectClass*>(parent)->finalize(object);
}

void classInit(gpointer klass, gpointer uri) {
  static_cast<GObjectClass*>(klass)->finalize = &finalize;
  auto* extension = static_cast<GstRTPHeaderExtensionClass*>(klass);
  extension->get_supported_flags = &supportedFlags;
  extension->get_max_size = &maxSizeOf;
  extension->write = &writeValue;
  extension->read = &readNothing;
  gst_rtp_header_extension_class_set_uri(extension, static_cast<const char*>(uri));
  gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Header extension",
                                        "RTP/Extension", "Writes a header extension", "cosoup");
}

// The URI is a matter of the class, so that each has one of its own; there are few.
GType typeOf(const std::string& uri) {
  static std::mutex mutex;
  static std::map<std::string, GType> types;
  const std::lock_guard lock(mutex);
  const auto [found, isNew] = types.try_emplace(uri, G_TYPE_INVALID);
  if (!isNew) return found->second;
  GTypeInfo info = {};
  info.class_size = sizeof(ExtensionClass);
  info.class_init = &classInit;
  info.class_data = found->first.c_str();
  info.instance_size = sizeof(Extension);
  const std::string name = "CosoupHeaderExtension" + std::to_string(types.size());
  found->second = g_type_register_static(GST_TYPE_RTP_HEADER_EXTENSION, name.c_str(), &info,
                                         static_cast<GTypeFlags>(0));
  return found->second;
}

}  // namespace

std::unique_ptr<HeaderWriter> HeaderWriter::make(const std::string& uri, GstElement* payloader) {
  const auto values = HeaderValues::of(payloader);
  if (uri == absSendTimeExtensionUri) return std::make_unique<SendTimeWriter>();
  if (uri == videoOrientationExtensionUri) return std::make_unique<OrientationWriter>();
  if (uri == absCaptureTimeExtensionUri) {
    return std::make_unique<CaptureTimeWriter>(values);
  }
  if (uri == playoutDelayExtensionUri) {
    return std::make_unique<PlayoutDelayWriter>(values, isOfVideo(payloader));
  }
  return nullptr;
}

GstRTPHeaderExtension* makeHeaderExtension(const std::string& uri,
                                           std::unique_ptr<HeaderWriter> writer) {
  auto* extension = static_cast<Extension*>(g_object_new(typeOf(uri), nullptr));
  extension->writer = writer.release();
  return &extension->parent;
}

}  // namespace cosoup
