#include "cosoup/media/rtp/track_feed.hpp"

#include <gst/app/gstappsrc.h>
#include <gst/video/video-event.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/rtp/level_marker.hpp"
#include "cosoup/media/rtp/muted_frames.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/rtc/codec_match.hpp"

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

}  // namespace

/// On the track's thread; what a track feeds is changed only while the receiver is not connected.
class TrackFeed::Receiver final : public FrameReceiver,
                                  public std::enable_shared_from_this<Receiver> {
 public:
  explicit Receiver(Ref<GstElement> pipeline) : pipeline_(std::move(pipeline)) {}

  /// `marker`: of encoded frames, or null.
  void connect(Ref<GstElement> source, const std::shared_ptr<Track>& track, bool raw,
               std::unique_ptr<LevelMarker> marker) {
    source_ = std::move(source);
    marker_ = std::move(marker);
    caps_ = nullptr;
    raw_ = raw;
    needsKeyFrame_ = !raw && track->kind() == MediaKind::video;
    lastTimeOfBefore_ = lastTime_;
    const std::lock_guard lock(mutex_);
    track_ = track;
  }

  void setMode(FeedMode mode) {
    // What comes after a gap cannot be decoded without it; raw_ decides whether it matters.
    if (mode == FeedMode::sends && mode_ != FeedMode::sends) resumed_ = true;
    mode_ = mode;
  }
  FeedMode mode() const { return mode_; }

  /// Takes the key frame requests that come up to it to the track, and lets no end of the stream
  /// go down: after an error appsrc sends one, which would end all streams of the transport.
  void watch(GstElement* source);

  void onFrame(const Frame& frame) override;

 private:
  void requestKeyFrame();
  std::optional<GstClockTime> timeOf(const Frame& frame) const;
  void push(const Frame& frame, const Ref<GstBuffer>& content, GstClockTime time);

  const Ref<GstElement> pipeline_;
  std::atomic<FeedMode> mode_ = FeedMode::stops;
  std::atomic<bool> resumed_ = false;
  std::mutex mutex_;  // guards track_
  std::weak_ptr<Track> track_;
  Ref<GstElement> source_;
  Ref<GstCaps> caps_;
  MutedFrames muted_;
  std::unique_ptr<LevelMarker> marker_;
  bool raw_ = false;
  bool needsKeyFrame_ = false;
  std::optional<GstClockTime> lastTime_;
  std::optional<GstClockTime> lastTimeOfBefore_;  // of the track before this one
};

void TrackFeed::Receiver::watch(GstElement* source) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
  const auto onUpstream = [weak = weak_from_this()](GstPad*, GstPadProbeInfo* info) {
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) return GST_PAD_PROBE_OK;
    if (const auto alive = weak.lock()) alive->requestKeyFrame();
    return GST_PAD_PROBE_DROP;
  };
  const auto onDownstream = [](GstPad*, GstPadProbeInfo* info) {
    const bool ends = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS;
    return ends ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
  };
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, onUpstream);
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, onDownstream);
}

void TrackFeed::Receiver::requestKeyFrame() {
  std::shared_ptr<Track> track;
  {
    const std::lock_guard lock(mutex_);
    track = track_.lock();
  }
  if (track) track->requestKeyFrame();
}

void TrackFeed::Receiver::onFrame(const Frame& frame) {
  const FeedMode mode = mode_;
  if (mode == FeedMode::stops || (mode == FeedMode::mutes && !raw_)) return;
  if (resumed_.exchange(false) && !raw_) {
    needsKeyFrame_ = mediaKindOf(frame.caps.get()) == MediaKind::video;
  }
  if (needsKeyFrame_ && !isKeyFrame(frame.buffer.get())) return;
  const auto time = timeOf(frame);
  if (!time) return;
  needsKeyFrame_ = false;
  lastTime_ = time;
  if (mode == FeedMode::sends) {
    push(frame, frame.buffer, *time);
  } else if (const Ref<GstBuffer> muted = muted_.inPlaceOf(frame)) {
    push(frame, muted, *time);
  }
}

// The times of a track go on, but the first frames of another one may be older than the last of the
// one before. An encoder fails on times that go back, so it does not get those; an encoded stream
// would be broken without them.
std::optional<GstClockTime> TrackFeed::Receiver::timeOf(const Frame& frame) const {
  const GstClockTime base = gst_element_get_base_time(pipeline_.get());
  const GstClockTime time = frame.time > base ? frame.time - base : 0;
  if (!lastTimeOfBefore_ || time > *lastTimeOfBefore_) return time;
  if (raw_) return std::nullopt;
  return *lastTime_ + 1;
}

