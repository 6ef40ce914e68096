#include "cosoup/webrtc/transport_cc.hpp"

#include "cosoup/glib/ref.hpp"

namespace cosoup {

void calmTransportFeedback(GstElement* rtpbin) {
  GObject* session = nullptr;
  g_signal_emit_by_name(rtpbin, "get-internal-session", 0u, &session);
  const auto owned = Ref<GObject>::adopt(session);
  if (owned) g_object_set(owned.get(), "twcc-feedback-interval", 100 * GST_MSECOND, nullptr);
}

}  // namespace cosoup
