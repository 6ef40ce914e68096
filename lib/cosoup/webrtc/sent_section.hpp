// SentSection: how the streams of one section that sends are to be treated. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <map>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// How what the other side misses (NACK) of the streams of a section is sent again.
struct Retransmission {
  /// Not at all; packed as RTX (RFC 4588); or as it was.
  enum class Form { none, rtx, verbatim };

  Form form = Form::none;
  // Only of RTX, which no description names: the other side has to be told otherwise.
  std::uint8_t rtxPayloadType = 0;
  std::map<std::uint32_t, std::uint32_t> rtxSsrcs;  ///< by the SSRC of what is sent again
};

/// The ids of header extensions that are written as late as possible; 0: packets have no such one.
struct StampedExtensions {
  std::uint8_t transportCc = 0;
  std::uint8_t absSendTime = 0;
};

struct SentSection {
  /// `caps`: those from which webrtcbin describes the section.
  SentSection(GstCaps* caps, Retransmission again);

  MediaKind kind = MediaKind::audio;
  std::uint8_t payloadType = 0;
  StampedExtensions extensions;
  Retransmission retransmission;
};

}  // namespace cosoup
