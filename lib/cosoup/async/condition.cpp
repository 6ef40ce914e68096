#include "cosoup/async/condition.hpp"

#include <glib.h>

#include <utility>

namespace cosoup {
namespace detail {

Waiter::~Waiter() {
  if (wakeUp_) {
    g_source_destroy(wakeUp_);
    g_source_unref(wakeUp_);
  }
  if (context_) g_main_context_unref(context_);
}

void Waiter::suspend(std::coroutine_handle<> coroutine, std::stop_token token,
                     std::function<void()> onStop) {
  coroutine_ = coroutine;
  context_ = g_main_context_ref_thread_default();
  token_ = std::move(token);
  stopCallback_.emplace(token_, std::move(onStop));
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
  g_source_attach(wakeUp_, context_);
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
