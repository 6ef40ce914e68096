// Track: the frames of one stream on their way from where they arise (a source, a consumer) to
// where they are wanted (a producer, a sink). The media stream track of the W3C, encoded-first.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// One frame: encoded (one access unit) or raw, as its caps say.
struct Frame {
  Ref<GstBuffer> buffer;
  Ref<GstCaps> caps;
  GstClockTime time = GST_CLOCK_TIME_NONE;  ///< when it is due, by the clock of all pipelines; ns
  /// By how many degrees an encoded picture is to be turned clockwise to stand upright: 0, 90, 180
  /// or 270. Raw ones do.
  int rotation = 0;
  /// So long right before it sound is missing that was sent and has not come, as far as it is
  /// known; ns. 0 where nothing is, also after silence that was not sent.
  GstClockTime lost = 0;
};

/// Takes frames, on whatever streaming thread they come; calls for one track never overlap. It must
/// return soon and never throw.
class COSOUP_API FrameReceiver {
 public:
  virtual ~FrameReceiver() = default;
  virtual void onFrame(const Frame& frame) = 0;
  /// No frame comes any more. May be called on any thread.
  virtual void onEnd() {}
};

/// Thread-safe where it says so, else main-context-bound.
class COSOUP_API Track {
 public:
  explicit Track(MediaKind kind) : kind_(kind) {}
  Track(const Track&) = delete;
  Track& operator=(const Track&) = delete;

  MediaKind kind() const { return kind_; }

  /// What the frames are, as soon as it is known; a source knows once it is open. Thread-safe.
  Ref<GstCaps> caps() const;

  /// Every receiver gets every frame from now on. Thread-safe.
  void addReceiver(std::shared_ptr<FrameReceiver> receiver);
  /// When this returns, the receiver is not being called and never will be again. Thread-safe, but
  /// not from within the receiver.
  void removeReceiver(const std::shared_ptr<FrameReceiver>& receiver);

  /// Whether anybody wants the frames: an origin may save itself the work otherwise. Thread-safe.
  bool hasReceivers() const { return isEnabled_ && receiverCount_ > 0; }

  /// A track that is disabled gives no frames (`enabled` of the W3C's MediaStreamTrack). Encoded
  /// video goes on with a key frame. Thread-safe, but not from within a receiver.
  void setEnabled(bool enabled);

  /// Whether the origin has ended. Thread-safe.
  bool isEnded() const { return hasEnded_; }

  /// Whether the frames are of this moment, as those of a camera: Frame::time is when they were
  /// captured. Not so for files, and for what others send. Thread-safe.
  bool isLive() const { return isLive_; }

  /// By how much a frame may come after its Frame::time, because it was waited for or sent again;
  /// the same for all tracks that are in sync, and it only grows. Absent: it is not known.
  /// Thread-safe.
  std::optional<std::chrono::milliseconds> latency() const;

  /// Asks the origin for a key frame: a forced key unit to an encoder, a PLI to a remote one.
  /// Thread-safe.
  void requestKeyFrame();

  /// The origin ended (end of file, consumer closed). Emitted on the main context, once.
  Signal<> ended;

  // For the origin.
  void setCaps(Ref<GstCaps> caps);
  void setLive(bool live) { isLive_ = live; }
  void setLatency(std::chrono::milliseconds latency) { latency_ = latency.count(); }
  void setKeyFrameRequest(std::function<void()> request);
  void deliver(const Frame& frame);
  /// Tells the receivers; emitting `ended` on the main context is the origin's part.
  void end();

 private:
  static constexpr std::int64_t kUnknown = -1;

  const MediaKind kind_;
  mutable std::mutex mutex_;   // guards caps_ and keyFrameRequest_
  std::mutex receiversMutex_;  // held while receivers are called; guards needsKeyFrame_
  Ref<GstCaps> caps_;
  std::function<void()> keyFrameRequest_;
  std::vector<std::shared_ptr<FrameReceiver>> receivers_;
  std::atomic<std::size_t> receiverCount_ = 0;
  std::atomic<bool> isEnabled_ = true;
  bool needsKeyFrame_ = false;
  std::atomic<bool> hasEnded_ = false;
  std::atomic<bool> isLive_ = false;
  std::atomic<std::int64_t> latency_ = kUnknown;  // ms
};

}  // namespace cosoup
