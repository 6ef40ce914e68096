#include "cosoup/glib/web_proxy.hpp"

#include <string>

namespace cosoup {
namespace {

// A GObject without state of its own: GIO asks it through the interface.
struct WebProxyResolver {
  GObject parent;
};
struct WebProxyResolverClass {
  GObjectClass parent;
};

void initInterface(GProxyResolverInterface* interface);

G_DEFINE_TYPE_WITH_CODE(WebProxyResolver, web_proxy_resolver, G_TYPE_OBJECT,
                        G_IMPLEMENT_INTERFACE(G_TYPE_PROXY_RESOLVER, initInterface))

/// wss -> https, ws -> http.
std::string asWeb(const char* uri) {
  const std::string text = uri;
  return text.starts_with("ws") ? "http" + text.substr(2) : text;
}

gboolean isSupported(GProxyResolver*) {
  return g_proxy_resolver_is_supported(g_proxy_resolver_get_default());
}

char** lookup(GProxyResolver*, const char* uri, GCancellable* cancellable, GError** error) {
  return g_proxy_resolver_lookup(g_proxy_resolver_get_default(), asWeb(uri).c_str(), cancellable,
                                 error);
}

void lookupAsync(GProxyResolver*, const char* uri, GCancellable* cancellable,
                 GAsyncReadyCallback callback, gpointer data) {
  g_proxy_resolver_lookup_async(g_proxy_resolver_get_default(), asWeb(uri).c_str(), cancellable,
                                callback, data);
}

char** lookupFinish(GProxyResolver*, GAsyncResult* result, GError** error) {
  return g_proxy_resolver_lookup_finish(g_proxy_resolver_get_default(), result, error);
}

void initInterface(GProxyResolverInterface* interface) {
  interface->is_supported = isSupported;
  interface->lookup = lookup;
  interface->lookup_async = lookupAsync;
  interface->lookup_finish = lookupFinish;
}

void web_proxy_resolver_class_init(WebProxyResolverClass*) {}
void web_proxy_resolver_init(WebProxyResolver*) {}

}  // namespace

Ref<GProxyResolver> webProxyResolver() {
  return Ref<GProxyResolver>::adopt(
      G_PROXY_RESOLVER(g_object_new(web_proxy_resolver_get_type(), nullptr)));
}

}  // namespace cosoup
