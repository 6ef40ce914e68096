// ReceiveGuard: lets in only the streams that webrtcbin has been told of.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace cosoup {

/// What has arrived of one SSRC, counted before the jitter buffer. Thread-safe.
struct ReceivedStream {
  std::atomic<std::uint64_t> packets = 0;
  std::atomic<std::uint64_t> bytes = 0;  ///< RTP packets with their headers, decrypted
};

/// webrtcbin crashes on, or mis-files for good, an SSRC whose RTP or RTCP it meets before the SDP
/// that names it, and an RTP packet before the first media section stops its receive path. So a
/// probe behind the SRTP decryption drops what has not been admitted. Thread-safe.
class ReceiveGuard : public std::enable_shared_from_this<ReceiveGuard> {
 public:
  /// To be called once the SDP that names the SSRC is applied. `nack`: whether lost packets may be
  /// asked for. `onFirstPacket` runs on the streaming thread with the first packet let through.
  std::shared_ptr<ReceivedStream> admit(std::uint32_t ssrc, bool nack,
                                        std::function<void()> onFirstPacket = {});
  void dismiss(std::uint32_t ssrc);
  /// What admit() was told; of an SSRC that is not admitted no.
  bool mayNack(std::uint32_t ssrc) const;

  /// Puts the probes on webrtcbin's inner bin named "transportreceivebin…".
  void watch(GstElement* transportReceiveBin);

 private:
  struct Entry {
    std::shared_ptr<ReceivedStream> stream;
    bool nack;
    std::function<void()> onFirstPacket;
  };

  static GstPadProbeReturn onRtp(GstPad*, GstPadProbeInfo* info, gpointer self);
  static GstPadProbeReturn onRtcp(GstPad*, GstPadProbeInfo* info, gpointer self);
  bool admitsRtp(GstBuffer* packet);
  bool admitsRtcp(GstBuffer* packet);

  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, Entry> admitted_;
};

}  // namespace cosoup
