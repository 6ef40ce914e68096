#include "cosoup/async/condition.hpp"

#include <glib.h>

#include <algorithm>

namespace cosoup {
namespace detail {

Waiter::~Waiter() {
  if (!wakeUp_) return;
  g_source_destroy(wakeUp_);
  g_source_unref(wakeUp_);
}

void Waiter::wake() {
  if (wakeUp_) return;
  wakeUp_ = g_idle_source_new();
  g_source_set_priority(wakeUp_, G_PRIORITY_DEFAULT);
  g_source_set_callback(
      wakeUp_,
      [](gpointer self) -> gboolean {
        static_cast<Waiter*>(self)->resume();
        return G_SOURCE_REMOVE;
      },
      this, nullptr);
  GMainContext* context = g_main_context_ref_thread_default();
  g_source_attach(wakeUp_, context);
  g_main_context_unref(context);
}

void Waiter::resume() {
  stopCallback_.reset();
  coroutine_.resume();  // may end this waiter
}

ConditionAwaiter::~ConditionAwaiter() { std::erase(state_->waiters, &waiter_); }

}  // namespace detail

void Condition::notify() {
  for (detail::Waiter* waiter : std::exchange(state_->waiters, {})) waiter->wake();
}

}  // namespace cosoup
