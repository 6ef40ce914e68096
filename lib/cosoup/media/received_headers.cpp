#include "cosoup/media/received_headers.hpp"

#include <gst/rtp/rtp.h>

#include <array>
#include <span>
#include <utility>

#include "cosoup/media/payloader.hpp"
#include "cosoup/rtc/extension_values.hpp"

namespace cosoup {
namespace {

constexpr std::uint32_t kNoDelay = 0xffffffff;

using Bytes = std::span<const std::uint8_t>;

Bytes extensionOf(GstRTPBuffer* packet, std::uint8_t id) {
  gpointer data = nullptr;
  guint size = 0;
  guint8 appBits = 0;
  if (id == 0) return {};
  if (gst_rtp_buffer_get_extension_onebyte_header(packet, id, 0, &data, &size) ||
      gst_rtp_buffer_get_extension_twobytes_header(packet, &appBits, id, 0, &data, &size)) {
    return {static_cast<const std::uint8_t*>(data), size};
  }
  return {};
}

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
  if (level_) level_->read(packet);
  if (orientationId_ == 0 && playoutDelayId_ == 0) return;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) return;
  const Bytes orientation = extensionOf(&rtp, orientationId_);
  if (orientation.size() == 1) rotation_ = rotationOfVideoOrientation(orientation.front());
  const Bytes delay = extensionOf(&rtp, playoutDelayId_);
  if (readPlayoutDelay(delay)) playoutDelay_ = GST_READ_UINT24_BE(delay.data());
  gst_rtp_buffer_unmap(&rtp);
}

std::optional<PlayoutDelay> ReceivedHeaders::playoutDelay() const {
  const std::uint32_t value = playoutDelay_;
  if (value == kNoDelay) return std::nullopt;
  std::array<std::uint8_t, 3> bytes;
  GST_WRITE_UINT24_BE(bytes.data(), value);
  return readPlayoutDelay(bytes);
}

}  // namespace cosoup