void TrackFeed::Receiver::push(const Frame& frame, const Ref<GstBuffer>& content,
                               GstClockTime time) {
  if (frame.caps != caps_) {
    caps_ = frame.caps;
    gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps_.get());
  }
  GstBuffer* buffer = gst_buffer_copy(content.get());  // its memory is shared
  GST_BUFFER_PTS(buffer) = time;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer) = GST_BUFFER_DURATION(frame.buffer.get());
  if (marker_) marker_->mark(buffer);
  if (!raw_) setRotation(buffer, frame.rotation);
  gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
}

TrackFeed::TrackFeed(Pipeline& pipeline, GstElement* payloader, std::string mimeType,
                     EncoderSettings settings)
    : pipeline_(Ref<GstElement>::share(pipeline.element())),
      payloader_(Ref<GstElement>::share(payloader)),
      mimeType_(std::move(mimeType)),
      settings_(std::move(settings)),
      receiver_(std::make_shared<Receiver>(pipeline_)) {
  messages_ = pipeline.messages().connect([this](GstMessage* message) { onMessage(message); });
  // The packets without content that an encoder puts out in silence.
  setProperty(payloader, "dtx", settings_.dtx ? "true" : "false");
}

TrackFeed::~TrackFeed() {
  if (track_) track_->removeReceiver(receiver_);
  tearDown();
}

void TrackFeed::setTrack(std::shared_ptr<Track> track) {
  const bool raw = track && isRaw(track->caps().get());
  const bool fits = !track || (source_ && !hasFailed_ && static_cast<bool>(encoder_) == raw);
  Ref<GstElement> encoder;
  if (!fits && raw) encoder = Ref<GstElement>::sink(makeEncoderBin(mimeType_, settings_));
  std::unique_ptr<LevelMarker> marker;
  if (track && !raw) marker = makeMarker(*track);
  if (track_) track_->removeReceiver(receiver_);
  if (!fits) {
    tearDown();
    build(std::move(encoder));
  }
  track_ = std::move(track);
  setCaptured(payloader_.get(), track_ && track_->isLive());
  if (!track_) return;
  receiver_->connect(source_, track_, raw, std::move(marker));
  track_->addReceiver(receiver_);
  if (receiver_->mode() == FeedMode::sends) requestKeyFrame();  // else when it sends again
}

std::unique_ptr<LevelMarker> TrackFeed::makeMarker(const Track& track) const {
  if (!settings_.audioLevel) return nullptr;
  const bool opus = ortc::equalsIgnoringCase(mimeType_, "audio/opus");
  if (!opus) return LevelMarker::ofEncoded(mimeType_);
  return settings_.opusLevel ? LevelMarker::ofOpus(track.caps().get()) : nullptr;
}

void TrackFeed::onMessage(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR || hasFailed_) return;
  if (!row_ || !row_->isOrigin(message)) return;
  hasFailed_ = true;
  emitSignal(failed, Error(Error::Code::Media, describe(message)));
}

void TrackFeed::build(Ref<GstElement> encoder) {
  hasFailed_ = false;
  encoder_ = std::move(encoder);
  source_ = Ref<GstElement>::sink(makeAppSource());
  receiver_->watch(source_.get());
  std::vector<Ref<GstElement>> elements{source_};
  if (encoder_) elements.push_back(encoder_);
  row_ = std::make_unique<ElementRow>(pipeline_.get(), std::move(elements), payloader_.get());
}

// What webrtcbin holds of the old row, until there is a connection, is in nobody's way.
void TrackFeed::tearDown() {
  row_.reset();
  source_ = nullptr;
  encoder_ = nullptr;
}

void TrackFeed::setMode(FeedMode mode) {
  receiver_->setMode(mode);
  if (mode == FeedMode::sends && track_) requestKeyFrame();
}

void TrackFeed::setBitrate(std::uint32_t bitrate) {
  if (bitrate == settings_.bitrate) return;
  settings_.bitrate = bitrate;
  if (encoder_) setEncoderBitrate(encoder_.get(), bitrate);
}

void TrackFeed::setSettings(EncoderSettings settings) {
  setBitrate(settings.bitrate);
  settings_ = std::move(settings);
  if (!encoder_) return;
  setEncoderPicture(encoder_.get(), settings_.scaleResolutionDownBy, settings_.maxFramerate);
}

void TrackFeed::requestKeyFrame() {
  if (encoder_) {
    sendForceKeyUnit(encoder_.get());
  } else if (track_) {
    track_->requestKeyFrame();
  }
}

}  // namespace cosoup
