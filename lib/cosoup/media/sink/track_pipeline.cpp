#include "cosoup/media/sink/track_pipeline.hpp"

#include <gst/app/gstappsrc.h>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/core/as_error.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rotation.hpp"
#include "cosoup/media/sink/loss_concealment.hpp"

namespace cosoup {

using namespace std::chrono_literals;

namespace {

// Where the track does not say.
constexpr std::chrono::milliseconds usualLatency = 250ms;
// To decode a frame; the same for all tracks, so that sound and picture stay together.
constexpr std::chrono::milliseconds decodingTime = 50ms;
// When an element no longer takes frames, the newest ones are dropped from this on, beyond those
// that wait until they are due: no more than one in so much time.
constexpr std::size_t mostWaiting = 150;
constexpr std::chrono::milliseconds shortestFrame = 10ms;

/// How long after Frame::time a frame is played.
std::chrono::milliseconds playOutDelayOf(const Track& track) {
  return track.latency().value_or(usualLatency) + decodingTime;
}

std::string formatOf(GstCaps* caps) {
  return gst_structure_get_name(gst_caps_get_structure(caps, 0));
}

}  // namespace

struct TrackPipeline::Run {
  std::string format;  ///< name of the caps
  Ref<GstCaps> caps;   ///< of the newest frame; guarded by the mutex
  Ref<GstElement> source;
  std::deque<Frame> early;  ///< until the source takes frames
  bool ready = false;
  std::chrono::milliseconds playOutDelay{0};

  // Of the main context.
  bool begun = false;
  bool stopping = false;
  Deferred<> started;  ///< it takes frames, or never will
  std::unique_ptr<Pipeline> pipeline;
  Connection messages;
  Deferred<> ended;
  Scope starting;
};

TrackPipeline::TrackPipeline(std::string title, std::shared_ptr<Track> track, MakeElement make)
    : title_(std::move(title)),
      track_(track),
      make_(std::move(make)),
      context_(MainContext::current()),
      gate_(std::move(track)) {}

TrackPipeline::~TrackPipeline() = default;

void TrackPipeline::start() {
  listening_ = true;
  track_->addReceiver(shared_from_this());
}

// ---- on the streaming thread -------------------------------------------------------------------

void TrackPipeline::onFrame(const Frame& frame) {
  if (!frame.caps || !GST_CLOCK_TIME_IS_VALID(frame.time)) return;
  const std::lock_guard lock(mutex_);
  if (!current_ || !(current_->caps == frame.caps)) {
    const std::string format = formatOf(frame.caps.get());
    if (!current_ || current_->format != format) {
      current_ = std::make_shared<Run>();
      current_->format = format;
      gate_.shut();
      post(context_, [weak = weak_from_this(), run = current_] {
        if (const auto self = weak.lock()) self->begin(run);
      });
    } else if (current_->ready) {
      gst_app_src_set_caps(GST_APP_SRC(current_->source.get()), frame.caps.get());
    }
    current_->caps = frame.caps;
  }
  if (const auto delay = playOutDelayOf(*track_); delay != current_->playOutDelay) {
    current_->playOutDelay = delay;
    post(context_, [weak = weak_from_this(), run = current_] {
      if (const auto self = weak.lock()) self->delay(*run);
    });
  }
  if (!gate_.passes(frame)) return;
  deliver(*current_, frame);
}

void TrackPipeline::deliver(Run& run, const Frame& frame) {
  auto* source = run.ready ? GST_APP_SRC(run.source.get()) : nullptr;
  const auto waiting = run.ready ? gst_app_src_get_current_level_buffers(source) : run.early.size();
  if (waiting >= mostWaiting + run.playOutDelay / shortestFrame) {
    gate_.shut();
  } else if (!run.ready) {
    run.early.push_back(frame);
  } else {
    GstBuffer* copy = gst_buffer_copy(frame.buffer.get());  // shares the memory
    GST_BUFFER_PTS(copy) = frame.time;
    GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
    setRotation(copy, frame.rotation);
    setLost(copy, frame.lost);
    gst_app_src_push_buffer(source, copy);
  }
}

// ---- building ----------------------------------------------------------------------------------

namespace {

Ref<GstCaps> rawCaps(MediaKind kind) {
  return Ref<GstCaps>::adopt(
      gst_caps_from_string(kind == MediaKind::audio ? "audio/x-raw(ANY)" : "video/x-raw(ANY)"));
}

bool accepts(GstElement* element, GstCaps* caps) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
  if (!pad) throw Error(Error::Code::InvalidArgument, "the element has no sink pad");
  const auto accepted = Ref<GstCaps>::adopt(gst_pad_query_caps(pad.get(), nullptr));
  return gst_caps_can_intersect(accepted.get(), caps);
}

// Whether anything of the kind is accepted: an element for video need not complain about audio.
bool acceptsKind(GstElement* element, MediaKind kind) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
  const auto accepted = Ref<GstCaps>::adopt(gst_pad_query_caps(pad.get(), nullptr));
  for (guint i = 0; i < gst_caps_get_size(accepted.get()); ++i) {
    const std::string name = gst_structure_get_name(gst_caps_get_structure(accepted.get(), i));
    if (name.starts_with(toString(kind) + "/")) return true;
  }
  return false;
}

