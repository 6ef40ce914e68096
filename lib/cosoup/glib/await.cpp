#include "cosoup/glib/await.hpp"

namespace cosoup {
namespace detail {

void AsyncCall::onReady(GObject*, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<std::shared_ptr<AsyncCall>> call(
      static_cast<std::shared_ptr<AsyncCall>*>(data));
  Waiter* waiter = std::exchange((*call)->waiter, nullptr);
  if (!waiter) return;
  (*call)->result = Ref<GAsyncResult>::share(result);
  // Through the loop, since some GIO functions call back before they have returned.
  waiter->wake();
}

SignalAwaiter::~SignalAwaiter() {
  if (!closure_) return;
  g_signal_handlers_disconnect_matched(object_.get(), G_SIGNAL_MATCH_CLOSURE, 0, 0, closure_,
                                       nullptr, nullptr);
  g_closure_unref(closure_);
}

void SignalAwaiter::connect() {
  closure_ = g_closure_new_simple(sizeof(GClosure), this);
  g_closure_ref(closure_);
  g_closure_sink(closure_);
  g_closure_set_marshal(closure_, &SignalAwaiter::onEmitted);
  g_signal_connect_closure(object_.get(), name_.c_str(), closure_, FALSE);
}

void SignalAwaiter::onEmitted(GClosure* closure, GValue*, guint count, const GValue* values,
                              gpointer, gpointer) {
  auto* self = static_cast<SignalAwaiter*>(closure->data);
  if (self->arguments_) return;
  self->arguments_.emplace(values + 1, count - 1);  // the first value is the emitter
  self->waiter_.wake();
}

}  // namespace detail

SignalArguments::SignalArguments(const GValue* values, guint count) : values_(count) {
  for (guint i = 0; i < count; ++i) {
    g_value_init(&values_[i], G_VALUE_TYPE(&values[i]));
    g_value_copy(&values[i], &values_[i]);
  }
}

SignalArguments::~SignalArguments() {
  for (GValue& value : values_) g_value_unset(&value);
}

}  // namespace cosoup
