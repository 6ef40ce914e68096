#include "cosoup/webrtc/warm_up.hpp"

#include <atomic>

#include "cosoup/glib/thread.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/certificate.hpp"

namespace cosoup {
namespace {

std::atomic<bool> isWarm = false;

void warmUp(GCancellable* cancellable) {
  if (isWarm) return;
  dtlsCertificate();
  ensureGStreamer();
  // The first dtlsdec of a process makes an RSA key, also when it is given a certificate later.
  for (const char* factory : {"dtlsdec", "srtpdec", "srtpenc", "nicesrc", "sctpdec", "rtpbin"}) {
    if (g_cancellable_is_cancelled(cancellable)) return;
    Ref<GstElement>::sink(gst_element_factory_make(factory, nullptr));
  }
  isWarm = true;
}

}  // namespace

Task<> warmUpPeerConnections() {
  std::function<void(GCancellable*)> work = [](GCancellable* cancellable) {
    try {
      warmUp(cancellable);
    } catch (const Error&) {
      // Whoever needs it will say so.
    }
  };
  // It always ends, and a program that has left a room may end next: OpenSSL would then be cleaned
  // up below whoever makes a key.
  constexpr std::chrono::minutes untilItEnds(1);
  co_await onThread(std::move(work), untilItEnds);
}

}  // namespace cosoup