void onDecoded(GstElement*, GstPad* pad, gpointer convert) {
  const auto target =
      Ref<GstPad>::adopt(gst_element_get_static_pad(static_cast<GstElement*>(convert), "sink"));
  if (!gst_pad_is_linked(target.get())) gst_pad_link(pad, target.get());
}

GstElement* makeConverter(MediaKind kind) {
  if (kind == MediaKind::audio) {
    return chainBin(gst_bin_new(nullptr),
                    {makeElement("audioconvert"), makeElement("audioresample")});
  }
  return chainBin(gst_bin_new(nullptr), {makeTurner(), makeElement("videoscale")});
}

// Encoded video as a foreign element may want it: in another form than it travels in.
const char* parserOf(const std::string& format) {
  if (format == "video/x-h264") return "h264parse";
  if (format == "video/x-h265") return "h265parse";
  return "identity";
}

void linkOrThrow(GstElement* from, GstElement* to) {
  if (gst_element_link(from, to)) return;
  throw Error(Error::Code::Media,
              std::string("cannot link ") + GST_OBJECT_NAME(from) + " to " + GST_OBJECT_NAME(to));
}

}  // namespace

void TrackPipeline::link(Run& run, GstElement* element, bool raw) {
  Pipeline& pipeline = *run.pipeline;
  GstElement* source = pipeline.add(makeElement("appsrc"));
  run.source = Ref<GstElement>::share(source);
  g_object_set(source, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-bytes", guint64{0},
               nullptr);
  const auto out = Ref<GstPad>::adopt(gst_element_get_static_pad(source, "src"));
  tagRotations(out.get());
  {
    const std::lock_guard lock(mutex_);
    gst_app_src_set_caps(GST_APP_SRC(source), run.caps.get());
  }
  if (raw) {
    GstElement* decoder = pipeline.add(makeElement("decodebin"));
    GstElement* converter = pipeline.add(makeConverter(track_->kind()));
    pipeline.add(element);
    linkOrThrow(source, decoder);
    linkOrThrow(converter, element);
    tellLosses(out.get());
    concealLosses(decoder);
    g_signal_connect(decoder, "pad-added", G_CALLBACK(&onDecoded), converter);
  } else {
    GstElement* parser = pipeline.add(makeElement(parserOf(run.format)));
    pipeline.add(element);
    linkOrThrow(source, parser);
    linkOrThrow(parser, element);
  }
  // Times are those of the clock.
  gst_element_set_start_time(pipeline.element(), GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline.element(), 0);
  delay(run);
}

void TrackPipeline::delay(Run& run) {
  if (!run.pipeline) return;
  std::chrono::nanoseconds delay;
  {
    const std::lock_guard lock(mutex_);
    delay = run.playOutDelay;
  }
  gst_pipeline_set_latency(GST_PIPELINE(run.pipeline->element()),
                           static_cast<GstClockTime>(delay.count()));
  gst_bin_recalculate_latency(run.pipeline->bin());
}

