#include "cosoup/rtc/sdp_munge.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "cosoup/rtc/codec_match.hpp"

namespace cosoup::sdp {
namespace {

std::optional<std::size_t> indexOf(const std::vector<Attribute>& attributes, std::string_view key,
                                   std::string_view valuePrefix = "") {
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i].key == key && attributes[i].value.rfind(valuePrefix, 0) == 0) return i;
  }
  return std::nullopt;
}

std::optional<Media> findMedia(const Message& message, std::string_view mid) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    const Media media = message.media(i);
    if (media.attribute("mid") == mid) return media;
  }
  return std::nullopt;
}

// The `k=v;k=v` text with that key set, everything else as it was.
std::string withParameter(std::string_view text, const std::string& key, const std::string& value) {
  std::string result;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t begin = item.find_first_not_of(' ');
    if (begin == std::string_view::npos || item.substr(begin).rfind(key + "=", 0) == 0) continue;
    result += std::string(item.substr(begin)) + ";";
  }
  return result + key + "=" + value;
}

bool isOpusLine(const std::string& rtpmap, const std::string& payloadType) {
  const std::string head = rtpmap.substr(0, rtpmap.find('/'));
  return ortc::equalsIgnoringCase(head, payloadType + " opus") ||
         ortc::equalsIgnoringCase(head, payloadType + " multiopus");
}

void setFmtp(Media& media, const std::string& payloadType, const std::string& key,
             const std::string& value) {
  const std::vector<Attribute> attributes = media.attributes();
  const std::string prefix = payloadType + " ";
  const auto rtpmap = indexOf(attributes, "rtpmap", prefix);
  if (!rtpmap || !isOpusLine(attributes[*rtpmap].value, payloadType)) return;
  if (const auto fmtp = indexOf(attributes, "fmtp", prefix)) {
    const std::string text = attributes[*fmtp].value.substr(prefix.size());
    media.replace(*fmtp, "fmtp", prefix + withParameter(text, key, value));
  } else {
    media.insert(*rtpmap + 1, "fmtp", prefix + key + "=" + value);
  }
}

}  // namespace

LocalSdpEditor::LocalSdpEditor(const std::string& text) : message_(Message::parse(text)) {}

LocalSdpEditor& LocalSdpEditor::setMaxMessageSize(std::uint32_t bytes) {
  for (std::size_t i = 0; i < message_.size(); ++i) {
    Media media = message_.media(i);
    const std::vector<Attribute> attributes = media.attributes();
    const auto port = indexOf(attributes, "sctp-port");
    if (!port) continue;
    const std::string value = std::to_string(bytes);
    if (const auto old = indexOf(attributes, "max-message-size")) {
      media.replace(*old, "max-message-size", value);
    } else {
      media.insert(*port + 1, "max-message-size", value);
    }
  }
  return *this;
}

LocalSdpEditor& LocalSdpEditor::addHeaderExtension(std::string_view mid, std::uint8_t id,
                                                   const std::string& uri) {
  std::optional<Media> media = findMedia(message_, mid);
  if (!media) return *this;
  const std::string idText = std::to_string(id);
  for (const Attribute& attribute : media->attributes()) {
    if (attribute.key != "extmap") continue;
    const std::size_t blank = attribute.value.find(' ');
    const std::string head = attribute.value.substr(0, blank);
    if (head.substr(0, head.find('/')) == idText) return *this;
    if (blank != std::string::npos && attribute.value.substr(blank + 1) == uri) return *this;
  }
  media->add("extmap", idText + " " + uri);
  return *this;
}

LocalSdpEditor& LocalSdpEditor::setOpusStereo(std::string_view mid, const RtpParameters& consumer) {
  std::optional<Media> media = findMedia(message_, mid);
  if (!media) return *this;
  for (const RtpCodecParameters& codec : consumer.codecs) {
    const auto stereo = ortc::parameterInteger(codec.parameters, "sprop-stereo");
    if (stereo) setFmtp(*media, std::to_string(codec.payloadType), "stereo", *stereo ? "1" : "0");
  }
  return *this;
}

LocalSdpEditor& LocalSdpEditor::setSetup(const std::string& setup) {
  for (std::size_t i = 0; i < message_.size(); ++i) {
    Media media = message_.media(i);
    if (const auto at = indexOf(media.attributes(), "setup")) media.replace(*at, "setup", setup);
  }
  return *this;
}

}  // namespace cosoup::sdp
