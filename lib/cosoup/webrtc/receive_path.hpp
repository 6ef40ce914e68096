// ReceivePath: the way of RTP from webrtcbin's RTP session to the sinks, on the thread that
// receives. Internal.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "cosoup/glib/wake_timer.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/lip_sync.hpp"
#include "cosoup/rtc/reception_report.hpp"
#include "cosoup/webrtc/receive_chain.hpp"
#include "cosoup/webrtc/received_streams.hpp"
#include "cosoup/webrtc/stream_description.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

/// What is looked for inside webrtcbin; tests look for what is not there.
struct ReceivePathNames {
  const char* demux = inner::rtpSsrcDemux;                       ///< a factory
  const char* transportReceiveBin = inner::transportReceiveBin;  ///< how a name begins
};

/// webrtcbin's own way of a stream costs two threads and two queues. So packets are taken at the
/// sink pad of its rtpssrcdemux, where the RTP session has counted them and RTX is unpacked; what
/// would follow is never made. Where webrtcbin is not built as it was, streams come out of its own
/// pads, which is said once. Thread-safe.
class ReceivePath : public std::enable_shared_from_this<ReceivePath> {
 public:
  /// The streams get their sinks from `sinks`, which lives as long as packets come. `pipeline`:
  /// the one in which they are.
  ReceivePath(ReceivedStreams& sinks, GstElement* pipeline, ReceivePathNames names = {});
  ReceivePath(const ReceivePath&) = delete;
  ReceivePath& operator=(const ReceivePath&) = delete;
  ~ReceivePath();

  /// To be called with every element inside webrtcbin, as it is added.
  void watch(GstElement* element);
  /// To be called when a stream comes out of webrtcbin itself: says why, if it is not known yet.
  void explainOwnPad();
  /// On whose thread the time is awaited at which a missing packet is asked for again or given up.
  void awaitOn(GMainContext* context);

  /// From now on the stream is taken. Its first packet makes its sink.
  void add(StreamDescription description);
  /// When it returns, nothing of the stream is pushed any more. Waits for the thread that receives.
  void release(std::uint32_t ssrc);
  void clear();

  /// Of a stream that was added and not yet released; absent of any other. Whoever reads the
  /// RTCP adds the NACKs that were sent.
  std::optional<ReceptionReport> reception(std::uint32_t ssrc);

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// Of the streams that are in sync.
  struct Sender {
    LipSync lipSync;
    std::optional<std::chrono::milliseconds> latency;  // the longest so far
  };
  struct Entry {
    StreamDescription description;
    std::shared_ptr<Sender> sender;
    std::unique_ptr<ReceiveChain> stream;  // from its first packet on
  };

  void watchDemux(GstElement* demux);
  void watchReports(GstElement* transportReceiveBin);
  static void bypassQueue(GstElement* transportReceiveBin);
  void take(Ref<GstBuffer> packet);
  void takeReport(GstBuffer* compound);
  void open(Entry& entry);
  void shareRoundTrip(std::chrono::steady_clock::duration roundTrip);
  void raiseLatency(const Entry& entry);
  void wake();
  void await(std::optional<Time> time);

  ReceivedStreams& sinks_;
  GstElement* const pipeline_;
  const ReceivePathNames names_;
  std::mutex mutex_;  // held while packets are pushed; guards the rest
  Ref<GstPad> session_;
  bool hasDemux_ = false;
  bool hasReports_ = false;
  std::unordered_map<std::uint32_t, Entry> entries_;
  std::map<std::string, std::weak_ptr<Sender>> senders_;
  std::optional<std::chrono::steady_clock::duration> roundTrip_;  // all streams have the same way
  std::optional<WakeTimer> timer_;
  std::optional<Time> awaited_;
};

}  // namespace cosoup