// False: the track is not wanted.
bool TrackPipeline::build(Run& run) {
  const auto element = Ref<GstElement>::sink(make_());
  if (!element) return false;
  const auto encoded = Ref<GstCaps>::adopt(gst_caps_new_empty_simple(run.format.c_str()));
  const bool takesEncoded = accepts(element.get(), encoded.get());
  if (!takesEncoded && !accepts(element.get(), rawCaps(track_->kind()).get())) {
    if (!acceptsKind(element.get(), track_->kind())) return false;
    throw Error(Error::Code::Unsupported,
                "it takes neither " + run.format + " nor raw " + toString(track_->kind()));
  }
  run.pipeline = std::make_unique<Pipeline>("cosoup-sink");
  run.messages = run.pipeline->messages().connect([this, raw = &run](GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) raw->ended.resolve();
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return;
    raw->ended.resolve();
    fail(Error(Error::Code::Media, describe(message)));
  });
  link(run, element.get(), !takesEncoded);
  return true;
}

void TrackPipeline::begin(const std::shared_ptr<Run>& run) {
  if (run->begun || failed_) return;
  run->begun = true;
  const auto self = shared_from_this();
  if (active_) scope_.spawn(end(std::exchange(active_, nullptr)));
  try {
    if (build(*run)) {
      active_ = run;
      run->starting.spawn(play(run));
    } else {
      letGo();
    }
  } catch (...) {
    fail(asError(std::current_exception()));  // also what the app's function throws
  }
}

Task<> TrackPipeline::play(std::shared_ptr<Run> run) {
  const auto self = shared_from_this();
  try {
    co_await run->pipeline->setState(GST_STATE_PAUSED, "start");
    if (run->stopping) co_return;
    {
      const std::lock_guard lock(mutex_);
      run->ready = true;
      // They may have changed since the source was made.
      gst_app_src_set_caps(GST_APP_SRC(run->source.get()), run->caps.get());
      for (const Frame& frame : std::exchange(run->early, {})) deliver(*run, frame);
    }
    run->started.resolve();
    co_await run->pipeline->setState(GST_STATE_PLAYING, "start");
  } catch (const Error& error) {
    fail(error);
  }
}

// ---- ending ------------------------------------------------------------------------------------

void TrackPipeline::letGo() {
  if (!listening_) return;
  listening_ = false;
  track_->removeReceiver(shared_from_this());
}

void TrackPipeline::fail(const Error& error) {
  if (failed_) return;
  failed_ = true;
  const auto self = shared_from_this();
  letGo();
  if (active_) scope_.spawn(end(std::exchange(active_, nullptr)));
  emitSignal(failed, error.within(title_));
}

namespace {

/// False when it takes too long.
Task<bool> comesWithin(std::chrono::milliseconds limit, Deferred<> event) {
  try {
    co_await shielded(withTimeout(limit, event.wait(), "wait"));
  } catch (const Error&) {
    co_return false;
  }
  co_return true;
}

}  // namespace

Task<> TrackPipeline::end(std::shared_ptr<Run> run) {
  const auto self = shared_from_this();
  bool started = false;
  if (!failed_) started = co_await comesWithin(2s, run->started);
  {
    const std::lock_guard lock(mutex_);
    run->ready = false;
    run->early.clear();
  }
  run->stopping = true;
  if (started && !failed_) {
    gst_app_src_end_of_stream(GST_APP_SRC(run->source.get()));
    co_await comesWithin(3s, run->ended);
  }
  run->messages.disconnect();
  co_await run->starting.close();
  co_await run->pipeline->stop();
}

Task<> TrackPipeline::finish() {
  const auto self = shared_from_this();
  letGo();
  if (current_) begin(current_);  // of the streaming thread, which calls no more
  if (active_) scope_.spawn(end(std::exchange(active_, nullptr)));
  co_await scope_.close();
}

}  // namespace cosoup
