#include "cosoup/webrtc/sent_section.hpp"

#include <string>
#include <utility>

#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup {
namespace {

std::string textIn(const GstStructure* fields, const char* name) {
  const char* text = gst_structure_get_string(fields, name);
  return text ? text : "";
}

/// 0: it is not there.
std::uint8_t extensionId(const GstStructure* fields, const char* uri) {
  constexpr std::uint8_t kEnd = 15;  // of one-byte headers (RFC 8285, section 4.2)
  for (std::uint8_t id = 1; id < kEnd; ++id) {
    if (textIn(fields, ("extmap-" + std::to_string(id)).c_str()) == uri) return id;
  }
  return 0;
}

}  // namespace

SentSection::SentSection(GstCaps* caps, Retransmission again) : retransmission(std::move(again)) {
  const GstStructure* fields = gst_caps_get_structure(caps, 0);
  if (textIn(fields, "media") == toString(MediaKind::video)) kind = MediaKind::video;
  gint payload = 0;
  gst_structure_get_int(fields, "payload", &payload);
  payloadType = static_cast<std::uint8_t>(payload);
  extensions.transportCc = extensionId(fields, transportCcExtensionUri);
  extensions.absSendTime = extensionId(fields, absSendTimeExtensionUri);
}

}  // namespace cosoup
