#include "cosoup/media/source/frame_tap.hpp"

#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"

namespace cosoup {
namespace {

/// Does not keep the element alive: the track, which outlives its source's pipeline, holds it.
class WeakElement {
 public:
  explicit WeakElement(GstElement* element) { g_weak_ref_init(&ref_, element); }
  WeakElement(const WeakElement&) = delete;
  WeakElement& operator=(const WeakElement&) = delete;
  ~WeakElement() { g_weak_ref_clear(&ref_); }

  Ref<GstElement> lock() {
    return Ref<GstElement>::adopt(static_cast<GstElement*>(g_weak_ref_get(&ref_)));
  }

 private:
  GWeakRef ref_;
};

}  // namespace

GstClockTime clockTimeOf(GstElement* sink, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstClockTime time = GST_BUFFER_PTS(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(time)) time = GST_BUFFER_DTS(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(time)) return GST_CLOCK_TIME_NONE;
  const guint64 running =
      gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME, time);
  if (running == static_cast<guint64>(-1)) return GST_CLOCK_TIME_NONE;
  return running + gst_element_get_base_time(sink);
}

std::shared_ptr<FrameTap> FrameTap::create(MediaKind kind, std::function<void()> known) {
  return std::shared_ptr<FrameTap>(new FrameTap(kind, std::move(known)));
}

GstElement* FrameTap::makeAppSink(const std::shared_ptr<FrameTap>& tap, bool paced) {
  GstElement* sink = makeElement("appsink");
  g_object_set(sink, "sync", static_cast<gboolean>(paced), "enable-last-sample", FALSE,
               "max-buffers", 8u, nullptr);
  const auto weak = std::make_shared<WeakElement>(sink);
  tap->track_->setKeyFrameRequest([weak] {
    const Ref<GstElement> target = weak->lock();
    if (target) sendForceKeyUnit(target.get(), "sink");
  });
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
  // On the same thread as the frames, between them.
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, [tap](GstPad*, GstPadProbeInfo* info) {
    const auto orientation = orientationIn(GST_PAD_PROBE_INFO_EVENT(info));
    if (orientation) tap->rotation_ = orientation->rotation;
    return GST_PAD_PROBE_OK;
  });
  GstAppSinkCallbacks callbacks = {};
  callbacks.eos = &FrameTap::onEos;
  callbacks.new_preroll = &FrameTap::onPreroll;
  callbacks.new_sample = &FrameTap::onSample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, new std::shared_ptr<FrameTap>(tap),
                             &FrameTap::drop);
  return sink;
}

GstFlowReturn FrameTap::onPreroll(GstAppSink* sink, gpointer data) {
  const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_preroll(sink));
  if (sample) of(data).learn(gst_sample_get_caps(sample.get()));
  return GST_FLOW_OK;
}

GstFlowReturn FrameTap::onSample(GstAppSink* sink, gpointer data) {
  const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
  if (!sample) return GST_FLOW_OK;
  FrameTap& tap = of(data);
  tap.learn(gst_sample_get_caps(sample.get()));
  if (tap.open_ && gst_sample_get_buffer(sample.get())) tap.deliver(sink, sample.get());
  return GST_FLOW_OK;
}

void FrameTap::onEos(GstAppSink*, gpointer data) {
  FrameTap& tap = of(data);
  if (tap.known_) return;
  tap.empty_ = true;
  tap.known_ = true;
  tap.onKnown_();
}

void FrameTap::presume(Ref<GstCaps> caps) { learn(caps.get()); }

void FrameTap::learn(GstCaps* caps) {
  if (!caps || caps == caps_.get()) return;
  caps_ = Ref<GstCaps>::share(caps);
  track_->setCaps(caps_);
  if (known_.exchange(true)) return;
  onKnown_();
}

void FrameTap::deliver(GstAppSink* sink, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstClockTime time = clockTimeOf(GST_ELEMENT(sink), sample);
  if (!GST_CLOCK_TIME_IS_VALID(time)) return;
  const bool first = !GST_CLOCK_TIME_IS_VALID(lastTime_);
  // Rounding, and the joint of a loop, must not make times go back.
  if (!first && time <= lastTime_) time = lastTime_ + 1;
  GstClockTime duration = GST_BUFFER_DURATION(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(duration)) duration = first ? 0 : time - lastTime_;
  lastTime_ = time;
  endTime_ = time + duration;
  track_->deliver(
      Frame{Ref<GstBuffer>::share(buffer), caps_, time, isRaw(caps_.get()) ? 0 : rotation_});
}

}  // namespace cosoup
