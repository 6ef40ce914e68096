#include "cosoup/media/recording_thread.hpp"

#include <algorithm>
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
      if (!recorder->step(Pipeline::now())) state->remove(recorder);
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

Task<bool> RecordingThread::close(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  kick();
  try {
    co_await shielded(withTimeout(limit, ended_.wait(), "finish recordings"));
  } catch (const Error&) {
    thread_.detach();
    co_return false;
  }
  thread_.join();
  co_return true;
}

}  // namespace cosoup
