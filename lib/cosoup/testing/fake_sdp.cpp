#include "cosoup/testing/fake_sdp.hpp"

#include <gst/sdp/gstsdpmessage.h>

#include <cstdint>
#include <sstream>

namespace cosoup::testing {
namespace {

constexpr const char* session =
    "v=0\r\no=- 7726904493283417031 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\n";
constexpr const char* transport =
    "a=ice-ufrag:fakeufrag\r\na=ice-pwd:fakepassword0123456789\r\n"
    "a=fingerprint:sha-256 AB:CD:EF\r\n";

int intField(const GstStructure* fields, const char* name) {
  gint value = 0;
  gst_structure_get_int(fields, name, &value);
  return value;
}

std::string line(const std::string& text) { return "a=" + text + "\r\n"; }

std::string dataSection(const std::string& mid) {
  return "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" +
         line("setup:actpass") + transport + line("mid:" + mid) + line("sctp-port:5000");
}

std::string feedback(const std::string& payloadType, bool isVideo) {
  std::string text;
  if (isVideo) text += line("rtcp-fb:" + payloadType + " nack pli");
  if (isVideo) text += line("rtcp-fb:" + payloadType + " ccm fir");
  return text + line("rtcp-fb:" + payloadType + " transport-cc");
}

// As webrtcbin: for each SSRC the msid comes before the cname.
std::string source(std::uint32_t ssrc) {
  const std::string prefix = "ssrc:" + std::to_string(ssrc);
  return line(prefix + " msid:user@host transceiver") + line(prefix + " cname:user@host");
}

// rtpmap, fmtp, extmap and mid, by the function that webrtcbin has them from.
std::string codecLines(GstCaps* caps) {
  GstSDPMedia* media = nullptr;
  gst_sdp_media_new(&media);
  gst_sdp_media_set_media_from_caps(caps, media);
  std::string text;
  for (guint i = 0; i < gst_sdp_media_attributes_len(media); ++i) {
    const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(media, i);
    text += line(std::string(attribute->key) + ":" + attribute->value);
  }
  gst_sdp_media_free(media);
  return text;
}

std::string mediaSection(GstCaps* caps, bool isFirst) {
  const GstStructure* fields = gst_caps_get_structure(caps, 0);
  const std::string media = gst_structure_get_string(fields, "media");
  const std::string payloadType = std::to_string(intField(fields, "payload"));
  guint ssrc = 0;
  gst_structure_get_uint(fields, "ssrc", &ssrc);
  return "m=" + media + (isFirst ? " 9" : " 0") + " UDP/TLS/RTP/SAVPF " + payloadType +
         "\r\nc=IN IP4 0.0.0.0\r\n" + line("setup:actpass") + transport +
         (isFirst ? "" : line("bundle-only")) + line("rtcp-mux") + line("rtcp-rsize") +
         line("sendonly") + codecLines(caps) + feedback(payloadType, media == "video") +
         source(ssrc);
}

std::string midOf(GstCaps* caps) {
  return gst_structure_get_string(gst_caps_get_structure(caps, 0), "a-mid");
}

/// A line of an answer for one of the offer; empty when the answer has none.
std::string answered(const std::string& offered, const std::string& mid,
                     const std::set<std::string>& refused) {
  if (offered == "a=sendonly") return line(refused.contains(mid) ? "inactive" : "recvonly");
  if (offered.starts_with("a=setup:")) return line("setup:active") + transport;
  for (const char* key :
       {"extmap", "ssrc", "msid", "candidate", "end-of", "ice", "fingerprint", "max-message"}) {
    if (offered.starts_with(std::string("a=") + key)) return "";
  }
  return offered + "\r\n";
}

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string each; std::getline(stream, each);) {
    if (each.ends_with('\r')) each.pop_back();
    lines.push_back(each);
  }
  return lines;
}

}  // namespace

std::string writeOffer(const std::vector<Ref<GstCaps>>& sections) {
  std::string bundle = "group:BUNDLE";
  std::string text;
  for (const Ref<GstCaps>& caps : sections) {
    const std::string mid = caps ? midOf(caps.get()) : "application0";
    bundle += " " + mid;
    if (!caps) {
      text += dataSection(mid);
    } else {
      const bool isFirst = text.empty();
      text += mediaSection(caps.get(), isFirst);
    }
  }
  return session + line(bundle) + text;
}

std::string writeAnswer(const std::string& offer, const std::set<std::string>& refused) {
  // The direction stands before or behind the mid.
  const std::vector<std::string> lines = linesOf(offer);
  std::string bundle;
  std::string text;
  std::string mid;
  bool inSections = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("a=group:BUNDLE")) bundle = lines[i] + "\r\n";
    if (lines[i].starts_with("m=")) {
      inSections = true;
      for (std::size_t at = i + 1; at < lines.size() && !lines[at].starts_with("m="); ++at) {
        if (lines[at].starts_with("a=mid:")) mid = lines[at].substr(6);
      }
    }
    if (inSections) text += answered(lines[i], mid, refused);
  }
  return session + bundle + text;
}

}  // namespace cosoup::testing
