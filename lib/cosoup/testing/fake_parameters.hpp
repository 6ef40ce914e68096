// What a server and a machine would say, for tests (mediasoup-client's testFakeParameters). The
// same values each time; what differs from test to test is for the test to change.
#pragma once

#include <cstdint>

#include "cosoup/client/consumer.hpp"
#include "cosoup/client/data_consumer.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup::testing {

/// The capabilities of a router of mediasoup 3.27 with opus, VP8, VP9, H264 and AV1.
RtpCapabilities fakeRouterRtpCapabilities();

/// Those of a client with opus, VP8 and H264: for DeviceOptions::localCapabilities, so that a test
/// does not depend on the installed GStreamer elements.
RtpCapabilities fakeLocalRtpCapabilities();

/// What a server answers to createWebRtcTransport; with SCTP unless told otherwise. Its addresses
/// belong to nobody.
TransportParameters fakeTransportParameters(bool withData = true);

/// The parameters of a consumer: opus, or VP8 with retransmission (whose SSRC is the next one).
RtpParameters fakeConsumerRtpParameters(MediaKind kind, std::uint32_t ssrc);

/// A consumer with these parameters, with ids that are derived from the SSRC.
ConsumeOptions fakeConsumeOptions(MediaKind kind, std::uint32_t ssrc = 1000);

/// A data consumer on that stream, likewise.
DataConsumeOptions fakeDataConsumeOptions(std::uint16_t streamId = 0);

}  // namespace cosoup::testing
