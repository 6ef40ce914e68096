#include "cosoup/media/rtp/received_headers.hpp"

#include <array>
#include <span>
#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/extension_values.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
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
  addProbe(pad, kDataProbe, [headers](GstPad*, GstPadProbeInfo* info) {
    forEachBuffer(info, [&](GstBuffer* packet) { headers->read(packet); });
    return GST_PAD_PROBE_OK;
  });
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
