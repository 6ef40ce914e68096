#include "cosoup/rtc/validate.hpp"

#include <map>
#include <set>

#include "cosoup/rtc/codec_match.hpp"

namespace cosoup::ortc {
namespace {

[[noreturn]] void fail(const std::string& text) { throw Error(Error::Code::InvalidArgument, text); }

bool isOfKind(const std::string& mimeType, MediaKind kind) {
  const std::string prefix = toString(kind) + "/";
  return mimeType.size() > prefix.size() &&
         equalsIgnoringCase(std::string_view(mimeType).substr(0, prefix.size()), prefix);
}

std::string named(const std::string& mimeType, int payloadType) {
  return "codec " + mimeType + " (payload type " + std::to_string(payloadType) + ")";
}

// The payload types of a list of codecs: who has which, and where each rtx points.
class PayloadTypes {
 public:
  void add(const std::string& mimeType, int payloadType, std::uint32_t clockRate,
           const CodecParameters& parameters) {
    if (payloadType > 127) fail(named(mimeType, payloadType) + " is out of range");
    if (clockRate == 0) fail(named(mimeType, payloadType) + " has no clock rate");
    const bool isRtx = isRtxCodec(mimeType);
    if (!types_.emplace(payloadType, isRtx).second) {
      fail(named(mimeType, payloadType) + " is given twice");
    }
    if (!isRtx) return;
    const auto apt = parameterInteger(parameters, "apt");
    if (!apt) fail(named(mimeType, payloadType) + " has no apt");
    targets_[payloadType] = *apt;
  }

  void checkRtx() const {
    for (const auto& [payloadType, apt] : targets_) {
      const auto target = types_.find(apt);
      if (target == types_.end() || target->second) {
        fail("rtx codec (payload type " + std::to_string(payloadType) + ") points at no codec");
      }
    }
  }

 private:
  std::map<std::int64_t, bool> types_;  // to whether it is rtx
  std::map<std::int64_t, std::int64_t> targets_;
};

void checkHeaderExtensions(const std::vector<RtpHeaderExtension>& extensions, MediaKind kind) {
  std::map<int, std::string> uris;
  for (const RtpHeaderExtension& extension : extensions) {
    if (extension.kind && *extension.kind != kind) continue;
    const std::string name = "header extension " + extension.uri;
    if (extension.uri.empty()) fail("a header extension has no uri");
    if (extension.preferredId == 0) fail(name + " has no id");
    const auto [at, isNew] = uris.emplace(extension.preferredId, extension.uri);
    if (!isNew && at->second != extension.uri) fail(name + " has the id of " + at->second);
  }
}

}  // namespace

void validateRtpCapabilities(const RtpCapabilities& capabilities) {
  PayloadTypes payloadTypes;
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    if (!isOfKind(codec.mimeType, codec.kind)) {
      fail("codec " + codec.mimeType + " is not " + toString(codec.kind));
    }
    if (!codec.preferredPayloadType) fail("codec " + codec.mimeType + " has no payload type");
    payloadTypes.add(codec.mimeType, *codec.preferredPayloadType, codec.clockRate,
                     codec.parameters);
  }
  payloadTypes.checkRtx();
  checkHeaderExtensions(capabilities.headerExtensions, MediaKind::audio);
  checkHeaderExtensions(capabilities.headerExtensions, MediaKind::video);
}

void validateRtpParameters(const RtpParameters& parameters) {
  if (parameters.codecs.empty()) fail("there is no codec");
  if (isRtxCodec(parameters.codecs.front().mimeType)) fail("the first codec is rtx");
  PayloadTypes payloadTypes;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (!isOfKind(codec.mimeType, MediaKind::audio) &&
        !isOfKind(codec.mimeType, MediaKind::video)) {
      fail("codec " + codec.mimeType + " is neither audio nor video");
    }
    payloadTypes.add(codec.mimeType, codec.payloadType, codec.clockRate, codec.parameters);
  }
  payloadTypes.checkRtx();
  std::set<int> ids;
  for (const RtpHeaderExtensionParameters& extension : parameters.headerExtensions) {
    if (extension.uri.empty()) fail("a header extension has no uri");
    if (extension.id == 0) fail("header extension " + extension.uri + " has no id");
    if (!ids.insert(extension.id).second) {
      fail("header extension " + extension.uri + " has the id of another");
    }
  }
}

void validateConsumerRtpParameters(const RtpParameters& parameters) {
  validateRtpParameters(parameters);
  if (parameters.encodings.empty()) fail("there is no encoding");
  const RtpEncodingParameters& encoding = parameters.encodings.front();
  if (!encoding.ssrc) fail("the encoding has no ssrc");
  if (encoding.rtxSsrc == encoding.ssrc) fail("the rtx ssrc is that of the media");
}

void validateSctpStreamParameters(SctpStreamParameters& parameters) {
  const bool hasLifeTime = parameters.maxPacketLifeTime.has_value();
  const bool hasRetransmits = parameters.maxRetransmits.has_value();
  if (hasLifeTime && hasRetransmits)
    fail("maxPacketLifeTime and maxRetransmits exclude each other");
  const bool isPartial = hasLifeTime || hasRetransmits;
  if (isPartial && parameters.ordered.value_or(false)) {
    fail("ordered excludes maxPacketLifeTime and maxRetransmits");
  }
  if (!parameters.ordered) parameters.ordered = !isPartial;
}

}  // namespace cosoup::ortc
