// awaitPromise: a GstPromise, answered on webrtcbin's thread, as co_await.
#pragma once

#include <gst/gst.h>

#include <coroutine>
#include <memory>
#include <string>

#include "cosoup/async/loop.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

COSOUP_REF(GstPromise, gst_promise_ref, gst_promise_unref);

namespace detail {

struct PromiseCall {
  MainContext context = MainContext::current();
  Waiter* waiter = nullptr;  // context thread only

  static void onChange(GstPromise*, gpointer data);
};

template <class Start>
class PromiseAwaiter {
 public:
  explicit PromiseAwaiter(Start& start) : start_(start), call_(std::make_shared<PromiseCall>()) {}
  PromiseAwaiter(const PromiseAwaiter&) = delete;
  PromiseAwaiter& operator=(const PromiseAwaiter&) = delete;
  ~PromiseAwaiter() { call_->waiter = nullptr; }

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> coroutine) {
    if (coroutine.promise().stopToken().stop_requested()) return false;
    call_->waiter = &waiter_;
    waiter_.suspend(coroutine, [] {});  // a promise cannot be cancelled: its answer is awaited
    promise_ = Ref<GstPromise>::adopt(gst_promise_new_with_change_func(
        &PromiseCall::onChange, new std::shared_ptr<PromiseCall>(call_),
        [](gpointer data) { delete static_cast<std::shared_ptr<PromiseCall>*>(data); }));
    start_(gst_promise_ref(promise_.get()));
    return true;
  }
  Ref<GstPromise> await_resume() {
    if (!promise_ || waiter_.stopRequested()) throw Cancelled();
    return std::move(promise_);
  }

 private:
  Start& start_;
  std::shared_ptr<PromiseCall> call_;
  Ref<GstPromise> promise_;
  Waiter waiter_;
};

}  // namespace detail

/// Awaits a promise: `start(promise)` hands it (with a reference) to whoever answers. The answer
/// may come on any thread. Check it with replyOf().
template <class Start>
detail::PromiseAwaiter<Start> awaitPromise(Start&& start) {
  return detail::PromiseAwaiter<Start>(start);
}

/// The reply of an answered promise, borrowed from it; nullptr when it carries none.
/// Throws Error(Media) in the name of `operation` for a reply with an error, or for a promise that
/// was interrupted or expired. The one place where a GstPromise's fault becomes an Error.
const GstStructure* replyOf(const Ref<GstPromise>& promise, const std::string& operation);

}  // namespace cosoup
