// RTP packets for tests of the way out of a transport.
#pragma once

#include <gst/gst.h>
#include <gst/rtp/gstrtpbuffer.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/webrtc/sent_section.hpp"

namespace cosoup::test {

inline constexpr std::uint8_t kTimeId = 3;
inline constexpr std::uint8_t kNumberId = 5;

struct RtpPacket {
  std::uint32_t ssrc = 0;
  std::uint8_t payloadType = 0;
  std::uint16_t sequenceNumber = 0;
  std::uint32_t timestamp = 0;
  std::string payload;
  bool hasExtensions = true;

  // Only of one that was read.
  std::uint32_t sendTime = 0;
  std::optional<std::uint16_t> number = {};  ///< transport-wide
  std::size_t padding = 0;
};

inline Ref<GstBuffer> write(const RtpPacket& packet) {
  auto buffer = Ref<GstBuffer>::adopt(
      gst_rtp_buffer_new_allocate(static_cast<guint>(packet.payload.size()), 0, 0));
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gst_rtp_buffer_map(buffer.get(), GST_MAP_READWRITE, &rtp);
  gst_rtp_buffer_set_ssrc(&rtp, packet.ssrc);
  gst_rtp_buffer_set_payload_type(&rtp, packet.payloadType);
  gst_rtp_buffer_set_seq(&rtp, packet.sequenceNumber);
  gst_rtp_buffer_set_timestamp(&rtp, packet.timestamp);
  const guint8 never[3] = {0xff, 0xff, 0xff};
  if (packet.hasExtensions) {
    gst_rtp_buffer_add_extension_onebyte_header(&rtp, kTimeId, never, 3);
    gst_rtp_buffer_add_extension_onebyte_header(&rtp, kNumberId, never, 2);
  }
  auto* payload = static_cast<char*>(gst_rtp_buffer_get_payload(&rtp));
  packet.payload.copy(payload, packet.payload.size());
  gst_rtp_buffer_unmap(&rtp);
  return buffer;
}

inline RtpPacket read(GstBuffer* buffer) {
  RtpPacket packet;
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (!gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp)) return packet;
  packet.ssrc = gst_rtp_buffer_get_ssrc(&rtp);
  packet.payloadType = gst_rtp_buffer_get_payload_type(&rtp);
  packet.sequenceNumber = gst_rtp_buffer_get_seq(&rtp);
  packet.timestamp = gst_rtp_buffer_get_timestamp(&rtp);
  packet.payload.assign(static_cast<const char*>(gst_rtp_buffer_get_payload(&rtp)),
                        gst_rtp_buffer_get_payload_len(&rtp));
  gpointer data = nullptr;
  guint size = 0;
  packet.hasExtensions =
      gst_rtp_buffer_get_extension_onebyte_header(&rtp, kTimeId, 0, &data, &size) && size == 3;
  if (packet.hasExtensions) packet.sendTime = GST_READ_UINT24_BE(data);
  if (gst_rtp_buffer_get_extension_onebyte_header(&rtp, kNumberId, 0, &data, &size)) {
    packet.number = bigEndian16({static_cast<const std::uint8_t*>(data), size}, 0);
  }
  packet.padding = gst_buffer_get_size(buffer) - gst_rtp_buffer_get_header_len(&rtp) -
                   gst_rtp_buffer_get_payload_len(&rtp);
  gst_rtp_buffer_unmap(&rtp);
  return packet;
}

/// Whether an abs-send-time is of the last 10 s.
inline bool isRecent(std::uint32_t sendTime) {
  const auto now =
      gst_util_uint64_scale(static_cast<guint64>(g_get_monotonic_time()), 1 << 18, G_USEC_PER_SEC);
  return ((now - sendTime) & 0xffffff) < 10u << 18;
}

inline constexpr std::uint32_t kAudioSsrc = 11;
inline constexpr std::uint32_t kVideoSsrc = 22;
inline constexpr std::uint32_t kRtxSsrc = 33;
inline constexpr std::uint8_t kAudioPayloadType = 100;
inline constexpr std::uint8_t kVideoPayloadType = 101;
inline constexpr std::uint8_t kRtxPayloadType = 102;

inline SentSection section(const char* fields, Retransmission retransmission) {
  gst_init(nullptr, nullptr);
  const auto caps = Ref<GstCaps>::adopt(
      gst_caps_from_string((std::string("application/x-rtp, ") + fields).c_str()));
  return SentSection(caps.get(), std::move(retransmission));
}

inline constexpr const char* kExtensions =
    ", extmap-1=(string)urn:ietf:params:rtp-hdrext:sdes:mid, "
    "extmap-3=(string)\"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\", "
    "extmap-5=(string)\"http://www.ietf.org/id/"
    "draft-holmer-rmcat-transport-wide-cc-extensions-01\"";

inline SentSection audioSection(Retransmission::Form form = Retransmission::Form::verbatim) {
  Retransmission retransmission;
  retransmission.form = form;
  const std::string fields = "media=audio, encoding-name=OPUS, payload=100";
  return section((fields + kExtensions).c_str(), std::move(retransmission));
}

inline SentSection videoSection() {
  Retransmission retransmission;
  retransmission.form = Retransmission::Form::rtx;
  retransmission.rtxPayloadType = kRtxPayloadType;
  retransmission.rtxSsrcs[kVideoSsrc] = kRtxSsrc;
  const std::string fields = "media=video, encoding-name=VP8, payload=101";
  return section((fields + kExtensions).c_str(), std::move(retransmission));
}

inline RtpPacket audioPacket(std::uint16_t sequenceNumber) {
  return {kAudioSsrc, kAudioPayloadType, sequenceNumber, sequenceNumber * 960u, "sound"};
}

/// VP8 (RFC 7741): the first packet of its frame, and of a key frame if so wanted.
inline RtpPacket videoPacket(std::uint16_t sequenceNumber, std::uint32_t frame, bool isKey = false,
                             std::size_t size = 1000) {
  std::string payload(size, 'x');
  payload[0] = 0x10;
  payload[1] = isKey ? 0x10 : 0x11;
  return {kVideoSsrc, kVideoPayloadType, sequenceNumber, frame * 3000, std::move(payload)};
}

}  // namespace cosoup::test
