#include "cosoup/webrtc/ice_agent.hpp"

#include <nice/agent.h>

#include "cosoup/glib/ref.hpp"

namespace cosoup {
namespace {

// RFC 8445, section 14.2: no less than 5 ms between checks.
constexpr guint kPacingMs = 5;

Ref<GObject> agentOf(GstObject* webrtcIce) {
  GObject* agent = nullptr;
  g_object_get(webrtcIce, "agent", &agent, nullptr);
  return Ref<GObject>::adopt(agent);
}

}  // namespace

void tuneAgent(GstObject* webrtcIce) {
  const Ref<GObject> agent = agentOf(webrtcIce);
  if (!agent) return;
  // With upnp every router in reach would be asked for a port mapping, and waited for.
  g_object_set(agent.get(), "upnp", FALSE, "stun-pacing-timer", kPacingMs, nullptr);
  // Consent wants binding requests (RFC 7675); by mere indications a server thinks us gone and ends
  // the call (mediasoup's iceConsentTimeout).
  g_object_set(agent.get(), "keepalive-conncheck", TRUE, nullptr);
}

void nominateAtOnce(GstObject* webrtcIce, bool atOnce) {
  const Ref<GObject> agent = agentOf(webrtcIce);
  if (!agent) return;
  // g_object_set() takes the property only while the agent is constructed, which webrtcbin does;
  // the agent itself reads it at each check.
  GObjectClass* type = G_OBJECT_GET_CLASS(agent.get());
  GParamSpec* mode = g_object_class_find_property(type, "nomination-mode");
  if (!mode) return;
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_PARAM_SPEC_VALUE_TYPE(mode));
  g_value_set_enum(&value, atOnce ? NICE_NOMINATION_MODE_AGGRESSIVE : NICE_NOMINATION_MODE_REGULAR);
  type->set_property(agent.get(), mode->param_id, &value, mode);
  g_value_unset(&value);
}

}  // namespace cosoup
