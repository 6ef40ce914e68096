// Parameters that several tests of this floor start from.
#pragma once

#include <cstdint>
#include <string>

#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/sdp_write.hpp"
#include "cosoup/testing/fake_parameters.hpp"

namespace example {

using namespace cosoup;

inline constexpr char kMid[] = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr char kAbsSendTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

inline std::int64_t integer(std::int64_t value) { return value; }

inline RtpCapabilities router() { return testing::fakeRouterRtpCapabilities(); }

inline RtpCodecCapability codec(const std::string& mimeType, std::uint8_t payloadType,
                                CodecParameters parameters = {}) {
  const bool isAudio = mimeType.rfind("audio/", 0) == 0;
  RtpCodecCapability result;
  result.kind = isAudio ? MediaKind::audio : MediaKind::video;
  result.mimeType = mimeType;
  result.preferredPayloadType = payloadType;
  result.clockRate = isAudio ? 48000 : 90000;
  if (isAudio) result.channels = 2;
  result.parameters = std::move(parameters);
  if (!isAudio) result.rtcpFeedback = {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}};
  result.rtcpFeedback.push_back({"transport-cc", ""});
  return result;
}

inline RtpCodecCapability rtx(std::uint8_t payloadType, std::uint8_t apt) {
  RtpCodecCapability result = codec("video/rtx", payloadType, {{"apt", integer(apt)}});
  result.rtcpFeedback.clear();
  return result;
}

inline RtpCodecCapability h264(std::uint8_t payloadType, const std::string& profileLevelId,
                               int packetizationMode = 1, int levelAsymmetryAllowed = 1) {
  return codec("video/H264", payloadType,
               {{"packetization-mode", integer(packetizationMode)},
                {"profile-level-id", profileLevelId},
                {"level-asymmetry-allowed", integer(levelAsymmetryAllowed)}});
}

/// What a client of ours can: opus without rtx, VP8 and H264 with it; webrtcbin's spelling.
inline RtpCapabilities local() { return testing::fakeLocalRtpCapabilities(); }

inline ortc::ExtendedRtpCapabilities extended() {
  return ortc::getExtendedRtpCapabilities(local(), router());
}

/// A consumer of VP8 with rtx as the server describes it.
inline RtpParameters videoConsumer(std::uint32_t ssrc = 1000002) {
  return testing::fakeConsumerRtpParameters(MediaKind::video, ssrc);
}

inline RtpParameters audioConsumer(std::uint32_t ssrc = 1000001) {
  return testing::fakeConsumerRtpParameters(MediaKind::audio, ssrc);
}

inline IceParameters ice(const std::string& ufrag = "serverufrag") {
  IceParameters parameters = testing::fakeTransportParameters().iceParameters;
  parameters.usernameFragment = ufrag;
  return parameters;
}

inline std::vector<IceCandidate> candidates() {
  return testing::fakeTransportParameters().iceCandidates;
}

inline DtlsParameters dtls() { return testing::fakeTransportParameters().dtlsParameters; }

inline sdp::RemoteSdp remote() {
  return sdp::RemoteSdp(ice(), candidates(), dtls(),
                        SctpParameters{5000, 1024, 1024, 200000, {}, {}, {}, {}, {}, {}});
}

}  // namespace example
