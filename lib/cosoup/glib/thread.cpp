#include "cosoup/glib/thread.hpp"

#include "cosoup/glib/await.hpp"

namespace cosoup {
namespace {

using Work = std::function<void(GCancellable*)>;

void run(GTask* task, gpointer, gpointer work, GCancellable* cancellable) {
  (*static_cast<Work*>(work))(cancellable);
  g_task_return_boolean(task, TRUE);
}

}  // namespace

Task<> onThread(Work work) {
  co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback callback, gpointer data) {
    GTask* task = g_task_new(nullptr, cancellable, callback, data);
    g_task_set_task_data(task, new Work(std::move(work)),
                         [](gpointer held) { delete static_cast<Work*>(held); });
    g_task_set_check_cancellable(task, FALSE);
    g_task_run_in_thread(task, &run);
    g_object_unref(task);
  });
}

}  // namespace cosoup
