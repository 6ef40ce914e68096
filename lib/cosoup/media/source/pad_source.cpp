#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video-event.h>

#include <atomic>

#include "cosoup/core/taken.hpp"
#include "cosoup/gst/parent_state.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

namespace cosoup {
namespace {

// By the clock of our pipelines, which need not be that of the sink's.
GstClockTime ourTimeOf(GstElement* sink, GstSample* sample) {
  const GstClockTime time = clockTimeOf(sink, sample);
  const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(sink));
  if (!clock || !GST_CLOCK_TIME_IS_VALID(time)) return Pipeline::now();
  const GstClockTimeDiff age = GST_CLOCK_DIFF(time, gst_clock_get_time(clock.get()));
  return static_cast<GstClockTime>(static_cast<GstClockTimeDiff>(Pipeline::now()) - age);
}

/// From an appsink in the app's pipeline to an appsrc in ours. Thread-safe.
class Bridge {
 public:
  explicit Bridge(GstElement* source) : source_(Ref<GstElement>::share(source)) {}

  void open() { open_ = true; }
  void close() { open_ = false; }

  static GstFlowReturn onSample(GstAppSink* sink, gpointer data) {
    const auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(sink));
    Bridge& bridge = of(data);
    if (sample && bridge.open_ && gst_sample_get_buffer(sample.get())) {
      bridge.pass(GST_ELEMENT(sink), sample.get());
    }
    return GST_FLOW_OK;  // whatever happens to us, the app's pipeline goes on
  }

  static void onEos(GstAppSink*, gpointer data) {
    gst_app_src_end_of_stream(GST_APP_SRC(of(data).source_.get()));
  }

  static gpointer handleOf(const std::shared_ptr<Bridge>& bridge) {
    return new std::shared_ptr<Bridge>(bridge);
  }
  static void dropHandle(gpointer data) { delete static_cast<std::shared_ptr<Bridge>*>(data); }

 private:
  static Bridge& of(gpointer data) { return **static_cast<std::shared_ptr<Bridge>*>(data); }

  void pass(GstElement* sink, GstSample* sample) {
    if (GstCaps* caps = gst_sample_get_caps(sample); caps != caps_.get()) {
      caps_ = Ref<GstCaps>::share(caps);
      gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps);
    }
    const GstClockTime time = ourTimeOf(sink, sample);
    const GstClockTime base = gst_element_get_base_time(source_.get());
    GstBuffer* buffer = gst_buffer_copy(gst_sample_get_buffer(sample));
    GST_BUFFER_PTS(buffer) = time > base ? time - base : 0;
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
    setRotation(buffer, orientationOn(pad.get()).rotation);
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
  }

  const Ref<GstElement> source_;
  std::atomic<bool> open_ = false;
  Ref<GstCaps> caps_;  // of the streaming thread
};

// The probe holds the sink, not the bridge, which holds the element that the probe is on.
GstPadProbeReturn forwardKeyFrameRequest(GstPad*, GstPadProbeInfo* info, gpointer sink) {
  if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) return GST_PAD_PROBE_OK;
  sendForceKeyUnit(static_cast<GstElement*>(sink), "sink");
  return GST_PAD_PROBE_DROP;
}

GstElement* makeSink() {
  GstElement* sink = makeElement("appsink");
  // It shall neither hold nor delay the app's pipeline.
  g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, "max-buffers", 8u,
               "drop", TRUE, nullptr);
  return sink;
}

GstElement* makeSource() {
  GstElement* source = makeElement("appsrc");
  g_object_set(source, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0},
               "max-buffers", guint64{0}, "max-time", guint64{GST_SECOND}, "leaky-type",
               GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
  return source;
}

