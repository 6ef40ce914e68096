#include "cosoup/rtc/sdp_read.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/sdp_message.hpp"

namespace cosoup::sdp {
namespace {

using ortc::equalsIgnoringCase;

// All of the text, or nothing.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// Cuts the text up to the separator off its front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return head;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// What would not be written the same ("0010", "1.50") is no number but somebody's notation.
ParameterValue parameterValue(std::string_view key, std::string_view text) {
  // Its hexadecimal digits may all be decimal: "420010".
  if (key == "profile-level-id") return std::string(text);
  const auto isSaidBy = [&](const ParameterValue& value) {
    return ortc::parameterText({{"", value}}, "") == text;
  };
  if (const auto integer = number<std::int64_t>(text)) {
    if (isSaidBy(*integer)) return *integer;
  } else if (text.find('.') != std::string_view::npos) {
    const auto decimal = number<double>(text);
    if (decimal && std::isfinite(*decimal) && isSaidBy(*decimal)) return *decimal;
  }
  return std::string(text);
}

CodecParameters parseFmtp(std::string_view text) {
  CodecParameters result;
  while (!text.empty()) {
    std::string_view value = trimmed(take(text, ';'));
    if (value.find('=') == std::string_view::npos) continue;
    const std::string_view key = trimmed(take(value, '='));
    if (!key.empty()) result[std::string(key)] = parameterValue(key, trimmed(value));
  }
  return result;
}

std::optional<DtlsFingerprint> parseFingerprint(std::string_view value) {
  const std::string_view algorithm = take(value, ' ');
  if (algorithm.empty() || value.empty()) return std::nullopt;
  return DtlsFingerprint{std::string(algorithm), std::string(trimmed(value))};
}

// Reads the attributes of one section.
class SectionReader {
 public:
  explicit SectionReader(const Media& media) {
    section_.media = media.media();
    section_.port = media.port();
    section_.protocol = media.protocol();
    if (section_.media == "audio") section_.kind = MediaKind::audio;
    if (section_.media == "video") section_.kind = MediaKind::video;
    for (const Attribute& attribute : media.attributes()) read(attribute);
    for (const std::string& format : media.formats()) addCodec(format);
  }

  MediaSection result() { return std::move(section_); }

 private:
  void read(const Attribute& attribute) {
    using Handler = void (SectionReader::*)(std::string_view);
    static const std::map<std::string, Handler, std::less<>> handlers = {
        {"rtpmap", &SectionReader::readRtpmap},           {"fmtp", &SectionReader::readFmtp},
        {"rtcp-fb", &SectionReader::readFeedback},        {"extmap", &SectionReader::readExtmap},
        {"fingerprint", &SectionReader::readFingerprint}, {"ssrc", &SectionReader::readSsrc},
        {"ssrc-group", &SectionReader::readSsrcGroup},    {"rid", &SectionReader::readRid},
    };
    const auto handler = handlers.find(attribute.key);
    if (handler != handlers.end()) return (this->*handler->second)(attribute.value);
    readPlain(attribute);
  }

  void readPlain(const Attribute& attribute) {
    static const std::map<std::string, std::string MediaSection::*, std::less<>> texts = {
        {"mid", &MediaSection::mid},
        {"setup", &MediaSection::setup},
        {"ice-ufrag", &MediaSection::iceUfrag},
        {"ice-pwd", &MediaSection::icePwd},
        {"simulcast", &MediaSection::simulcast}};
    static const std::map<std::string, MediaDirection, std::less<>> directions = {
        {"sendrecv", MediaDirection::sendrecv},
        {"sendonly", MediaDirection::sendonly},
        {"recvonly", MediaDirection::recvonly},
        {"inactive", MediaDirection::inactive}};
    const auto& [key, value] = attribute;
    if (const auto text = texts.find(key); text != texts.end()) section_.*text->second = value;
    if (const auto at = directions.find(key); at != directions.end())
      section_.direction = at->second;
    if (key == "extmap-allow-mixed") section_.extmapAllowMixed = true;
    if (key == "sctp-port") section_.sctpPort = number<std::uint16_t>(value);
    if (key == "max-message-size") section_.maxMessageSize = number<std::uint32_t>(value);
  }

  // 111 opus/48000/2
  void readRtpmap(std::string_view value) {
    const auto payloadType = number<std::uint8_t>(sdp::take(value, ' '));
    const std::string_view name = sdp::take(value, '/');
    const auto clockRate = number<std::uint32_t>(sdp::take(value, '/'));
    if (!payloadType || *payloadType > 127 || name.empty() || clockRate.value_or(0) == 0) return;
    RtpCodecParameters codec;
    codec.mimeType = section_.media + "/" + std::string(name);
    codec.payloadType = *payloadType;
    codec.clockRate = *clockRate;
    if (section_.kind == MediaKind::audio) codec.channels = number<std::uint8_t>(value);
    codecs_[*payloadType] = codec;
  }

