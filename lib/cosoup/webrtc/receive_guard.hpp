// ReceiveGuard: lets in only the streams that webrtcbin has been told of. Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// What has arrived of one SSRC, counted before the jitter buffer. Thread-safe.
struct ReceivedStream {
  std::atomic<std::uint64_t> packets = 0;
  std::atomic<std::uint64_t> bytes = 0;  ///< RTP packets with their headers, decrypted
};

/// webrtcbin crashes on, or mis-files for good, an SSRC whose RTP or RTCP it meets before the SDP
/// that names it, and an RTP packet before the first media section stops its receive path. So
/// probes behind the SRTP decryption let through only what is of an admitted SSRC: of RTP without
/// its contributing sources, each of which would count as met, and of RTCP see admittedRtcp().
/// And whatever the elements behind say of a packet, the thread that receives goes on: nicesrc ends
/// for good with the first error. Thread-safe.
class COSOUP_API ReceiveGuard : public std::enable_shared_from_this<ReceiveGuard> {
 public:
  /// `reporters`: how many SSRCs that are not streams may report on what we send.
  explicit ReceiveGuard(std::size_t reporters = 0) : freeReporters_(reporters) {}

  /// To be called once the SDP that names the SSRC is applied. Its packets have this payload type;
  /// one of another section would be taken for what it is there. `nack`: whether lost packets may
  /// be asked for. `onFirstPacket` runs on the streaming thread with the first packet let through.
  std::shared_ptr<ReceivedStream> admit(std::uint32_t ssrc, std::uint8_t payloadType, bool nack,
                                        std::function<void()> onFirstPacket = {});
  void dismiss(std::uint32_t ssrc);
  /// What admit() was told; of an SSRC that is not admitted no.
  bool mayNack(std::uint32_t ssrc) const;

  /// Whether any RTP or RTCP has come since it was asked last, decrypted, of whatever stream.
  bool hasHeard() { return heard_.exchange(false, std::memory_order_relaxed); }

  /// To be called with every element inside webrtcbin, as it is added.
  void watch(GstElement* element);

 private:
  struct Entry {
    std::shared_ptr<ReceivedStream> stream;
    std::uint8_t payloadType;
    bool nack;
    std::function<void()> onFirstPacket;
  };

  void watchBin(GstElement* transportReceiveBin);
  /// What goes on in place of the packet, which it takes; null for nothing.
  GstBuffer* passRtp(GstBuffer* packet);
  GstBuffer* passRtcp(GstBuffer* packet);
  bool admitsReporter(std::uint32_t ssrc);

  std::atomic<bool> heard_ = false;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint32_t, Entry> admitted_;
  std::size_t freeReporters_;
  std::unordered_set<std::uint32_t> reporters_;
};

}  // namespace cosoup