// The pad is idle: nothing is on its way through it.
GstPadProbeReturn unlinkSink(GstPad* pad, GstPadProbeInfo*, gpointer data) {
  auto* sink = static_cast<GstElement*>(data);
  const auto sinkPad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
  gst_pad_unlink(pad, sinkPad.get());
  const auto remove = [](GstElement* element, gpointer) {
    const auto bin = Ref<GstElement>::adopt(GST_ELEMENT(gst_element_get_parent(element)));
    gst_element_set_locked_state(element, TRUE);
    gst_element_set_state(element, GST_STATE_NULL);
    if (bin) gst_bin_remove(GST_BIN(bin.get()), element);
  };
  gst_element_call_async(sink, remove, nullptr, nullptr);
  return GST_PAD_PROBE_REMOVE;
}

class PadSource : public PipelineSource {
 public:
  explicit PadSource(Ref<GstPad> pad) : PipelineSource(titleOf(pad)), pad_(std::move(pad)) {}
  ~PadSource() override { detach(); }

  Task<> close() override {
    const auto self = shared_from_this();
    detach();
    co_await PipelineSource::close();
  }

 private:
  static std::string titleOf(const Ref<GstPad>& pad) {
    if (!pad) return "pad 'null'";
    return "pad '" + taken(gst_object_get_path_string(GST_OBJECT(pad.get()))) + "'";
  }

  Ref<GstElement> parentBin() const {
    const auto element = Ref<GstElement>::adopt(gst_pad_get_parent_element(pad_.get()));
    if (!element) return nullptr;
    return Ref<GstElement>::adopt(GST_ELEMENT(gst_element_get_parent(element.get())));
  }

  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    if (!pad_ || GST_PAD_IS_SINK(pad_.get())) {
      throw Error(Error::Code::InvalidArgument, "open " + title() + ": it is no source pad");
    }
    const Ref<GstElement> bin = parentBin();
    if (!bin || gst_pad_is_linked(pad_.get())) {
      throw Error(Error::Code::InvalidState,
                  "open " + title() + (bin ? ": it is linked already" : ": it is in no pipeline"));
    }
    GstElement* source = pipeline.add(makeSource());
    gst_element_link(
        source, addStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted), false));
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
    tagRotations(out.get());
    attach(bin.get(), source);
  }

  void attach(GstElement* bin, GstElement* source) {
    sink_ = Ref<GstElement>::sink(makeSink());
    bridge_ = std::make_shared<Bridge>(source);
    const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, &forwardKeyFrameRequest,
                      gst_object_ref(sink_.get()), &gst_object_unref);
    GstAppSinkCallbacks callbacks = {};
    callbacks.eos = &Bridge::onEos;
    callbacks.new_sample = &Bridge::onSample;
    gst_app_sink_set_callbacks(GST_APP_SINK(sink_.get()), &callbacks, Bridge::handleOf(bridge_),
                               &Bridge::dropHandle);
    gst_bin_add(GST_BIN(bin), sink_.get());
    syncStateWithParent(sink_.get());
    const auto in = Ref<GstPad>::adopt(gst_element_get_static_pad(sink_.get(), "sink"));
    if (gst_pad_link(pad_.get(), in.get()) != GST_PAD_LINK_OK) {
      throw Error(Error::Code::Media, "open " + title() + ": it cannot be linked");
    }
  }

  void onRunning() override { bridge_->open(); }

  void detach() {
    if (!sink_) return;
    bridge_->close();
    GstAppSinkCallbacks none = {};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink_.get()), &none, nullptr, nullptr);
    bridge_.reset();
    gst_pad_add_probe(pad_.get(), GST_PAD_PROBE_TYPE_IDLE, &unlinkSink, sink_.release(),
                      &gst_object_unref);
  }

  const Ref<GstPad> pad_;
  Ref<GstElement> sink_;
  std::shared_ptr<Bridge> bridge_;
};

}  // namespace

std::shared_ptr<Source> makePadSource(Ref<GstPad> pad) {
  return std::make_shared<PadSource>(std::move(pad));
}

}  // namespace cosoup
