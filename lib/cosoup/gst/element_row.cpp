#include "cosoup/gst/element_row.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/gst/parent_state.hpp"

namespace cosoup {
namespace {

// A thread that a dead device or an unconnected transport holds is left to itself after this.
constexpr std::chrono::seconds kPatience{4};

}  // namespace

struct ElementRow::State {
  const std::vector<Ref<GstElement>> elements;
  std::mutex mutex;  // of the helper threads, whose order is not that of the calls
  std::atomic<bool> removed = false;

  explicit State(std::vector<Ref<GstElement>> row) : elements(std::move(row)) {}

  /// From now on they are not started; whether they have stopped already, with the pipeline.
  bool leave() {
    removed = true;
    const std::unique_lock lock(mutex, std::try_to_lock);
    if (!lock) return false;  // one is being started
    return std::all_of(elements.begin(), elements.end(), [](const auto& element) {
      return GST_STATE(element.get()) == GST_STATE_NULL &&
             GST_STATE_PENDING(element.get()) == GST_STATE_VOID_PENDING;
    });
  }

  void start() {
    const std::lock_guard lock(mutex);
    if (removed) return;
    for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
      syncStateWithParent(element->get());
    }
  }
  void stop() {
    const std::lock_guard lock(mutex);
    for (const auto& element : elements) gst_element_set_state(element.get(), GST_STATE_NULL);
  }

  struct Job {
    std::shared_ptr<State> state;
    void (State::*work)();
    MainContext context;
    Deferred<> done;

    static void run(GstElement*, gpointer data) {
      const auto* job = static_cast<Job*>(data);
      ((*job->state).*job->work)();
      post(job->context, [done = job->done]() mutable { done.resolve(); });
    }
    static void free(gpointer data) { delete static_cast<Job*>(data); }
  };

  static Deferred<> runOnThread(const std::shared_ptr<State>& state, void (State::*work)()) {
    Deferred<> done;
    auto* job = new Job{state, work, MainContext::current(), done};
    gst_element_call_async(state->elements.front().get(), &Job::run, job, &Job::free);
    return done;
  }
};

namespace {

Task<> waitPatiently(Deferred<> done) {
  try {
    co_await shielded(withTimeout(kPatience, done.wait(), "stop elements"));
  } catch (const Error& error) {
    g_info("%s: its thread ends later", error.what());
  }
}

}  // namespace

ElementRow::ElementRow(GstElement* pipeline, std::vector<Ref<GstElement>> elements,
                       GstElement* behind)
    : state_(std::make_shared<State>(std::move(elements))) {
  for (const auto& element : state_->elements) gst_bin_add(GST_BIN(pipeline), element.get());
  GstElement* next = behind;
  for (auto element = state_->elements.rbegin(); element != state_->elements.rend(); ++element) {
    gst_element_link(element->get(), next);
    next = element->get();
  }
  State::runOnThread(state_, &State::start);
}

ElementRow::~ElementRow() {
  for (const auto& element : state_->elements) {
    // Whoever is pushing will find nothing behind it, which is no error of the pipeline's.
    gst_element_set_bus(element.get(), nullptr);
  }
  for (auto element = state_->elements.rbegin(); element != state_->elements.rend(); ++element) {
    const auto parent =
        Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element->get()))));
    if (parent) gst_bin_remove(GST_BIN(parent.get()), element->get());
  }
  if (state_->leave()) return;
  finishInBackground(waitPatiently(State::runOnThread(state_, &State::stop)));
}

bool ElementRow::isOrigin(GstMessage* message) const {
  GstObject* origin = GST_MESSAGE_SRC(message);
  return std::any_of(state_->elements.begin(), state_->elements.end(), [&](const auto& element) {
    auto* ours = GST_OBJECT(element.get());
    return origin == ours || gst_object_has_as_ancestor(origin, ours);
  });
}

}  // namespace cosoup
