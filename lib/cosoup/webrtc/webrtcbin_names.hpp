// What is leant on of the inside of webrtcbin, GStreamer 1.22 to 1.26, which it promises to nobody.
// Internal.
#pragma once

// Each name is looked for at run time. Behind it stands what it is for, and what becomes of a call
// where it is missing. Not listed: what webrtcbin and libnice's agent document as their own.
namespace cosoup::inner {

// ---- elements, by factory ----------------------------------------------------------------------

/// Packets are taken from it by ReceivePath; without: out of webrtcbin's own pads.
inline constexpr const char* rtpSsrcDemux = "rtpssrcdemux";
/// Gets our certificate, shows the peer's, and never reports an error; without: no call.
inline constexpr const char* dtlsSrtpDec = "dtlssrtpdec";
/// Nothing passes it before the peer is known, and what is sent is taken in front of it; without:
/// the peer is told from the wrong one only when packets have gone out, and these are neither paced
/// nor sent again, with a bitrate that does not follow what the line carries.
inline constexpr const char* srtpEnc = "srtpenc";
/// Likewise for DTLS.
inline constexpr const char* dtlsEnc = "dtlsenc";
/// Forgets the key of a stream that has ended; without: it is kept until the transport ends.
inline constexpr const char* srtpDec = "srtpdec";
/// Ours are the data channels of them; without: no messages.
inline constexpr const char* sctpDec = "sctpdec";
inline constexpr const char* sctpEnc = "sctpenc";
/// Packets go around it, from the sockets to the decryption; without: through it, and its thread.
inline constexpr const char* queue = "queue";

// ---- elements, by name -------------------------------------------------------------------------

/// The rtpbin; without: nothing.
inline constexpr const char* rtpBin = "rtpbin";
/// How the bin begins that receives, of which there is one for each transport. Without: no guard,
/// so that nothing that is received is counted, and no lip-sync.
inline constexpr const char* transportReceiveBin = "transportreceivebin";

// ---- pads --------------------------------------------------------------------------------------

/// Of rtpssrcdemux, as its factory.
inline constexpr const char* demuxSink = "sink";
/// Likewise; without: two threads more for some of the streams.
inline constexpr const char* demuxReports = "rtcp_sink";
/// Of transportreceivebin; without one of them the certificate gate refuses the peer.
inline constexpr const char* receivedRtp = "rtp_src";
inline constexpr const char* receivedRtcp = "rtcp_src";
inline constexpr const char* receivedData = "data_src";
/// Of dtlssrtpdec, of sctpdec and of queue.
inline constexpr const char* sink = "sink";
/// Of sctpenc and of queue.
inline constexpr const char* source = "src";
/// Of srtpenc: how the names of its pads for RTP begin.
inline constexpr const char* unencryptedRtp = "rtp_sink";
/// Of srtpdec: locked while the key of a stream is removed.
inline constexpr const char* encryptedRtp = "rtp_sink";
inline constexpr const char* encryptedRtcp = "rtcp_sink";
/// Of the rtpbin: takes the BYE of a stream that has ended; without: its source is kept.
inline constexpr const char* sessionRtcp = "recv_rtcp_sink_0";

// ---- signals and actions -----------------------------------------------------------------------

// Of the rtpbin. Without the session: no statistics, no congestion control, no lost packets sent
// again.
inline constexpr const char* getInternalSession = "get-internal-session";
/// Of webrtcbin's own way alone.
inline constexpr const char* newJitterBuffer = "new-jitterbuffer";
inline constexpr const char* newStorage = "new-storage";
inline constexpr const char* requestFecDecoder = "request-fec-decoder-full";
inline constexpr const char* clearSsrc = "clear-ssrc";
/// Of srtpdec.
inline constexpr const char* removeKey = "remove-key";
// Of the RTPSession.
inline constexpr const char* onFeedbackRtcp = "on-feedback-rtcp";
inline constexpr const char* onSendingRtcp = "on-sending-rtcp";
inline constexpr const char* getSourceBySsrc = "get-source-by-ssrc";
/// Of sctpenc.
inline constexpr const char* associationEstablished = "sctp-association-established";

// ---- properties --------------------------------------------------------------------------------

/// Of dtlssrtpdec: our key and certificate, and the peer's.
inline constexpr const char* pem = "pem";
inline constexpr const char* peerPem = "peer-pem";
// Of srtpenc.
inline constexpr const char* allowRepeatTx = "allow-repeat-tx";
inline constexpr const char* replayWindowSize = "replay-window-size";
// Of the RTPSession, and of its sources.
inline constexpr const char* twccFeedbackInterval = "twcc-feedback-interval";
inline constexpr const char* bandwidth = "bandwidth";
inline constexpr const char* probation = "probation";
inline constexpr const char* stats = "stats";
// Of rtpjitterbuffer, on webrtcbin's own way alone.
inline constexpr const char* doRetransmission = "do-retransmission";
inline constexpr const char* rtxNextSeqnum = "rtx-next-seqnum";
/// Of rtpstorage's storage.
inline constexpr const char* sizeTime = "size-time";
/// Of sctpdec and sctpenc.
inline constexpr const char* associationId = "sctp-association-id";
/// Of what webrtcbin's `ice-agent` gives: the NiceAgent; without: nothing.
inline constexpr const char* agent = "agent";

// ---- events ------------------------------------------------------------------------------------

/// Up from the demuxer, through rtprtxreceive, to the session: NACK.
inline constexpr const char* retransmissionRequest = "GstRTPRetransmissionRequest";
/// Likewise: PLI or FIR.
inline constexpr const char* forceKeyUnit = "GstForceKeyUnit";

}  // namespace cosoup::inner
