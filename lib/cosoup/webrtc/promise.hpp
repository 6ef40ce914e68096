// awaitPromise: a GstPromise, answered on webrtcbin's thread, as co_await. Internal.
#pragma once

#include <gst/gst.h>

#include <coroutine>
#include <memory>
#include <string>
#include <utility>

#include "cosoup/async/loop.hpp"
#include "cosoup/glib/ref.hpp"

namespace cosoup {

COSOUP_REF(GstPromise, gst_promise_ref, gst_promise_unref);

namespace detail {

/// What the awaiter and the loop share of one promise. Context thread only.
struct PromiseCall {
  Waiter* waiter = nullptr;
  Ref<GstPromise> answered;  ///< stays empty when the promise was dropped without an answer
};

/// Makes a promise that, answered or dropped on any thread, resumes the call's waiter on this one.
Ref<GstPromise> newPromise(std::shared_ptr<PromiseCall> call);

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
    started_ = true;
    const Ref<GstPromise> promise = newPromise(call_);
    start_(promise.get());
    return true;
  }
  Ref<GstPromise> await_resume() {
    if (!started_ || waiter_.stopRequested()) throw Cancelled();
    return std::move(call_->answered);
  }

 private:
  Start& start_;
  std::shared_ptr<PromiseCall> call_;
  Waiter waiter_;
  bool started_ = false;
};

}  // namespace detail

/// Awaits a promise: `start(promise)` lends it to whoever answers, who takes a reference (emitting
/// a signal of webrtcbin does). The answer may come on any thread. Check it with replyOf(): when
/// the last reference was dropped without an answer, the result is an empty Ref. A cancelled
/// coroutine waits for the answer and throws Cancelled.
template <class Start>
detail::PromiseAwaiter<Start> awaitPromise(Start&& start) {
  return detail::PromiseAwaiter<Start>(start);
}

/// The reply of an answered promise, borrowed from it; nullptr when it carries none.
/// Throws Error(Media) in the name of `operation` for a reply with an error, or for a promise that
/// was interrupted, expired or dropped. The one place where a GstPromise's fault becomes an Error.
const GstStructure* replyOf(const Ref<GstPromise>& promise, const std::string& operation);

}  // namespace cosoup
