#include "cosoup/gst/pipeline.hpp"

#include <atomic>
#include <optional>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/core/passwords.hpp"
#include "cosoup/glib/thread.hpp"

namespace cosoup {

void ensureGStreamer() {
  static const bool once = [] {
    gst_init(nullptr, nullptr);
    return true;
  }();
  (void)once;
}

GstElement* makeElement(const char* factory, const char* name) {
  ensureGStreamer();
  if (GstElement* element = gst_element_factory_make(factory, name)) return element;
  throw Error(Error::Code::Media,
              std::string("GStreamer element '") + factory + "' is not installed");
}

bool isMadeBy(GstElement* element, const char* factory) {
  GstElementFactory* made = gst_element_get_factory(element);
  return made && g_strcmp0(GST_OBJECT_NAME(made), factory) == 0;
}

struct Pipeline::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { releaseOnThread(pipeline); }

  Ref<GstElement> pipeline;
  Signal<GstMessage*> messages;
  std::optional<std::string> firstError;
  Deferred<> failed;  ///< resolved with the first error
  std::shared_ptr<std::atomic<bool>> broken = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<bool>> stopped = std::make_shared<std::atomic<bool>>(false);
  Deferred<> ended;  ///< resolved when stop() is through, for those who call it meanwhile

  void dispatch(GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && !firstError) {
      firstError = describe(message);
      failed.resolve();
    }
    emitSignal(messages, message);
  }

  /// What the bus handler knows, on any thread: never a strong reference to the state, which must
  /// die on the main context.
  struct Mailbox {
    std::weak_ptr<State> state;
    std::shared_ptr<std::atomic<bool>> broken;
    MainContext context = MainContext::current();

    static GstBusSyncReply onMessage(GstBus*, GstMessage* message, gpointer self);
  };
};

GstBusSyncReply Pipeline::State::Mailbox::onMessage(GstBus*, GstMessage* message, gpointer self) {
  const auto* mailbox = static_cast<Mailbox*>(self);
  bool wanted = false;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING:
    case GST_MESSAGE_EOS:
    case GST_MESSAGE_SEGMENT_DONE:
    case GST_MESSAGE_ELEMENT:
      wanted = true;
      break;
    default:
      break;
  }
  if (wanted) {
    post(mailbox->context, [state = mailbox->state, kept = Ref<GstMessage>::share(message)] {
      if (const auto alive = state.lock()) alive->dispatch(kept.get());
    });
  }
  // Only now: whoever sees it expects the message to be on its way.
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) *mailbox->broken = true;
  gst_message_unref(message);
  return GST_BUS_DROP;
}

Pipeline::Pipeline(const std::string& name) : state_(std::make_shared<State>()) {
  ensureGStreamer();
  state_->pipeline = Ref<GstElement>::sink(gst_pipeline_new(name.c_str()));
  const auto clock = Ref<GstClock>::adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(element()), clock.get());
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(element()));
  gst_bus_set_sync_handler(bus.get(), &State::Mailbox::onMessage,
                           new State::Mailbox{state_, state_->broken},
                           [](gpointer data) { delete static_cast<State::Mailbox*>(data); });
}

namespace {

/// What another thread has started while its bin was stopped would run on, and freeing it would
/// wait for it: webrtcbin starts the elements of SCTP as soon as DTLS is through.
void stopStragglers(GstElement* pipeline) {
  const auto stop = [](const GValue* item, gpointer) {
    auto* element = GST_ELEMENT(g_value_get_object(item));
    if (GST_STATE(element) != GST_STATE_NULL) gst_element_set_state(element, GST_STATE_NULL);
  };
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  while (gst_iterator_foreach(elements, stop, nullptr) == GST_ITERATOR_RESYNC) {
    gst_iterator_resync(elements);
  }
  gst_iterator_free(elements);
}

void stopWhole(GstElement* pipeline) {
  gst_element_set_state(pipeline, GST_STATE_NULL);
  stopStragglers(pipeline);
}

}  // namespace

Pipeline::~Pipeline() {
  if (*state_->stopped) return;
  gst_element_call_async(
      element(), [](GstElement* pipeline, gpointer) { stopWhole(pipeline); }, nullptr, nullptr);
}

GstElement* Pipeline::element() const { return state_->pipeline.get(); }

GstElement* Pipeline::add(GstElement* element) {
  gst_bin_add(bin(), element);
  return element;
}

Signal<GstMessage*>& Pipeline::messages() { return state_->messages; }

