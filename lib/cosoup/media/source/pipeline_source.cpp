#include "cosoup/media/source/pipeline_source.hpp"

#include <algorithm>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/glib/thread.hpp"

namespace cosoup {

using namespace std::chrono_literals;

std::shared_ptr<FrameTap> StreamSet::add(MediaKind kind) {
  auto tap = FrameTap::create(kind, changed_);
  const std::lock_guard lock(mutex_);
  taps_.push_back(tap);
  return tap;
}

void StreamSet::expectFinder() {
  const std::lock_guard lock(mutex_);
  ++finders_;
}

void StreamSet::complete() {
  {
    const std::lock_guard lock(mutex_);
    --finders_;
  }
  changed_();
}

bool StreamSet::isKnown() const {
  const std::lock_guard lock(mutex_);
  return finders_ <= 0 &&
         std::all_of(taps_.begin(), taps_.end(), [](const auto& tap) { return tap->isKnown(); });
}

std::vector<std::shared_ptr<FrameTap>> StreamSet::taps() const {
  const std::lock_guard lock(mutex_);
  return taps_;
}

PipelineSource::~PipelineSource() {
  if (!streams_) return;
  for (const auto& tap : streams_->taps()) tap->close();
}

Task<> PipelineSource::untilClosed(Task<> task, std::string operation) {
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  const std::stop_token outer = co_await currentStopToken();
  const std::stop_token closing = closing_.get_token();
  std::stop_source inner;
  std::stop_callback onOuter(outer, [&] { inner.request_stop(); });
  std::stop_callback onClosing(closing, [&] { inner.request_stop(); });
  std::exception_ptr thrown;
  ++busy_;
  try {
    co_await std::move(task).withToken(inner.get_token());
  } catch (...) {
    thrown = std::current_exception();
    state_ = State::broken;
  }
  --busy_;
  changed_.notify();
  if (!thrown) co_return;
  if (closing.stop_requested() && !outer.stop_requested()) {
    throw Error(Error::Code::InvalidState, operation + ": the source was closed meanwhile");
  }
  std::rethrow_exception(thrown);
}

Task<> PipelineSource::open(Ref<GstCaps> accepted) {
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  const std::string operation = "open " + title_;
  if (state_ != State::fresh) {
    throw Error(Error::Code::InvalidState, operation + ": it was opened or closed before");
  }
  state_ = State::opening;
  ensureGStreamer();  // may look at all plugins once, which is not the source's time
  Task<> bounded = withTimeout(10s, findStreams(std::move(accepted)), operation);
  co_await untilClosed(std::move(bounded), operation);
  state_ = State::open;
}

Task<> PipelineSource::prepare() { co_return; }

Task<> PipelineSource::findStreams(Ref<GstCaps> accepted) {
  const std::string operation = "open " + title_;
  co_await prepare();
  pipeline_ = std::make_unique<Pipeline>("cosoup-source");
  const MainContext context = MainContext::current();
  streams_ = std::make_shared<StreamSet>(
      [context, changed = changed_] { post(context, [changed]() mutable { changed.notify(); }); });
  messages_ = pipeline_->messages().connect([this](GstMessage* message) { onMessage(message); });
  build(*pipeline_, streams_, std::move(accepted));
  co_await pipeline_->setState(GST_STATE_PAUSED, operation);
  if (!streams_->isKnown()) co_await findLiveStreams();
  if (error_) throw error_->within(operation);
  takeTracks();
  if (tracks_.empty()) throw Error(Error::Code::Media, operation + ": no audio or video in it");
  co_await goToStart();
}

// A live source gives nothing in PAUSED; its frames stop at the closed taps. The change to PLAYING
// is not waited for: it needs the frames that onRunning() may bring forth.
Task<> PipelineSource::findLiveStreams() {
  live_ = true;
  const auto failed = std::make_shared<bool>(false);
  std::function<void(GCancellable*)> work = [failed, pipeline = Ref<GstElement>::share(
                                                         pipeline_->element())](GCancellable*) {
    *failed = gst_element_set_state(pipeline.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE;
  };
  co_await onThread(std::move(work));
  if (*failed) co_await pipeline_->setState(GST_STATE_PLAYING, "open " + title_);  // says why
  onRunning();
  co_await waitUntilKnown();
}

Task<> PipelineSource::waitUntilKnown() {
  while (!streams_->isKnown() && !error_) co_await changed_.wait();
}

void PipelineSource::checkSeekable() const {
  gboolean seekable = FALSE;
  GstQuery* query = gst_query_new_seeking(GST_FORMAT_TIME);
  if (!live_ && gst_element_query(pipeline_->element(), query)) {
    gst_query_parse_seeking(query, nullptr, &seekable, nullptr, nullptr);
  }
  gst_query_unref(query);
  if (seekable) return;
  const char* wish = playback_.loop ? "it cannot be played in a loop" : "it cannot start later";
  throw Error(Error::Code::Media, "open " + title_ + ": " + wish + ": it is not seekable");
}

// An encoded stream can only begin at a key frame.
GstSeekFlags PipelineSource::seekFlags() const {
  constexpr int atKeyFrame = GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_BEFORE;
  const int flags = GST_SEEK_FLAG_FLUSH | (playback_.start.count() > 0 ? atKeyFrame : 0);
  return static_cast<GstSeekFlags>(flags);
}

Task<> PipelineSource::goToStart() {
  if (!playback_.loop && playback_.start.count() <= 0) co_return;
  checkSeekable();
  if (playback_.start.count() <= 0) co_return;
  const std::string operation = "open " + title_;
  const auto length = duration();
  if (length && playback_.start >= *length) {
    throw Error(Error::Code::InvalidArgument, operation + ": the start lies behind its end");
  }
  const bool sought = co_await pipeline_->seek(playback_.start.count(), seekFlags());
  if (!sought) throw Error(Error::Code::Media, operation + ": it cannot start later");
  co_await pipeline_->setState(GST_STATE_PAUSED, operation);
  if (error_) throw error_->within(operation);
}

namespace {

using Query = gboolean (*)(GstElement*, GstFormat, gint64*);

std::optional<std::chrono::nanoseconds> timeFrom(const Pipeline* pipeline, Query query) {
  gint64 time = -1;
  if (!pipeline || !query(pipeline->element(), GST_FORMAT_TIME, &time) || time < 0) {
    return std::nullopt;
  }
  return std::chrono::nanoseconds(time);
}

}  // namespace

std::optional<std::chrono::nanoseconds> PipelineSource::position() const {
  if (live_ || (state_ != State::open && state_ != State::playing)) return std::nullopt;
  return timeFrom(pipeline_.get(), &gst_element_query_position);
}

std::optional<std::chrono::nanoseconds> PipelineSource::duration() const {
  if (live_ || state_ == State::closed) return std::nullopt;
  return timeFrom(pipeline_.get(), &gst_element_query_duration);
}

bool PipelineSource::isLive() const {
  if (live_) return true;
  return gst_element_get_state(pipeline_->element(), nullptr, nullptr, 0) ==
         GST_STATE_CHANGE_NO_PREROLL;
}

void PipelineSource::takeTracks() {
  const bool live = isLive();
  for (const auto& tap : streams_->taps()) {
    if (tap->isEmpty()) continue;
    tap->track()->setLive(live);
    tracks_.push_back(tap->track());
  }
}

Task<> PipelineSource::play() {
  const std::string operation = "play " + title_;
  if (state_ == State::playing) co_return;
  if (state_ != State::open) {
    throw Error(Error::Code::InvalidState, operation + ": it is not open");
  }
  state_ = State::playing;
  co_await untilClosed(start(), operation);
}

Task<> PipelineSource::start() {
  if (error_) throw error_->within("play " + title_);
  for (const auto& tap : streams_->taps()) tap->open();
  if (live_) {
    for (const auto& track : tracks_) track->requestKeyFrame();
    co_return;
  }
  // The base time is ours: where a file loops, it says where the next round begins.
  gst_element_set_start_time(pipeline_->element(), GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline_->element(), Pipeline::now());
  co_await pipeline_->setState(GST_STATE_PLAYING, "play " + title_);
  onRunning();
  if (error_) throw error_->within("play " + title_);
}

// A flushing seek: unlike segment seeks every seekable demuxer and decoder gets it right. The gap
// that it would leave is taken out by the base time, for all streams alike.
Task<> PipelineSource::rewind() {
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  GstClockTime end = gst_element_get_base_time(pipeline_->element()) + 100 * GST_MSECOND;
  for (const auto& tap : streams_->taps()) end = std::max(end, tap->endTime());
  gst_element_set_base_time(pipeline_->element(), end);
  const bool sought = co_await pipeline_->seek(playback_.start.count(), seekFlags());
  if (!sought) fail(Error(Error::Code::Media, "loop " + title_ + ": it cannot be rewound"));
}

void PipelineSource::onMessage(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    fail(Error(Error::Code::Media, describe(message)));
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    onAllEnded();
  }
}

void PipelineSource::onAllEnded() {
  if (state_ != State::playing || error_) return;
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  const auto taps = streams_->taps();
  const bool any =
      std::any_of(taps.begin(), taps.end(), [](const auto& tap) { return tap->endTime() > 0; });
  if (!any) {
    fail(Error(Error::Code::Media, "it has ended without a single frame that has a time"));
    return;
  }
  if (playback_.loop) {
    scope_.spawn(rewind());
    return;
  }
  emitSignal(ended);
  endTracks();
}

void PipelineSource::fail(const Error& error) {
  if (error_) return;
  error_ = error;
  changed_.notify();
  if (state_ != State::playing || busy_ > 0) return;  // open() or play() will tell
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  emitSignal(failed, error.within(title_));
}

void PipelineSource::endTracks() {
  if (std::exchange(tracksEnded_, true)) return;
  for (const auto& track : std::vector(tracks_)) {
    track->end();
    emitSignal(track->ended);
  }
}

namespace {

Task<> waitUntilIdle(Condition changed, const int& busy) {
  while (busy > 0) co_await changed.wait();
}

}  // namespace

Task<> PipelineSource::close() {
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  closing_.request_stop();
  co_await shielded(waitUntilIdle(changed_, busy_));
  state_ = State::closed;
  messages_.disconnect();
  co_await scope_.close();
  if (streams_) {
    for (const auto& tap : streams_->taps()) tap->close();
  }
  if (pipeline_) co_await pipeline_->stop();
  endTracks();
}

}  // namespace cosoup
