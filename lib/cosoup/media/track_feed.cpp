#include "cosoup/media/track_feed.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/video/video-event.h>

#include <atomic>

#include "cosoup/media/codec_caps.hpp"

namespace cosoup {
namespace {

// More than this waiting means that the encoder or the network is hopelessly behind.
constexpr guint64 kMaxQueued = GST_SECOND;

GstElement* makeAppSource() {
  GstElement* element = makeElement("appsrc");
  g_object_set(element, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0},
               "max-buffers", guint64{0}, "max-time", kMaxQueued, "leaky-type",
               GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
  return element;
}

GstPadProbeReturn forwardKeyFrameRequest(GstPad*, GstPadProbeInfo* info, gpointer data) {
  if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) return GST_PAD_PROBE_OK;
  if (const auto track = static_cast<std::weak_ptr<Track>*>(data)->lock()) {
    track->requestKeyFrame();
  }
  return GST_PAD_PROBE_DROP;
}

void passKeyFrameRequests(GstElement* source, const std::shared_ptr<Track>& track) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, &forwardKeyFrameRequest,
                    new std::weak_ptr<Track>(track),
                    [](gpointer data) { delete static_cast<std::weak_ptr<Track>*>(data); });
}

}  // namespace

class TrackFeed::Receiver final : public FrameReceiver {
 public:
  Receiver(Ref<GstElement> pipeline, Ref<GstElement> source)
      : pipeline_(std::move(pipeline)), source_(std::move(source)) {}

  void onFrame(const Frame& frame) override {
    if (paused) return;
    if (frame.caps != caps_) {
      caps_ = frame.caps;
      gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps_.get());
    }
    GstBuffer* buffer = gst_buffer_copy(frame.buffer.get());  // its memory is shared
    const GstClockTime base = gst_element_get_base_time(pipeline_.get());
    GST_BUFFER_PTS(buffer) = frame.time > base ? frame.time - base : 0;
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
  }

  std::atomic<bool> paused = false;

 private:
  Ref<GstElement> pipeline_;
  Ref<GstElement> source_;
  Ref<GstCaps> caps_;
};

TrackFeed::TrackFeed(Pipeline& pipeline, GstElement* payloader, std::shared_ptr<Track> track,
                     const std::string& mimeType, const EncoderSettings& settings,
                     std::function<bool()> flows)
    : pipeline_(Ref<GstElement>::share(pipeline.element())),
      track_(std::move(track)),
      flows_(std::move(flows)) {
  if (isRaw(track_->caps().get())) {
    encoder_ = Ref<GstElement>::sink(makeEncoderBin(mimeType, settings));
  }
  source_ = Ref<GstElement>::sink(makeAppSource());
  passKeyFrameRequests(source_.get(), track_);
  pipeline.add(source_.get());
  GstElement* last = source_.get();
  if (encoder_) {
    pipeline.add(encoder_.get());
    gst_element_link(source_.get(), encoder_.get());
    last = encoder_.get();
  }
  gst_element_link(last, payloader);
  payloader_ = Ref<GstElement>::share(payloader);
  if (encoder_) gst_element_sync_state_with_parent(encoder_.get());
  gst_element_sync_state_with_parent(source_.get());
  receiver_ = std::make_shared<Receiver>(pipeline_, source_);
  track_->addReceiver(receiver_);
  track_->requestKeyFrame();
}

TrackFeed::~TrackFeed() {
  track_->removeReceiver(receiver_);
  if (!flows_()) freeHeldThread();
  for (const auto& element : {source_, encoder_}) {
    if (!element) continue;
    gst_element_set_state(element.get(), GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline_.get()), element.get());
  }
}

// A push that webrtcbin holds ends only by a flush; without it the change of state would wait for
// that push for ever. Nothing has been sent yet that the flush could hurt.
void TrackFeed::freeHeldThread() {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
  gst_pad_push_event(pad.get(), gst_event_new_flush_start());
  gst_element_set_locked_state(source_.get(), TRUE);
  gst_element_set_state(source_.get(), GST_STATE_NULL);
  GstElement* first = encoder_ ? encoder_.get() : payloader_.get();
  const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(first, "sink"));
  gst_pad_send_event(sink.get(), gst_event_new_flush_stop(FALSE));
}

void TrackFeed::pause() { receiver_->paused = true; }

void TrackFeed::resume() {
  receiver_->paused = false;
  if (encoder_) {
    sendForceKeyUnit(encoder_.get());
  } else {
    track_->requestKeyFrame();
  }
}

}  // namespace cosoup
