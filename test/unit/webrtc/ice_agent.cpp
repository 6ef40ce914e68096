// The ICE agent inside webrtcbin, without a network.
#include "cosoup/webrtc/ice_agent.hpp"

#include <nice/agent.h>

#include <vector>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

/// What the agent tells of its components, to who listens as webrtcbin does.
class ToldStates {
 public:
  explicit ToldStates(GObject* agent) {
    g_signal_connect(agent, "component-state-changed", G_CALLBACK(&ToldStates::onChanged), this);
  }

  std::vector<guint> states;

 private:
  static void onChanged(NiceAgent*, guint, guint, guint state, gpointer data) {
    static_cast<ToldStates*>(data)->states.push_back(state);
  }
};

}  // namespace

TEST_CASE("a state that is told too late is followed by the one that the agent is in") {
  const auto webrtcbin = Ref<GstElement>::sink(makeElement("webrtcbin"));
  const IceAgent ice(webrtcbin.get());
  GObject* webrtcIce = nullptr;
  g_object_get(webrtcbin.get(), "ice-agent", &webrtcIce, nullptr);
  GObject* held = nullptr;
  g_object_get(webrtcIce, "agent", &held, nullptr);
  const auto agent = Ref<GObject>::adopt(held);
  g_object_unref(webrtcIce);
  ToldStates told(agent.get());
  const guint stream = nice_agent_add_stream(NICE_AGENT(agent.get()), 1);
  const guint actual = nice_agent_get_component_state(NICE_AGENT(agent.get()), stream, 1);
  REQUIRE(actual == NICE_COMPONENT_STATE_DISCONNECTED);

  g_signal_emit_by_name(agent.get(), "component-state-changed", stream, 1u,
                        guint{NICE_COMPONENT_STATE_CONNECTING});
  const std::vector<guint> corrected{NICE_COMPONENT_STATE_CONNECTING, actual};
  CHECK(told.states == corrected);

  g_signal_emit_by_name(agent.get(), "component-state-changed", stream, 1u, actual);
  CHECK(told.states.size() == 3);
}
