#include "cosoup/glib/thread.hpp"

#include <memory>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {
namespace {

using Work = std::function<void(GCancellable*)>;

void run(GTask* task, gpointer, gpointer work, GCancellable* cancellable) {
  (*static_cast<Work*>(work))(cancellable);
  g_task_return_boolean(task, TRUE);
}

void onEnded(GObject*, GAsyncResult*, gpointer data) {
  const std::unique_ptr<Deferred<>> ended(static_cast<Deferred<>*>(data));
  ended->resolve();
}

/// Work on its thread; told to end when this goes.
class Job {
 public:
  explicit Job(Work work) {
    GTask* task = g_task_new(nullptr, cancellable_.get(), &onEnded, new Deferred<>(ended));
    g_task_set_task_data(task, new Work(std::move(work)),
                         [](gpointer held) { delete static_cast<Work*>(held); });
    g_task_set_check_cancellable(task, FALSE);
    g_task_run_in_thread(task, &run);
    g_object_unref(task);
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job() { cancel(); }

  void cancel() { g_cancellable_cancel(cancellable_.get()); }

  const Deferred<> ended;

 private:
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
};

}  // namespace

Task<> onThread(Work work, std::chrono::milliseconds patience) {
  const std::stop_token token = co_await currentStopToken();
  if (token.stop_requested()) throw Cancelled();
  Job job(std::move(work));
  try {
    co_await job.ended.wait();
    co_return;
  } catch (const Cancelled&) {
    job.cancel();
  }
  try {
    co_await shielded(withTimeout(patience, job.ended.wait(), "end the work of a thread"));
  } catch (const Error&) {
    // It blocks; its thread has it now.
  }
  throw Cancelled();
}

namespace {

Task<> release(GObject* owned) {
  constexpr std::chrono::seconds kPatience{4};
  std::function<void(GCancellable*)> job = [owned](GCancellable*) { g_object_unref(owned); };
  try {
    co_await withTimeout(kPatience, onThread(std::move(job)), "the end of an element");
  } catch (const Error& error) {
    g_warning("%s", error.what());
  }
}

}  // namespace

void releaseOnThread(GObject* owned) {
  if (g_main_context_is_owner(MainContext::current().get())) {
    finishInBackground(release(owned));
  } else {
    g_object_unref(owned);
  }
}

}  // namespace cosoup
