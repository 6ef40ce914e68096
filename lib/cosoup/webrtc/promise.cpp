#include "cosoup/webrtc/promise.hpp"

#include <optional>

#include "cosoup/glib/error.hpp"

namespace cosoup {
namespace {

/// The promise's end of a PromiseCall; used on the answering thread.
class PromiseLink {
 public:
  explicit PromiseLink(std::shared_ptr<detail::PromiseCall> call) : call_(std::move(call)) {}
  PromiseLink(const PromiseLink&) = delete;
  PromiseLink& operator=(const PromiseLink&) = delete;
  ~PromiseLink() { settle({}); }

  void settle(Ref<GstPromise> promise) {
    if (!context_) return;
    // Neither the context nor the promise may stay referenced by what they lead to.
    const MainContext context = *std::exchange(context_, std::nullopt);
    post(context, [call = std::move(call_), promise = std::move(promise)] {
      if (!call->waiter) return;
      call->answered = promise;
      std::exchange(call->waiter, nullptr)->resume();
    });
  }

 private:
  std::shared_ptr<detail::PromiseCall> call_;
  std::optional<MainContext> context_ = MainContext::current();
};

}  // namespace

Ref<GstPromise> detail::newPromise(std::shared_ptr<PromiseCall> call) {
  auto* link = new PromiseLink(std::move(call));
  const auto promise = Ref<GstPromise>::adopt(gst_promise_new_with_change_func(
      [](GstPromise* changed, gpointer data) {
        static_cast<PromiseLink*>(data)->settle(Ref<GstPromise>::share(changed));
      },
      link, nullptr));
  // Not by the destroy notify of the change func, which an expired promise calls with nullptr.
  static const GQuark quark = g_quark_from_static_string("cosoup-promise-link");
  gst_mini_object_set_qdata(GST_MINI_OBJECT(promise.get()), quark, link,
                            [](gpointer data) { delete static_cast<PromiseLink*>(data); });
  return promise;
}

const GstStructure* replyOf(const Ref<GstPromise>& promise, const std::string& operation) {
  if (!promise || gst_promise_wait(promise.get()) != GST_PROMISE_RESULT_REPLIED) {
    throw Error(Error::Code::Media, operation + ": not answered");
  }
  const GstStructure* reply = gst_promise_get_reply(promise.get());
  if (!reply || !gst_structure_has_field(reply, "error")) return reply;
  GError* error = nullptr;
  gst_structure_get(reply, "error", G_TYPE_ERROR, &error, nullptr);
  throwGError(error, operation, Error::Code::Media);
}

}  // namespace cosoup
