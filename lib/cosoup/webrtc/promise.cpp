#include "cosoup/webrtc/promise.hpp"

#include "cosoup/glib/error.hpp"

namespace cosoup {

void detail::PromiseCall::onChange(GstPromise*, gpointer data) {
  const auto call = *static_cast<std::shared_ptr<PromiseCall>*>(data);
  post(call->context, [call] {
    if (call->waiter) std::exchange(call->waiter, nullptr)->resume();
  });
}

const GstStructure* replyOf(const Ref<GstPromise>& promise, const std::string& operation) {
  if (gst_promise_wait(promise.get()) != GST_PROMISE_RESULT_REPLIED) {
    throw Error(Error::Code::Media, operation + ": not answered");
  }
  const GstStructure* reply = gst_promise_get_reply(promise.get());
  if (!reply || !gst_structure_has_field(reply, "error")) return reply;
  GError* error = nullptr;
  gst_structure_get(reply, "error", G_TYPE_ERROR, &error, nullptr);
  throwGError(error, operation, Error::Code::Media);
}

}  // namespace cosoup
