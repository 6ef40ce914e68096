#include "cosoup/async/loop.hpp"

#include <glib.h>
#ifdef G_OS_UNIX
#include <glib-unix.h>
#endif

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cosoup/async/scope.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/core/utf8.hpp"

namespace cosoup {

MainContext MainContext::current() { return MainContext(g_main_context_ref_thread_default()); }

MainContext::MainContext(const MainContext& other) : context_(g_main_context_ref(other.context_)) {}

MainContext& MainContext::operator=(const MainContext& other) {
  GMainContext* old = context_;
  context_ = g_main_context_ref(other.context_);
  g_main_context_unref(old);
  return *this;
}

MainContext::~MainContext() { g_main_context_unref(context_); }

namespace {

/// An exception must not unwind through the C code of GLib.
void callContained(const char* where, const std::function<void()>& function) noexcept {
  try {
    function();
  } catch (...) {
    detail::reportEscapedException(where);
  }
}

}  // namespace

void post(const MainContext& context, std::function<void()> function) {
  GSource* source = g_idle_source_new();
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(
      source,
      [](gpointer data) -> gboolean {
        callContained("post", *static_cast<std::function<void()>*>(data));
        return G_SOURCE_REMOVE;
      },
      new std::function<void()>(std::move(function)),
      [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
  g_source_attach(source, context.get());
  g_source_unref(source);
}

namespace detail {

Timer::Timer(std::chrono::milliseconds delay, std::function<void()> callback)
    : callback_(std::move(callback)) {
  const auto wait = std::clamp<std::int64_t>(delay.count(), 0, G_MAXUINT);
  source_ = g_timeout_source_new(static_cast<guint>(wait));
  g_source_set_priority(source_, G_PRIORITY_DEFAULT);
  g_source_set_callback(
      source_,
      [](gpointer self) -> gboolean {
        // Out of the timer first, since the callback may end it.
        const auto callback = std::move(static_cast<Timer*>(self)->callback_);
        callContained("Timer", callback);
        return G_SOURCE_REMOVE;
      },
      this, nullptr);
  g_source_attach(source_, MainContext::current().get());
}

Timer::~Timer() {
  g_source_destroy(source_);
  g_source_unref(source_);
}

void throwTimeout(const std::string& operation, std::chrono::milliseconds limit) {
  throw Error(Error::Code::Timeout,
              operation + ": no answer within " + std::to_string(limit.count()) + " ms");
}

}  // namespace detail

namespace {

/// Cancels the main task on the first SIGINT or SIGTERM; afterwards the default action is back, so
/// that a second one ends the program, even if the loop has not come to the first one yet.
class Interrupt {
 public:
  explicit Interrupt(Scope& scope) : scope_(scope) {
#ifdef G_OS_UNIX
    for (const int signal : {SIGINT, SIGTERM}) {
      GSource* source = g_unix_signal_source_new(signal);
      g_source_set_callback(source, &Interrupt::onSignal, this, nullptr);
      g_source_attach(source, MainContext::current().get());
      sources_.push_back(source);
      // GLib keeps its handler until the loop runs, and takes two signals for one.
      const auto handler = std::signal(signal, &Interrupt::onFirst);
      if (handler != &Interrupt::onFirst) glibHandler = handler;
    }
#endif
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() { restoreDefaults(); }

 private:
  static void onFirst(int signal) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    glibHandler(signal);
  }
  static gboolean onSignal(gpointer self) {
    auto* interrupt = static_cast<Interrupt*>(self);
    interrupt->restoreDefaults();
    interrupt->scope_.requestStop();
    return G_SOURCE_REMOVE;
  }
  void restoreDefaults() {
    for (GSource* source : std::exchange(sources_, {})) {
      g_source_destroy(source);
      g_source_unref(source);
    }
  }

  static inline void (*glibHandler)(int) = nullptr;  // the same for all signals
  Scope& scope_;
  std::vector<GSource*> sources_;
};

constexpr int cancelledStatus = 130;  // as a shell reports SIGINT

Task<> keepStatus(Task<int> task, std::optional<int>& status) {
  try {
    status = co_await std::move(task);
  } catch (const Cancelled&) {
    status = cancelledStatus;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", printable(error.what()).c_str());
    status = 1;
  } catch (...) {
    std::fprintf(stderr, "error: unknown exception\n");
    status = 1;
  }
}

Task<int> succeeding(Task<> task) {
  co_await std::move(task);
  co_return 0;
}

}  // namespace

int runMain(Task<int> task) {
  const MainContext context = MainContext::current();
  Scope scope;
  Interrupt interrupt(scope);
  std::optional<int> status;
  scope.spawn(keepStatus(std::move(task), status));
  while (scope.running() > 0 || detail::backgroundScope().running() > 0) {
    g_main_context_iteration(context.get(), TRUE);
  }
  return *status;
}

int runMain(Task<> task) { return runMain(succeeding(std::move(task))); }

}  // namespace cosoup
