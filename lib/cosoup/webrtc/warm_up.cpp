#include "cosoup/webrtc/warm_up.hpp"

#include "cosoup/glib/thread.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/certificate.hpp"

namespace cosoup {
namespace {

void warmUpOnce() {
  static const bool once = [] {
    dtlsCertificate();
    ensureGStreamer();
    // The first dtlsdec of a process makes an RSA key, also when it is given a certificate later.
    for (const char* factory : {"dtlsdec", "srtpdec", "srtpenc", "nicesrc", "sctpdec", "rtpbin"}) {
      Ref<GstElement>::sink(gst_element_factory_make(factory, nullptr));
    }
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace

Task<> warmUpPeerConnections() {
  return onThread([](GCancellable*) {
    try {
      warmUpOnce();
    } catch (const Error&) {
      // Whoever needs it will say so.
    }
  });
}

}  // namespace cosoup
