#include "cosoup/webrtc/sctp_message.hpp"

namespace cosoup {
namespace {

// RFC 8831, section 8.
enum PayloadProtocol : guint32 { kText = 51, kBinary = 53, kEmptyText = 56, kEmptyBinary = 57 };

guint32 payloadProtocol(const DataMessage& message) {
  if (message.size() == 0) return message.isText() ? kEmptyText : kEmptyBinary;
  return message.isText() ? kText : kBinary;
}

}  // namespace

SctpReliability sctpReliability(const SctpStreamParameters& parameters) {
  SctpReliability result;
  result.ordered = parameters.ordered.value_or(true);
  if (parameters.maxRetransmits) {
    result.policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_RTX;
    result.parameter = *parameters.maxRetransmits;
  } else if (parameters.maxPacketLifeTime) {
    result.policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_TTL;
    result.parameter = *parameters.maxPacketLifeTime;
  }
  // The association object turns the number into network order, in which usrsctp does not want it:
  // one retransmission would become 16 million.
  result.parameter = g_htonl(result.parameter);
  return result;
}

GstBuffer* makeSctpBuffer(const DataMessage& message, const SctpReliability& reliability) {
  // SCTP has no empty messages; a byte stands for one, and the identifier says so.
  const std::string& content = message.text();
  GstBuffer* buffer = message.size() == 0 ? gst_buffer_new_memdup("", 1)
                                          : gst_buffer_new_memdup(content.data(), content.size());
  gst_sctp_buffer_add_send_meta(buffer, payloadProtocol(message), reliability.ordered,
                                reliability.policy, reliability.parameter);
  return buffer;
}

}  // namespace cosoup
