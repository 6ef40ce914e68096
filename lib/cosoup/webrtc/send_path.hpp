// SendPath: the way of RTP from webrtcbin's RTP session to the encryption, on a thread of its own.
// Internal.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/send_control.hpp"

namespace cosoup {

/// Whoever makes packets only hands them over here, at the sink pad of webrtcbin's srtpenc, behind
/// the pads that wait for DTLS. One thread for each transport that sends anything does so when
/// SendControl says so. Where webrtcbin is not built as it was, packets go their own way at once.
/// Thread-safe.
class SendPath : public std::enable_shared_from_this<SendPath> {
 public:
  /// `tell` runs on the thread that sends, and must not hold it up.
  explicit SendPath(std::function<void(const CongestionReport&)> tell) : tell_(std::move(tell)) {}
  SendPath(const SendPath&) = delete;
  SendPath& operator=(const SendPath&) = delete;

  /// To be called with every element inside webrtcbin, as it is added.
  void watch(GstElement* element);
  /// What comes into the pad is taken, and later sent into it. Of several pads, as webrtcbin has
  /// before it bundles all sections, only one carries packets.
  void takeFrom(GstPad* encryption);
  void add(SentSection section);
  void setBounds(const CongestionBounds& bounds);

  /// Whether it is for us: all but requests for key frames.
  bool takes(const Feedback& feedback);

  /// Ends the thread; what waits is thrown away. To be called before the last reference goes, and
  /// once the pad lets no packet wait any more. Idempotent.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  GstPadProbeReturn onData(GstPad* pad, GstPadProbeInfo* info);
  void run();
  void wait(std::unique_lock<std::mutex>& lock);

  const std::function<void(const CongestionReport&)> tell_;
  std::mutex mutex_;  // guards the rest, also the order of times; not held while packets are sent
  std::condition_variable woken_;
  SendControl control_;
  Ref<GstPad> encryption_;               // by which the last packet came
  std::vector<Ref<GstBuffer>> packets_;  // the thread's own
  std::thread thread_;
  bool isStopped_ = false;
  bool isWoken_ = false;
};

}  // namespace cosoup
