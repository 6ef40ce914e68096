// What a local description of webrtcbin says, as values. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup::sdp {

enum class MediaDirection { sendrecv, sendonly, recvonly, inactive };

/// One `a=rid` line.
struct Rid {
  std::string id;
  std::string direction;  ///< "send" or "recv"
  friend bool operator==(const Rid&, const Rid&) = default;
};

/// One m-section.
struct MediaSection {
  std::string mid;
  std::string media;              ///< "audio", "video", "application"
  std::optional<MediaKind> kind;  ///< absent for data
  unsigned port = 0;              ///< 0 in webrtcbin's offers also for bundled sections
  std::string protocol;
  MediaDirection direction = MediaDirection::sendrecv;
  std::string setup;  ///< "actpass", "active", "passive"; empty when only the session says it
  std::string iceUfrag;
  std::string icePwd;
  std::vector<DtlsFingerprint> fingerprints;

  std::vector<RtpCodecParameters> codecs;  ///< in the order of the m-line, rtx included
  std::vector<RtpHeaderExtensionParameters> headerExtensions;
  bool extmapAllowMixed = false;

  std::vector<std::uint32_t> ssrcs;                                ///< in order of first appearance
  std::vector<std::pair<std::uint32_t, std::uint32_t>> fidGroups;  ///< media SSRC, rtx SSRC
  std::string cname;                                               ///< of the first ssrc with one
  std::vector<Rid> rids;
  std::string simulcast;  ///< the attribute's value, for example "send r0;r1"

  std::optional<std::uint16_t> sctpPort;
  std::optional<std::uint32_t> maxMessageSize;  ///< bytes
};

struct SessionDescription {
  std::string setup;
  std::vector<DtlsFingerprint> fingerprints;
  std::vector<std::string> bundle;  ///< mids
  std::vector<MediaSection> sections;

  /// The section with that mid, or nullptr.
  const MediaSection* find(std::string_view mid) const;
  /// The same; throws Error(InvalidArgument) when there is none.
  const MediaSection& section(std::string_view mid) const;
};

/// Throws Error(InvalidArgument) on anything but SDP. Lines that make no sense are left out.
COSOUP_API SessionDescription parse(const std::string& text);

/// The certificate and role of a local description: "actpass" is automatic, "active" client,
/// "passive" server. The session's lines count first, then those of the first section that has any.
/// Throws Error(InvalidArgument) when there is no fingerprint or no role.
DtlsParameters dtlsParameters(const SessionDescription& description);

/// One encoding for each SSRC that is not an rtx SSRC, in order of appearance.
/// Throws Error(InvalidArgument) when the section names no SSRC.
std::vector<RtpEncodingParameters> rtpEncodings(const MediaSection& section);

/// What an offer of everything says we can: the codecs and header extensions of the first audio and
/// the first video section.
RtpCapabilities extractRtpCapabilities(const SessionDescription& description);

/// The parameters of a producer as the offer has really got them: mid, the payload type of the
/// media and header extension ids (extensions that the offer lacks are left out) come from the
/// offer, everything else from `wanted`, rtx too, which is in no offer of ours. Serves for both the
/// local and the remote view. Throws Error(Unsupported) when the offer lacks the media codec.
RtpParameters negotiatedRtpParameters(const RtpParameters& wanted, const MediaSection& offer);

}  // namespace cosoup::sdp
