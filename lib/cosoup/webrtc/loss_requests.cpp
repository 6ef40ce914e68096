#include "cosoup/webrtc/loss_requests.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

using Holder = std::shared_ptr<ReceiveGuard>;

void onNewJitterBuffer(GstElement*, GstElement* jitterBuffer, guint, guint ssrc, gpointer data) {
  const Holder& guard = *static_cast<Holder*>(data);
  g_object_set(jitterBuffer, inner::doRetransmission, static_cast<gboolean>(guard->mayNack(ssrc)),
               inner::rtxNextSeqnum, FALSE, nullptr);
}

}  // namespace

void askAgainOnlyWhereAllowed(GstElement* rtpbin, const std::shared_ptr<ReceiveGuard>& guard) {
  // After webrtcbin's own handler.
  g_signal_connect_data(
      rtpbin, inner::newJitterBuffer, G_CALLBACK(&onNewJitterBuffer), new Holder(guard),
      [](gpointer data, GClosure*) { delete static_cast<Holder*>(data); }, G_CONNECT_AFTER);
}

}  // namespace cosoup
