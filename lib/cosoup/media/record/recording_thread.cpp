#include "cosoup/media/record/recording_thread.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>

#include "cosoup/async/loop.hpp"
#include "cosoup/gst/pipeline.hpp"

namespace cosoup {

using namespace std::chrono_literals;

struct RecordingThread::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::shared_ptr<Recorder>> recorders;
  bool kicked = false;
  bool closing = false;
  std::atomic<GstClockTime> steppingSince = GST_CLOCK_TIME_NONE;
  std::function<void()> onEnded;

  /// The recorders to step now; empty when the thread is to end.
  std::vector<std::shared_ptr<Recorder>> next() {
    constexpr auto interval = 250ms;
    std::unique_lock lock(mutex);
    if (recorders.empty()) changed.wait(lock, [&] { return closing || !recorders.empty(); });
    if (!recorders.empty()) changed.wait_for(lock, interval, [&] { return kicked; });
    kicked = false;
    return recorders;
  }

  void remove(const std::shared_ptr<Recorder>& recorder) {
    const std::lock_guard lock(mutex);
    std::erase(recorders, recorder);
  }
};

RecordingThread::RecordingThread() : state_(std::make_shared<State>()) {
  state_->onEnded = [context = MainContext::current(), ended = ended_] {
    post(context, [ended]() mutable { ended.resolve(); });
  };
  thread_ = std::thread(&RecordingThread::run, state_);
}

RecordingThread::~RecordingThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
    state_->kicked = true;
  }
  state_->changed.notify_one();
  thread_.detach();
}

void RecordingThread::run(std::shared_ptr<State> state) {
  while (true) {
    const std::vector<std::shared_ptr<Recorder>> recorders = state->next();
    if (recorders.empty()) break;
    for (const auto& recorder : recorders) {
      const GstClockTime now = Pipeline::now();
      state->steppingSince = now;
      if (!recorder->step(now)) state->remove(recorder);
      state->steppingSince = GST_CLOCK_TIME_NONE;
    }
  }
  state->onEnded();
}

void RecordingThread::add(std::shared_ptr<Recorder> recorder) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->recorders.push_back(std::move(recorder));
  }
  state_->changed.notify_one();
}

void RecordingThread::kick() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->kicked = true;
  }
  state_->changed.notify_one();
}

std::chrono::nanoseconds RecordingThread::heldFor() const {
  const GstClockTime since = state_->steppingSince;
  if (!GST_CLOCK_TIME_IS_VALID(since)) return std::chrono::nanoseconds(0);
  return std::chrono::nanoseconds(GST_CLOCK_DIFF(since, Pipeline::now()));
}

Task<bool> RecordingThread::close(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  kick();
  try {
    co_await shielded(withTimeout(limit, ended_.wait(), "finish recordings"));
  } catch (const Error&) {
    if (thread_.joinable()) thread_.detach();
    co_return false;
  }
  if (thread_.joinable()) thread_.join();
  co_return true;
}

}  // namespace cosoup
