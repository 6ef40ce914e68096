// A message of a data channel as GStreamer's SCTP elements take it. Internal.
#pragma once

#include <gst/gst.h>
#include <gst/sctp/sctpsendmeta.h>

#include "cosoup/rtc/data_channel.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

struct SctpReliability {
  gboolean ordered = TRUE;
  GstSctpSendMetaPartiallyReliability policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_NONE;
  guint32 parameter = 0;
};

/// What a channel promises of its messages (RFC 8831, section 6.4).
SctpReliability sctpReliability(const SctpStreamParameters& parameters);

/// Owned by the caller.
GstBuffer* makeSctpBuffer(const DataMessage& message, const SctpReliability& reliability);

}  // namespace cosoup
