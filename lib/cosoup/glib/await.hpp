// Bridges from GLib's callbacks to co_await.
#pragma once

#include <gio/gio.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/async/condition.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

namespace detail {

/// `start` has been called and its callback will come, even if the coroutine is gone by then.
struct COSOUP_API AsyncCall {
  Waiter* waiter = nullptr;
  Ref<GAsyncResult> result;
  Ref<GCancellable> cancellable = Ref<GCancellable>::adopt(g_cancellable_new());

  static void onReady(GObject*, GAsyncResult* result, gpointer data);
};

template <class Start>
class AsyncAwaiter {
 public:
  explicit AsyncAwaiter(Start& start) : start_(start), call_(std::make_shared<AsyncCall>()) {}
  AsyncAwaiter(const AsyncAwaiter&) = delete;
  AsyncAwaiter& operator=(const AsyncAwaiter&) = delete;
  ~AsyncAwaiter() {
    if (!call_->waiter) return;
    call_->waiter = nullptr;
    g_cancellable_cancel(call_->cancellable.get());
  }

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> coroutine) {
    if (coroutine.promise().stopToken().stop_requested()) return false;
    call_->waiter = &waiter_;
    waiter_.suspend(coroutine, [call = call_] { g_cancellable_cancel(call->cancellable.get()); });
    start_(call_->cancellable.get(), &AsyncCall::onReady, new std::shared_ptr<AsyncCall>(call_));
    return true;
  }
  Ref<GAsyncResult> await_resume() {
    if (!call_->result || waiter_.stopRequested()) throw Cancelled();
    return std::move(call_->result);
  }

 private:
  Start& start_;
  std::shared_ptr<AsyncCall> call_;
  Waiter waiter_;
};

}  // namespace detail

/// Awaits a GIO-style operation: `start(cancellable, callback, data)` begins it. Gives the result
/// for its `_finish` function. A cancelled coroutine cancels the operation, waits for its end and
/// throws Cancelled. `start` runs before this suspends, so that it may capture by reference.
template <class Start>
detail::AsyncAwaiter<Start> awaitAsync(Start&& start) {
  return detail::AsyncAwaiter<Start>(start);
}

/// The arguments of an emitted GObject signal, copied.
class COSOUP_API SignalArguments {
 public:
  SignalArguments() = default;
  SignalArguments(const GValue* values, guint count);
  SignalArguments(SignalArguments&&) noexcept = default;
  SignalArguments& operator=(SignalArguments&& other) noexcept {
    std::swap(values_, other.values_);
    return *this;
  }
  ~SignalArguments();

  std::size_t size() const { return values_.size(); }
  const GValue* operator[](std::size_t index) const { return &values_.at(index); }

 private:
  std::vector<GValue> values_;
};

namespace detail {

class COSOUP_API SignalAwaiter {
 public:
  SignalAwaiter(Ref<GObject> object, std::string name)
      : object_(std::move(object)), name_(std::move(name)) {}
  SignalAwaiter(const SignalAwaiter&) = delete;
  SignalAwaiter& operator=(const SignalAwaiter&) = delete;
  ~SignalAwaiter();

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> coroutine) {
    if (coroutine.promise().stopToken().stop_requested()) return false;
    waiter_.suspend(coroutine, [this] { waiter_.wake(); });
    connect();
    return true;
  }
  SignalArguments await_resume() {
    if (!arguments_ || waiter_.stopRequested()) throw Cancelled();
    return std::move(*arguments_);
  }

 private:
  void connect();
  static void onEmitted(GClosure* closure, GValue*, guint count, const GValue* values, gpointer,
                        gpointer);

  Ref<GObject> object_;
  std::string name_;
  GClosure* closure_ = nullptr;
  std::optional<SignalArguments> arguments_;
  Waiter waiter_;
};

}  // namespace detail

/// Awaits the next emission of a signal that is emitted on the context's thread. Throws Cancelled.
inline detail::SignalAwaiter awaitSignal(gpointer object, std::string name) {
  return detail::SignalAwaiter(Ref<GObject>::share(G_OBJECT(object)), std::move(name));
}

}  // namespace cosoup
