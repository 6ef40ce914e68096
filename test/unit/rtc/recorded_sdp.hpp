// Descriptions as webrtcbin 1.22.0 and a browser wrote them.
#pragma once

#include <string>

namespace recorded {

// The recordings below are kept with plain line ends; on the wire each ends in CR LF.
inline std::string withLineEnds(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? "\r\n" : std::string(1, c);
  return result;
}

// webrtcbin's offer of data, opus, VP8, H264 and VP8 by rid, all with do-nack.
inline const std::string sendOffer = withLineEnds(R"(v=0
o=- 7726904493283417031 1 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
a=group:BUNDLE application0 audio1 video2 video3 video4
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:3nObfAxMHB4118ctR84YzMFy23Xp3R2f
a=ice-pwd:6hDpgrSLCUG4k0/2J/lGN/YksmWQmZBw
a=mid:application0
a=sctp-port:5000
a=fingerprint:sha-256 AD:56:32:A4:9F:78:A5:6C:EF:57:B2:A9:B6:F6:FB:B2:23:EE:83:AA:42:DB:14:95:C9:8D:BA:5B:A1:DC:4F:90
m=audio 0 UDP/TLS/RTP/SAVPF 100 96
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:3nObfAxMHB4118ctR84YzMFy23Xp3R2f
a=ice-pwd:6hDpgrSLCUG4k0/2J/lGN/YksmWQmZBw
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:100 OPUS/48000/2
a=rtcp-fb:100 nack
a=rtcp-fb:100 transport-cc
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:100 sprop-stereo=1;minptime=10;useinbandfec=1
a=rtpmap:96 rtx/48000
a=fmtp:96 apt=100
a=ssrc-group:FID 1111 4115707946
a=ssrc:1111 msid:user2691357875@host-9e1ed763 webrtctransceiver0
a=ssrc:1111 cname:user2691357875@host-9e1ed763
a=ssrc:4115707946 msid:user2691357875@host-9e1ed763 webrtctransceiver0
a=ssrc:4115707946 cname:user2691357875@host-9e1ed763
a=mid:audio1
a=fingerprint:sha-256 AD:56:32:A4:9F:78:A5:6C:EF:57:B2:A9:B6:F6:FB:B2:23:EE:83:AA:42:DB:14:95:C9:8D:BA:5B:A1:DC:4F:90
a=rtcp-mux-only
m=video 0 UDP/TLS/RTP/SAVPF 101 97
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:3nObfAxMHB4118ctR84YzMFy23Xp3R2f
a=ice-pwd:6hDpgrSLCUG4k0/2J/lGN/YksmWQmZBw
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:101 VP8/90000
a=rtcp-fb:101 nack
a=rtcp-fb:101 nack pli
a=rtcp-fb:101 ccm fir
a=rtcp-fb:101 transport-cc
a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=101
a=ssrc-group:FID 2222 1434895739
a=ssrc:2222 msid:user2691357875@host-9e1ed763 webrtctransceiver1
a=ssrc:2222 cname:user2691357875@host-9e1ed763
a=ssrc:1434895739 msid:user2691357875@host-9e1ed763 webrtctransceiver1
a=ssrc:1434895739 cname:user2691357875@host-9e1ed763
a=mid:video2
a=fingerprint:sha-256 AD:56:32:A4:9F:78:A5:6C:EF:57:B2:A9:B6:F6:FB:B2:23:EE:83:AA:42:DB:14:95:C9:8D:BA:5B:A1:DC:4F:90
a=rtcp-mux-only
m=video 0 UDP/TLS/RTP/SAVPF 103 98
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:3nObfAxMHB4118ctR84YzMFy23Xp3R2f
a=ice-pwd:6hDpgrSLCUG4k0/2J/lGN/YksmWQmZBw
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:103 H264/90000
a=rtcp-fb:103 nack
a=rtcp-fb:103 nack pli
a=rtcp-fb:103 ccm fir
a=rtcp-fb:103 transport-cc
a=fmtp:103 packetization-mode=1;profile-level-id=42e01f;sprop-parameter-sets=Z0LAH9oBQBbsBEAAAPpAADqYI8YMqA==,aM48gA==
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=103
a=ssrc-group:FID 3333 1825151575
a=ssrc:3333 msid:user2691357875@host-9e1ed763 webrtctransceiver2
a=ssrc:3333 cname:user2691357875@host-9e1ed763
a=ssrc:1825151575 msid:user2691357875@host-9e1ed763 webrtctransceiver2
a=ssrc:1825151575 cname:user2691357875@host-9e1ed763
a=mid:video3
a=fingerprint:sha-256 AD:56:32:A4:9F:78:A5:6C:EF:57:B2:A9:B6:F6:FB:B2:23:EE:83:AA:42:DB:14:95:C9:8D:BA:5B:A1:DC:4F:90
a=rtcp-mux-only
m=video 0 UDP/TLS/RTP/SAVPF 105 99
c=IN IP4 0.0.0.0
a=setup:actpass
a=ice-ufrag:3nObfAxMHB4118ctR84YzMFy23Xp3R2f
a=ice-pwd:6hDpgrSLCUG4k0/2J/lGN/YksmWQmZBw
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:105 VP8/90000
a=rtcp-fb:105 nack
a=rtcp-fb:105 nack pli
a=rtcp-fb:105 ccm fir
a=rtcp-fb:105 transport-cc
a=rid:r0 send
a=rid:r1 send
a=rid:r2 send
a=simulcast:send r0;r1;r2
a=mid:video4
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=105
a=fingerprint:sha-256 AD:56:32:A4:9F:78:A5:6C:EF:57:B2:A9:B6:F6:FB:B2:23:EE:83:AA:42:DB:14:95:C9:8D:BA:5B:A1:DC:4F:90
a=rtcp-mux-only
)");

// webrtcbin's answer to an offer of data, opus and VP8.
inline const std::string receiveAnswer = withLineEnds(R"(v=0
o=- 10000 2 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE data a0 v0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:4UZCvH9mgGIhaWHPtRYsuW+7w9h2Achm
a=ice-pwd:UR0Jr8LRm/A5ehrEhuMdcqHNcRrDeujQ
a=mid:data
a=setup:active
a=sctp-port:5000
a=fingerprint:sha-256 76:60:86:61:65:FF:20:AD:9C:D3:CD:B4:3D:DE:CE:90:A0:0C:64:5C:9A:FE:BD:E9:A8:6E:38:86:54:87:32:6A
m=audio 9 UDP/TLS/RTP/SAVPF 100
c=IN IP4 0.0.0.0
a=ice-ufrag:4UZCvH9mgGIhaWHPtRYsuW+7w9h2Achm
a=ice-pwd:UR0Jr8LRm/A5ehrEhuMdcqHNcRrDeujQ
a=rtcp-mux
a=mid:a0
a=setup:active
a=rtpmap:100 OPUS/48000/2
a=rtcp-fb:100 nack
a=rtcp-fb:100 transport-cc
a=fmtp:100 minptime=10;sprop-stereo=1;useinbandfec=1
a=recvonly
a=fingerprint:sha-256 76:60:86:61:65:FF:20:AD:9C:D3:CD:B4:3D:DE:CE:90:A0:0C:64:5C:9A:FE:BD:E9:A8:6E:38:86:54:87:32:6A
m=video 9 UDP/TLS/RTP/SAVPF 101 102
c=IN IP4 0.0.0.0
a=ice-ufrag:4UZCvH9mgGIhaWHPtRYsuW+7w9h2Achm
a=ice-pwd:UR0Jr8LRm/A5ehrEhuMdcqHNcRrDeujQ
a=rtcp-mux
a=mid:v0
a=setup:active
a=rtpmap:101 VP8/90000
a=rtcp-fb:101 nack
a=rtcp-fb:101 nack pli
a=rtcp-fb:101 ccm fir
a=rtcp-fb:101 transport-cc
a=rtpmap:102 rtx/90000
a=fmtp:102 apt=101
a=recvonly
a=fingerprint:sha-256 76:60:86:61:65:FF:20:AD:9C:D3:CD:B4:3D:DE:CE:90:A0:0C:64:5C:9A:FE:BD:E9:A8:6E:38:86:54:87:32:6A
)");

// The gist of a browser's offer: session-level fingerprint, `*`, one-line groups, two video
// sections.
inline const std::string browserOffer = withLineEnds(R"(v=0
o=- 4217372843158219001 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS
a=setup:actpass
a=fingerprint:sha-256 79:14:AB:AB:93:7F:07:E8:91:1A:11:16:36:D0:11:66:C4:4F:31:A0:74:46:65:58:70:E5:09:95:48:F4:4B:D9
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 110
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:5I2u
a=ice-pwd:aGgvXlHIBGHbVzkNWQ0TMTvR
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:0 PCMU/8000
a=rtpmap:110 telephone-event/48000
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104
c=IN IP4 0.0.0.0
a=mid:1
a=extmap-allow-mixed
a=extmap:4 urn:ietf:params:rtp-hdrext:toffset
a=sendrecv
a=rtcp-mux
a=rtcp-rsize
a=rtcp-fb:* goog-remb
a=rtcp-fb:* nack pli
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:103 H264/90000
a=fmtp:103 level-asymmetry-allowed=1; packetization-mode=1; profile-level-id=420010
a=rtpmap:104 rtx/90000
a=fmtp:104 apt=103
a=ssrc-group:FID 2231627014 632943048
a=ssrc:2231627014 cname:xIJ7w3v7/5Ip0ZSI
a=ssrc:632943048 cname:xIJ7w3v7/5Ip0ZSI
m=video 9 UDP/TLS/RTP/SAVPF 98
c=IN IP4 0.0.0.0
a=mid:2
a=sendrecv
a=rtpmap:98 VP9/90000
)");

}  // namespace recorded