  void readFmtp(std::string_view value) {
    if (const auto payloadType = number<std::uint8_t>(sdp::take(value, ' '))) {
      fmtps_[*payloadType] = parseFmtp(value);
    }
  }

  // 96 nack pli
  void readFeedback(std::string_view value) {
    const std::string_view payloadType = sdp::take(value, ' ');
    const std::string_view type = sdp::take(value, ' ');
    if (type.empty()) return;
    const auto pt = number<std::uint8_t>(payloadType);
    if (!pt && payloadType != "*") return;
    feedback_.push_back({pt, {std::string(type), std::string(trimmed(value))}});
  }

  // 3/sendonly uri
  void readExtmap(std::string_view value) {
    std::string_view id = sdp::take(value, ' ');
    const auto parsed = number<std::uint8_t>(sdp::take(id, '/'));
    const std::string_view uri = sdp::take(value, ' ');
    if (parsed.value_or(0) == 0 || uri.empty()) return;
    if (uri == "urn:ietf:params:rtp-hdrext:encrypt") return;
    section_.headerExtensions.push_back({std::string(uri), *parsed, false, {}});
  }

  void readFingerprint(std::string_view value) {
    if (auto fingerprint = parseFingerprint(value)) {
      section_.fingerprints.push_back(std::move(*fingerprint));
    }
  }

  // 1234 cname:text
  void readSsrc(std::string_view value) {
    const auto ssrc = number<std::uint32_t>(sdp::take(value, ' '));
    if (!ssrc) return;
    if (seen_.insert(*ssrc).second) section_.ssrcs.push_back(*ssrc);
    // webrtcbin writes the msid line of an ssrc first.
    const std::string_view attribute = sdp::take(value, ':');
    if (attribute == "cname" && section_.cname.empty()) section_.cname = value;
  }

  // FID 1234 1235
  void readSsrcGroup(std::string_view value) {
    if (sdp::take(value, ' ') != "FID") return;
    const auto media = number<std::uint32_t>(sdp::take(value, ' '));
    const auto rtx = number<std::uint32_t>(sdp::take(value, ' '));
    if (media && rtx) section_.fidGroups.emplace_back(*media, *rtx);
  }

  // r0 send
  void readRid(std::string_view value) {
    const std::string_view id = sdp::take(value, ' ');
    const std::string_view direction = sdp::take(value, ' ');
    if (!id.empty()) section_.rids.push_back({std::string(id), std::string(direction)});
  }

  void addCodec(const std::string& format) {
    const auto payloadType = number<std::uint8_t>(format);
    if (!payloadType) return;
    const auto found = codecs_.find(*payloadType);
    if (found == codecs_.end()) return;
    RtpCodecParameters codec = std::move(found->second);
    codecs_.erase(found);  // an m-line that names it twice does not make two of it
    codec.parameters = fmtps_[*payloadType];
    const bool isRtx = ortc::isRtxCodec(codec.mimeType);
    for (const auto& [pt, feedback] : feedback_) {
      if (pt ? *pt == codec.payloadType : !isRtx) codec.rtcpFeedback.push_back(feedback);
    }
    section_.codecs.push_back(std::move(codec));
  }

  struct Feedback {
    std::optional<std::uint8_t> payloadType;  // absent: "*"
    RtcpFeedback feedback;
  };

  MediaSection section_;
  std::map<std::uint8_t, RtpCodecParameters> codecs_;
  std::map<std::uint8_t, CodecParameters> fmtps_;
  std::vector<Feedback> feedback_;
  std::set<std::uint32_t> seen_;
};

void readSession(const Attribute& attribute, SessionDescription& description) {
  std::string_view value = attribute.value;
  if (attribute.key == "setup") description.setup = value;
  if (attribute.key == "fingerprint") {
    if (auto fingerprint = parseFingerprint(value)) {
      description.fingerprints.push_back(std::move(*fingerprint));
    }
  }
  if (attribute.key != "group" || take(value, ' ') != "BUNDLE") return;
  while (!value.empty()) {
    const std::string_view mid = take(value, ' ');
    if (!mid.empty()) description.bundle.emplace_back(mid);
  }
}

}  // namespace

const MediaSection* SessionDescription::find(std::string_view mid) const {
  for (const MediaSection& section : sections) {
    if (section.mid == mid) return &section;
  }
  return nullptr;
}

const MediaSection& SessionDescription::section(std::string_view mid) const {
  if (const MediaSection* found = find(mid)) return *found;
  throw Error(Error::Code::InvalidArgument,
              "the description has no section '" + std::string(mid) + "'");
}

SessionDescription parse(const std::string& text) {
  const Message message = Message::parse(text);
  SessionDescription description;
  for (const Attribute& attribute : message.attributes()) readSession(attribute, description);
  description.sections.reserve(message.size());
  for (std::size_t i = 0; i < message.size(); ++i) {
    description.sections.push_back(SectionReader(message.media(i)).result());
  }
  return description;
}

}  // namespace cosoup::sdp
