#include "cosoup/async/loop.hpp"
#include "cosoup/core/passwords.hpp"
#include "cosoup/core/taken.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/source/pipeline_source.hpp"
#include "cosoup/media/source/stream_finder.hpp"

namespace cosoup {
namespace {

// Before the source connects.
void onSourceSetup(GstElement*, GstElement* source, gpointer latency) {
  if (!hasProperty(source, "latency")) return;
  setProperty(source, "latency", std::to_string(GPOINTER_TO_INT(latency)));
}

using namespace std::chrono_literals;

/// Why nobody can be reached there; empty when that works, and where it is not known how to try.
Task<std::string> whyUnreachable(std::string uri) {
  const bool isTls = uri.starts_with("https:");
  if (!isTls && !uri.starts_with("http:")) co_return "";
  const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  g_socket_client_set_tls(client.get(), isTls);
  const Ref<GAsyncResult> result = co_await awaitAsync([&](auto... gio) {
    g_socket_client_connect_to_uri_async(client.get(), uri.c_str(), isTls ? 443 : 80, gio...);
  });
  GError* error = nullptr;
  const auto reached = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_uri_finish(client.get(), result.get(), &error));
  if (!error) co_return "";
  std::string reason = error->message;
  g_error_free(error);
  co_return reason;
}

class UriSource : public PipelineSource {
 public:
  UriSource(std::string uri, const UriSourceOptions& options)
      : PipelineSource("uri '" + withoutPasswords(uri) + "'", options),
        uri_(std::move(uri)),
        latency_(static_cast<int>(options.latency.count())) {}

  // souphttpsrc says of a server that cannot be reached, or is not trusted, only that it failed.
  Task<> open(Ref<GstCaps> accepted) override {
    const std::shared_ptr<PipelineSource> self = shared_from_this();
    std::exception_ptr failure;
    try {
      co_await PipelineSource::open(std::move(accepted));
      co_return;
    } catch (const Error& error) {
      if (error.code() != Error::Code::Media) throw;
      failure = std::current_exception();
    }
    std::string reason;
    try {
      reason = co_await withTimeout(3s, whyUnreachable(uri_), title());
    } catch (const Error&) {  // it answers too slowly to tell
    }
    if (reason.empty()) std::rethrow_exception(failure);
    throw Error(Error::Code::Media, "open " + title() + ": " + reason);
  }

 private:
  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
             Ref<GstCaps> accepted) override {
    check();
    GstElement* finder =
        addUriStreamFinder(pipeline.bin(), std::move(streams), std::move(accepted));
    g_object_set(finder, "uri", uri_.c_str(), nullptr);
    g_signal_connect(finder, "source-setup", G_CALLBACK(&onSourceSetup), GINT_TO_POINTER(latency_));
  }

  void check() const {
    const std::string operation = "open " + title() + ": ";
    if (!gst_uri_is_valid(uri_.c_str())) {
      throw Error(Error::Code::InvalidArgument, operation + "it is not a URI");
    }
    const std::string name = taken(gst_uri_get_protocol(uri_.c_str()));
    if (!gst_uri_protocol_is_supported(GST_URI_SRC, name.c_str())) {
      throw Error(Error::Code::Unsupported,
                  operation + "no installed GStreamer element reads '" + name + ":'");
    }
  }

  const std::string uri_;
  const int latency_;
};

}  // namespace

std::shared_ptr<Source> makeUriSource(std::string uri, UriSourceOptions options) {
  return std::make_shared<UriSource>(std::move(uri), options);
}

}  // namespace cosoup