namespace {

/// Runs on a helper thread what may block; whether it worked.
Task<bool> worksOnThread(std::function<bool(GCancellable*)> work) {
  const auto worked = std::make_shared<bool>(false);
  std::function<void(GCancellable*)> job = [work, worked](GCancellable* cancellable) {
    *worked = work(cancellable);
  };
  co_await onThread(std::move(job));
  co_return *worked;
}

// gst_element_get_state() in steps: a change that waits for data never ends once an element has
// reported an error, nor when the caller is cancelled.
bool changeState(GstElement* pipeline, GstState state, const std::atomic<bool>& broken,
                 const std::atomic<bool>& stopped, GCancellable* cancellable) {
  GstStateChangeReturn result = gst_element_set_state(pipeline, state);
  if (stopped) {
    // stop() runs on another thread and may have come first.
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return false;
  }
  while (result == GST_STATE_CHANGE_ASYNC && !g_cancellable_is_cancelled(cancellable)) {
    if (broken) return false;
    result = gst_element_get_state(pipeline, nullptr, nullptr, 20 * GST_MSECOND);
  }
  return result != GST_STATE_CHANGE_FAILURE;
}

}  // namespace

Task<> Pipeline::setState(GstState state, std::string operation) {
  const std::shared_ptr<State> shared = state_;
  std::function<bool(GCancellable*)> work = [state, pipeline = shared->pipeline,
                                             broken = shared->broken,
                                             stopped = shared->stopped](GCancellable* cancellable) {
    return changeState(pipeline.get(), state, *broken, *stopped, cancellable);
  };
  const bool changed = !*shared->stopped && co_await worksOnThread(std::move(work));
  if (*shared->stopped) {
    throw Error(Error::Code::Media, operation + ": the pipeline was stopped");
  }
  if (changed) co_return;
  // A bin fails before it passes on the message that says why.
  try {
    co_await withTimeout(std::chrono::milliseconds(500), shared->failed.wait(), operation);
  } catch (const Error&) {
    // There is none.
  }
  throw Error(
      Error::Code::Media,
      operation + ": " + shared->firstError.value_or("the pipeline refused to change state"));
}

Task<bool> Pipeline::seek(GstClockTime position, GstSeekFlags flags) {
  std::function<bool(GCancellable*)> work = [position, flags,
                                             pipeline = state_->pipeline](GCancellable*) {
    return gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME, flags,
                                   static_cast<gint64>(position)) != FALSE;
  };
  return worksOnThread(std::move(work));
}

namespace {

struct Stopping {
  MainContext context = MainContext::current();
  Deferred<> stopped;
};

void stopAndTell(GstElement* pipeline, gpointer data) {
  const auto* stopping = static_cast<Stopping*>(data);
  stopWhole(pipeline);
  post(stopping->context, [stopped = stopping->stopped]() mutable { stopped.resolve(); });
}

}  // namespace

Task<> Pipeline::stop(std::chrono::milliseconds limit) {
  const std::shared_ptr<State> shared = state_;
  if (shared->stopped->exchange(true)) {
    co_await shielded(shared->ended.wait());
    co_return;
  }
  auto stopping = std::make_unique<Stopping>();
  const Deferred<> stopped = stopping->stopped;
  gst_element_call_async(shared->pipeline.get(), &stopAndTell, stopping.release(),
                         [](gpointer data) { delete static_cast<Stopping*>(data); });
  try {
    co_await shielded(withTimeout(limit, stopped.wait(), "stop a pipeline"));
  } catch (const Error& error) {
    g_warning("%s: %s", GST_OBJECT_NAME(shared->pipeline.get()), error.what());
  }
  shared->ended.resolve();
}

GstClockTime Pipeline::now() {
  static GstClock* clock = gst_system_clock_obtain();
  return gst_clock_get_time(clock);
}

GstClockTime Pipeline::runningTimeOf(GstClockTime clockTime) const {
  const GstClockTime base = gst_element_get_base_time(element());
  return clockTime > base ? clockTime - base : 0;
}

GstClockTime Pipeline::clockTimeOf(GstClockTime runningTime) const {
  return runningTime + gst_element_get_base_time(element());
}

void stopOnThread(GstElement* element) {
  const auto stop = [](GstElement* started, gpointer) {
    gst_element_set_state(started, GST_STATE_NULL);
  };
  gst_element_call_async(element, stop, nullptr, nullptr);
}

std::string describe(GstMessage* message) {
  GError* error = nullptr;
  char* debug = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning(message, &error, &debug);
  } else {
    gst_message_parse_error(message, &error, &debug);
  }
  std::string text = GST_MESSAGE_SRC_NAME(message);
  text += std::string(": ") + error->message;
  if (debug) {
    // The first line is the place in GStreamer's sources, the last one the reason.
    const std::string detail(debug);
    const auto lastLine = detail.rfind('\n');
    if (lastLine != std::string::npos) text += " (" + detail.substr(lastLine + 1) + ")";
  }
  g_clear_error(&error);
  g_free(debug);
  return withoutPasswords(text);  // some elements name the URI that they read
}

}  // namespace cosoup
