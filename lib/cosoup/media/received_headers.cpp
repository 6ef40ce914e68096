#include "cosoup/media/received_headers.hpp"

#include <array>
#include <span>
#include <utility>

#include "cosoup/media/payloader.hpp"
#include "cosoup/rtc/extension_values.hpp"
#include "cosoup/rtc/header_extensions.hpp"

namespace cosoup {
namespace {

constexpr std::uint32_t kNoDelay = 0xffffffff;

using Bytes = std::span<const std::uint8_t>;

}  // namespace

ReceivedHeaders::ReceivedHeaders(const RtpParameters& parameters,
                                 std::shared_ptr<ReceivedLevel> level)
    : level_(std::move(level)), playoutDelay_(kNoDelay) {
  for (const RtpHeaderExtensionParameters& extension : parameters.headerExtensions) {
    if (extension.encrypt) continue;
    if (extension.uri == videoOrientationExtensionUri) orientationId_ = extension.id;
    if (extension.uri == playoutDelayExtensionUri) playoutDelayId_ = extension.id;
  }
}

void ReceivedHeaders::watch(const std::shared_ptr<ReceivedHeaders>& headers, GstPad* pad) {
  if (!headers->level_ && headers->orientationId_ == 0 && headers->playoutDelayId_ == 0) return;
  using Holder = std::shared_ptr<ReceivedHeaders>;
  const auto onPackets = [](GstPad*, GstPadProbeInfo* info, gpointer data) {
    ReceivedHeaders& self = **static_cast<Holder*>(data);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
      self.read(GST_PAD_PROBE_INFO_BUFFER(info));
      return GST_PAD_PROBE_OK;
    }
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
      self.read(gst_buffer_list_get(list, i));
    }
    return GST_PAD_PROBE_OK;
  };
  const auto packets =
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  gst_pad_add_probe(pad, packets, onPackets, new Holder(headers),
                    [](gpointer data) { delete static_cast<Holder*>(data); });
}

void ReceivedHeaders::read(GstBuffer* packet) {
  // Header and extensions of any packet that there is.
  std::array<std::uint8_t, 256> start;
  const Bytes bytes(start.data(), gst_buffer_extract(packet, 0, start.data(), start.size()));
  if (level_) level_->read(bytes);
  const auto orientation = findHeaderExtension(bytes, orientationId_);
  if (orientation && orientation->size() == 1) {
    rotation_ = rotationOfVideoOrientation(orientation->front());
  }
  const auto delay = findHeaderExtension(bytes, playoutDelayId_);
  if (delay && readPlayoutDelay(*delay)) playoutDelay_ = GST_READ_UINT24_BE(delay->data());
}

std::optional<PlayoutDelay> ReceivedHeaders::playoutDelay() const {
  const std::uint32_t value = playoutDelay_;
  if (value == kNoDelay) return std::nullopt;
  std::array<std::uint8_t, 3> bytes;
  GST_WRITE_UINT24_BE(bytes.data(), value);
  return readPlayoutDelay(bytes);
}

}  // namespace cosoup
