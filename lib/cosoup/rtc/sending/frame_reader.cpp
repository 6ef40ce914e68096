#include "cosoup/rtc/sending/frame_reader.hpp"

namespace cosoup {
namespace {

FrameRole roleOf(const PayloadStart& start) {
  if (start.isKeyFrame || start.hasParameterSets) return FrameRole::key;
  const bool isNeeded = start.layers.breaks != LayerRules::noLayer;
  return isNeeded ? FrameRole::delta : FrameRole::disposable;
}

}  // namespace

FrameReader::Frame FrameReader::read(const RtpHeader& header,
                                     std::span<const std::uint8_t> payload) {
  const bool isNew = timestamp_ != header.timestamp;
  if (!isNew && frame_.role == FrameRole::key) return frame_;
  const std::optional<PayloadStart> start = readPayloadStart(codec_, payload);
  if (isNew) {
    timestamp_ = header.timestamp;
    ++frame_.number;
    frame_.role = start ? roleOf(*start) : FrameRole::delta;
  } else if (start && start->isKeyFrame) {
    frame_.role = FrameRole::key;
  }
  return frame_;
}

}  // namespace cosoup
