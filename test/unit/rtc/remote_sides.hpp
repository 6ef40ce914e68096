// Remote sides of a send and a receive transport, and how to look at what they write.
#pragma once

#include <string>
#include <vector>

#include "examples.hpp"
#include "recorded_sdp.hpp"

namespace example {

inline bool has(const std::string& text, const std::string& line) {
  return text.find(recorded::withLineEnds("\n" + line + "\n")) != std::string::npos;
}

inline std::vector<std::string> mids(const sdp::SessionDescription& description) {
  std::vector<std::string> result;
  for (const sdp::MediaSection& section : description.sections) result.push_back(section.mid);
  return result;
}

/// A send transport's remote side that has answered the recorded offer.
inline sdp::RemoteSdp answering(DtlsRole role = DtlsRole::server) {
  const sdp::SessionDescription offer = sdp::parse(recorded::sendOffer);
  sdp::RemoteSdp remote = example::remote();
  remote.setDtlsRole(role);
  remote.addDataSlot("application0");
  for (const char* mid : {"audio1", "video2", "video3", "video4"}) {
    const sdp::MediaSection& section = offer.section(mid);
    RtpParameters parameters;
    parameters.codecs = section.codecs;
    parameters.headerExtensions = section.headerExtensions;
    remote.addSendSlot(section, parameters);
  }
  return remote;
}

/// A receive transport's remote side with data, one audio and one video slot.
inline sdp::RemoteSdp offering() {
  sdp::RemoteSdp remote = example::remote();
  remote.addDataSlot("data");
  remote.addReceiveSlot("a0", MediaKind::audio, audioConsumer(), "ada-mic", "c1");
  remote.addReceiveSlot("v0", MediaKind::video, videoConsumer(), "ada-mic", "c2");
  return remote;
}

}  // namespace example
