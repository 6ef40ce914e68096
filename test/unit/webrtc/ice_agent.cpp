// The ICE agent inside webrtcbin, without a network.
#include "cosoup/webrtc/ice_agent.hpp"

#include <nice/agent.h>

#include <memory>
#include <vector>

#include "cosoup/webrtc/consent_watch.hpp"
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

Ref<GObject> agentOf(GstElement* webrtcbin) {
  GObject* webrtcIce = nullptr;
  g_object_get(webrtcbin, "ice-agent", &webrtcIce, nullptr);
  GObject* agent = nullptr;
  g_object_get(webrtcIce, "agent", &agent, nullptr);
  g_object_unref(webrtcIce);
  return Ref<GObject>::adopt(agent);
}

bool isStrict(const Ref<GObject>& agent) {
  gboolean strict = FALSE;
  g_object_get(agent.get(), "consent-freshness", &strict, nullptr);
  return strict;
}

}  // namespace

TEST_CASE("a state that is told too late is followed by the one that the agent is in") {
  const auto webrtcbin = Ref<GstElement>::sink(makeElement("webrtcbin"));
  const IceAgent ice(webrtcbin.get());
  const Ref<GObject> agent = agentOf(webrtcbin.get());
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

TEST_CASE("libnice waits longer for consent while the peer is heard, and no longer than that") {
  const auto webrtcbin = Ref<GstElement>::sink(makeElement("webrtcbin"));
  const IceAgent ice(webrtcbin.get());
  const Ref<GObject> agent = agentOf(webrtcbin.get());
  CHECK(isStrict(agent));
  bool heard = true;
  ConsentWatch watch(agent.get(), [&] { return heard; });
  watch.look();
  CHECK(!isStrict(agent));
  heard = false;
  watch.look();
  CHECK(isStrict(agent));
}

TEST_CASE("whether the peer is heard is asked again and again") {
  const auto webrtcbin = Ref<GstElement>::sink(makeElement("webrtcbin"));
  const IceAgent ice(webrtcbin.get());
  const Ref<GObject> agent = agentOf(webrtcbin.get());
  const auto context = Ref<GMainContext>::adopt(g_main_context_new());
  int asked = 0;
  const auto watch = std::make_shared<ConsentWatch>(agent.get(), [&] { return ++asked > 0; });
  watch->start(context.get());
  while (asked < 2) g_main_context_iteration(context.get(), TRUE);
  CHECK(!isStrict(agent));
}
