#include "cosoup/webrtc/send_path.hpp"

#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/sink_pads.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

void SendPath::watch(GstElement* element) {
  PacketResender::prepare(element);
  if (!isMadeBy(element, inner::srtpEnc)) return;
  forEachSinkPad(element, [weak = weak_from_this()](GstPad* pad) {
    const auto path = weak.lock();
    if (path && g_str_has_prefix(GST_OBJECT_NAME(pad), inner::unencryptedRtp)) path->takeFrom(pad);
  });
}

void SendPath::takeFrom(GstPad* encryption) {
  addProbe(encryption, kDataProbe, [weak = weak_from_this()](GstPad* pad, GstPadProbeInfo* info) {
    const auto self = weak.lock();
    return self ? self->onData(pad, info) : GST_PAD_PROBE_DROP;
  });
}

GstPadProbeReturn SendPath::onData(GstPad* pad, GstPadProbeInfo* info) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (std::this_thread::get_id() == thread_.get_id()) return GST_PAD_PROBE_OK;
    if (isStopped_) return GST_PAD_PROBE_DROP;
    if (encryption_.get() != pad) encryption_ = Ref<GstPad>::share(pad);
    if (!thread_.joinable()) thread_ = std::thread([self = shared_from_this()] { self->run(); });
    takeEachBuffer(info, [&](Ref<GstBuffer> packet) { control_.push(std::move(packet), now); });
    isWoken_ = true;
  }
  woken_.notify_one();
  return GST_PAD_PROBE_HANDLED;
}

void SendPath::add(SentSection section) {
  const std::lock_guard lock(mutex_);
  control_.add(std::move(section));
}

void SendPath::setBounds(const CongestionBounds& bounds) {
  {
    const std::lock_guard lock(mutex_);
    control_.setBounds(bounds, Clock::now());
    isWoken_ = true;
  }
  woken_.notify_one();
}

bool SendPath::takes(const Feedback& feedback) {
  if (std::holds_alternative<KeyFrameRequest>(feedback)) return false;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (const auto* request = std::get_if<RetransmissionRequest>(&feedback)) {
      control_.take(*request, now);
    } else if (const auto* report = std::get_if<TransportCcFeedback>(&feedback)) {
      control_.take(*report, now);
    } else if (const auto* remb = std::get_if<Remb>(&feedback)) {
      control_.take(*remb, now);
    }
    isWoken_ = true;
  }
  woken_.notify_one();
  return true;
}

void SendPath::stop() {
  {
    const std::lock_guard lock(mutex_);
    isStopped_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// ---- the thread --------------------------------------------------------------------------------

void SendPath::run() {
  std::unique_lock lock(mutex_);
  while (!isStopped_) {
    isWoken_ = false;
    control_.wake(Clock::now(), packets_);
    const std::optional<CongestionReport> report = control_.report();
    const Ref<GstPad> encryption = encryption_;
    lock.unlock();
    if (report) tell_(*report);
    for (Ref<GstBuffer>& packet : packets_) gst_pad_chain(encryption.get(), packet.release());
    packets_.clear();
    lock.lock();
    wait(lock);
  }
}

void SendPath::wait(std::unique_lock<std::mutex>& lock) {
  const auto isReady = [this] { return isWoken_ || isStopped_; };
  if (const auto next = control_.nextWake()) {
    woken_.wait_until(lock, *next, isReady);
  } else {
    woken_.wait(lock, isReady);
  }
}

}  // namespace cosoup
