#include "cosoup/media/pipeline_source.hpp"

#include <algorithm>

namespace cosoup {

using namespace std::chrono_literals;

std::shared_ptr<FrameTap> StreamSet::add(MediaKind kind) {
  auto tap = FrameTap::create(kind, changed_);
  const std::lock_guard lock(mutex_);
  taps_.push_back(tap);
  return tap;
}

void StreamSet::complete() {
  {
    const std::lock_guard lock(mutex_);
    complete_ = true;
  }
  changed_();
}

bool StreamSet::isKnown() const {
  const std::lock_guard lock(mutex_);
  return complete_ &&
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

Task<> PipelineSource::findStreams(Ref<GstCaps> accepted) {
  const std::string operation = "open " + title_;
  pipeline_ = std::make_unique<Pipeline>("cosoup-source");
  const MainContext context = MainContext::current();
  streams_ = std::make_shared<StreamSet>(
      [context, changed = changed_] { post(context, [changed]() mutable { changed.notify(); }); });
  messages_ = pipeline_->messages().connect([this](GstMessage* message) { onMessage(message); });
  build(*pipeline_, streams_, std::move(accepted));
  co_await pipeline_->setState(GST_STATE_PAUSED, operation);
  if (!streams_->isKnown()) {
    // A live source gives nothing in PAUSED; its frames stop at the closed taps.
    live_ = true;
    co_await pipeline_->setState(GST_STATE_PLAYING, operation);
    co_await waitUntilKnown();
  }
  if (error_) throw error_->within(operation);
  takeTracks();
  if (tracks_.empty()) throw Error(Error::Code::Media, operation + ": no audio or video in it");
}

Task<> PipelineSource::waitUntilKnown() {
  while (!streams_->isKnown() && !error_) co_await changed_.wait();
}

void PipelineSource::takeTracks() {
  for (const auto& tap : streams_->taps()) {
    if (!tap->isEmpty()) tracks_.push_back(tap->track());
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
}

// A flushing seek: unlike segment seeks every seekable demuxer and decoder gets it right. The gap
// that it would leave is taken out by the base time, for all streams alike.
Task<> PipelineSource::rewind() {
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  GstClockTime end = gst_element_get_base_time(pipeline_->element()) + 100 * GST_MSECOND;
  for (const auto& tap : streams_->taps()) end = std::max(end, tap->endTime());
  gst_element_set_base_time(pipeline_->element(), end);
  const bool sought = co_await pipeline_->seek(0, GST_SEEK_FLAG_FLUSH);
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
  if (loops()) {
    scope_.spawn(rewind());
    return;
  }
  ended.emit();
  endTracks();
}

void PipelineSource::fail(const Error& error) {
  if (error_) return;
  error_ = error;
  changed_.notify();
  if (state_ != State::playing || busy_ > 0) return;  // open() or play() will tell
  const std::shared_ptr<PipelineSource> self = shared_from_this();
  failed.emit(error.within(title_));
}

void PipelineSource::endTracks() {
  if (std::exchange(tracksEnded_, true)) return;
  for (const auto& track : std::vector(tracks_)) {
    track->end();
    track->ended.emit();
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
