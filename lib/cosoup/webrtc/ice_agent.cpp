#include "cosoup/webrtc/ice_agent.hpp"

#include <gst/webrtc/webrtc.h>
#include <nice/agent.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/glib/thread.hpp"
#include "cosoup/rtc/sdp_write.hpp"
#include "cosoup/webrtc/consent_watch.hpp"
#include "cosoup/webrtc/construct_only.hpp"
#include "cosoup/webrtc/receive_buffers.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

constexpr guint kStream = 1;  // libnice counts from 1
constexpr guint kComponent = NICE_COMPONENT_TYPE_RTP;
// RFC 8445, section 14.2: no less than 5 ms between checks.
constexpr guint kPacingMs = 5;
// A check, or a question to a STUN or TURN server, fails after 0.5 + 1 + 2 + 4 + 8 + 4 s without an
// answer. libnice's 7 would take 40 s.
constexpr guint kRetransmissions = 6;

bool isLoopback(const IceCandidate& candidate) {
  const std::string& address = candidate.address;
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

/// Aggressive nomination takes a pair as soon as it works, which suits a server that is ICE-lite
/// and saves a round trip in every join; TCP wants it confirmed by a second check (RFC 6544,
/// section 7).
void nominateAtOnce(GObject* agent, bool atOnce) {
  setConstructOnly(agent, "nomination-mode", [&](GValue* mode) {
    g_value_set_enum(mode, atOnce ? NICE_NOMINATION_MODE_AGGRESSIVE : NICE_NOMINATION_MODE_REGULAR);
  });
}

/// libnice tells of a component's states on whichever thread has changed it, so that an old state
/// may be told last. webrtcbin would believe it, and let nothing in.
void correctStaleState(NiceAgent* agent, guint stream, guint component, guint told, gpointer) {
  const guint actual = nice_agent_get_component_state(agent, stream, component);
  if (told == actual) return;
  g_signal_emit_by_name(agent, "component-state-changed", stream, component, actual);
}

std::string escaped(const std::string& text) {
  return taken(g_uri_escape_string(text.c_str(), nullptr, FALSE));
}

/// As webrtcbin's `add-turn-server` takes it.
std::string turnUrl(const IceServerUrl& server) {
  const bool isTls = server.protocol == IceServerUrl::Protocol::tls;
  const bool isUdp = server.protocol == IceServerUrl::Protocol::udp;
  return std::string(isTls ? "turns" : "turn") + "://" + escaped(server.username) + ":" +
         escaped(server.credential) + "@" + hostAndPort(server) +
         (isUdp ? "?transport=udp" : "?transport=tcp");
}

NiceRelayType relayType(IceServerUrl::Protocol protocol) {
  switch (protocol) {
    case IceServerUrl::Protocol::udp:
      return NICE_RELAY_TYPE_TURN_UDP;
    case IceServerUrl::Protocol::tcp:
      return NICE_RELAY_TYPE_TURN_TCP;
    case IceServerUrl::Protocol::tls:
      break;
  }
  return NICE_RELAY_TYPE_TURN_TLS;
}

const char* typeName(NiceCandidateType type) {
  switch (type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return "host";
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
      break;
  }
  return "relay";
}

IceCandidateStats describe(const NiceCandidate& candidate) {
  IceCandidateStats stats;
  std::array<gchar, NICE_ADDRESS_STRING_LEN> address{};
  nice_address_to_string(&candidate.addr, address.data());
  stats.address = address.data();
  stats.port = static_cast<std::uint16_t>(nice_address_get_port(&candidate.addr));
  stats.protocol = candidate.transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp";
  stats.candidateType = typeName(candidate.type);
  stats.priority = candidate.priority;
  return stats;
}

/// Whether any TURN server has let us in. Which one it was libnice knows, but the copies of its
/// candidates do not (0.1.21: nice_candidate_relay_address() crashes with them).
bool hasRelay(GObject* agent) {
  GSList* candidates = nice_agent_get_local_candidates(NICE_AGENT(agent), kStream, kComponent);
  bool found = false;
  for (GSList* at = candidates; at; at = at->next) {
    found |= static_cast<NiceCandidate*>(at->data)->type == NICE_CANDIDATE_TYPE_RELAYED;
  }
  g_slist_free_full(candidates, [](gpointer candidate) {
    nice_candidate_free(static_cast<NiceCandidate*>(candidate));
  });
  return found;
}

}  // namespace

IceAgent::IceAgent(GstElement* webrtcbin) : webrtcbin_(webrtcbin) {
  // webrtcbin keeps a floating reference: sinking it would let the next getter's unref free it.
  GstObject* webrtcIce = nullptr;
  g_object_get(webrtcbin, "ice-agent", &webrtcIce, nullptr);
  webrtcIce_ = Ref<GstObject>::adopt(webrtcIce);
  GObject* agent = nullptr;
  g_object_get(webrtcIce, inner::agent, &agent, nullptr);
  agent_ = Ref<GObject>::adopt(agent);
  g_signal_connect_after(agent, "component-state-changed", G_CALLBACK(&correctStaleState), nullptr);
  // With upnp every router in reach would be asked for a port mapping, and waited for.
  g_object_set(agent, "upnp", FALSE, "stun-pacing-timer", kPacingMs, "stun-max-retransmissions",
               kRetransmissions, nullptr);
  // Consent wants binding requests (RFC 7675); by mere indications a server thinks us gone and ends
  // the call (mediasoup's iceConsentTimeout).
  g_object_set(agent, "keepalive-conncheck", TRUE, nullptr);
  // Without answers for 10 s the path counts as lost, else only after 50 s, and by then the server
  // has closed the transport (its consent ends after 20 s). See watchConsent().
  setConstructOnly(agent, "consent-freshness",
                   [](GValue* fresh) { g_value_set_boolean(fresh, TRUE); });
  onGathered([agent] { enlargeReceiveBuffers(agent); });
}

void IceAgent::watchConsent(std::function<bool()> heard) {
  consent_ = std::make_shared<ConsentWatch>(agent_.get(), std::move(heard));
  consent_->start(mainContext());
}

void IceAgent::prepareFor(const std::vector<IceCandidate>& remoteCandidates) {
  nominatesAtOnce_ = std::ranges::none_of(remoteCandidates, &IceCandidate::isTcp);
  if (!std::all_of(remoteCandidates.begin(), remoteCandidates.end(), &isLoopback)) return;
  std::set<std::string> local;
  for (const IceCandidate& candidate : remoteCandidates) {
    local.insert(candidate.address == "::1" ? "::1" : "127.0.0.1");
  }
  for (const std::string& address : local) {
    gboolean added = FALSE;
    g_signal_emit_by_name(webrtcIce_.get(), "add-local-ip-address", address.c_str(), &added);
  }
}

void IceAgent::addCandidates(const std::vector<IceCandidate>& remoteCandidates) {
  nominatesAtOnce_ = std::ranges::none_of(remoteCandidates, &IceCandidate::isTcp);
  nominateAgain();
  for (const IceCandidate& candidate : remoteCandidates) {
    const std::string line = "candidate:" + sdp::candidateLine(candidate);
    g_signal_emit_by_name(webrtcbin_, "add-ice-candidate", 0u, line.c_str());
  }
}

void IceAgent::nominateAgain() { nominateAtOnce(agent_.get(), nominatesAtOnce_); }

void IceAgent::setServers(std::vector<IceServerUrl> servers) {
  servers_ = std::move(servers);
  serversChanged_ = started_;
}

void IceAgent::setPolicy(IceTransportPolicy policy) {
  policy_ = policy;
  const bool onlyRelay = policy == IceTransportPolicy::relay;
  g_object_set(
      webrtcbin_, "ice-transport-policy",
      onlyRelay ? GST_WEBRTC_ICE_TRANSPORT_POLICY_RELAY : GST_WEBRTC_ICE_TRANSPORT_POLICY_ALL,
      nullptr);
}

void IceAgent::start() {
  started_ = true;
  setStunServer();
  // The agent's stream, which its own function wants, comes only with the first description.
  for (const IceServerUrl& server : servers_) {
    if (server.kind != IceServerUrl::Kind::turn) continue;
    gboolean added = FALSE;
    hasAllocations_ = true;
    relays_.push_back(server);
    g_signal_emit_by_name(webrtcbin_, "add-turn-server", turnUrl(server).c_str(), &added);
    if (!added) {
      throw Error(Error::Code::Media, "webrtcbin does not take the TURN server " + server.host);
    }
  }
}

void IceAgent::setStunServer() {
  const auto stun = std::find_if(servers_.begin(), servers_.end(), [](const IceServerUrl& server) {
    return server.kind == IceServerUrl::Kind::stun;
  });
  if (stun == servers_.end()) return;
  g_object_set(agent_.get(), "stun-server", stun->host.c_str(), "stun-server-port",
               static_cast<guint>(stun->port), nullptr);
}

void IceAgent::restart(const IceParameters& remote,
                       const std::vector<IceCandidate>& remoteCandidates) {
  auto* agent = NICE_AGENT(agent_.get());
  if (!nice_agent_restart_stream(agent, kStream) ||
      !nice_agent_set_remote_credentials(agent, kStream, remote.usernameFragment.c_str(),
                                         remote.password.c_str())) {
    throw Error(Error::Code::Media, "restartIce: there is nothing to restart");
  }
  addCandidates(remoteCandidates);
  if (!std::exchange(serversChanged_, false)) return;
  nice_agent_forget_relays(agent, kStream, kComponent);
  relays_.clear();
  for (const IceServerUrl& server : servers_) {
    if (server.kind == IceServerUrl::Kind::turn) addRelay(server);
  }
}

void IceAgent::addRelay(const IceServerUrl& server) {
  hasAllocations_ = true;
  relays_.push_back(server);
  const gboolean added = nice_agent_set_relay_info(
      NICE_AGENT(agent_.get()), kStream, kComponent, server.host.c_str(), server.port,
      server.username.c_str(), server.credential.c_str(), relayType(server.protocol));
  if (!added) {
    throw Error(Error::Code::Media,
                "restartIce: libnice does not take the TURN server " + server.host);
  }
}

GMainContext* IceAgent::mainContext() const {
  gpointer context = nullptr;
  g_object_get(agent_.get(), "main-context", &context, nullptr);
  return static_cast<GMainContext*>(context);
}

std::optional<IceCandidatePairStats> IceAgent::selectedPair() const {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  auto* agent = NICE_AGENT(agent_.get());
  if (!nice_agent_get_selected_pair(agent, kStream, kComponent, &local, &remote)) {
    return std::nullopt;
  }
  return IceCandidatePairStats{describe(*local), describe(*remote)};
}

namespace {

// To a server on a usual path; one that does not answer is left to time out.
constexpr std::chrono::milliseconds kRelayPatience{1000};

/// `owner` is what runs the agent's loop.
Task<> closeAgent(Ref<GObject> agent, [[maybe_unused]] Ref<GstObject> owner, Deferred<> closed) {
  co_await awaitAsync([&](auto, auto callback, auto data) {
    nice_agent_close_async(NICE_AGENT(agent.get()), callback, data);
  });
  closed.resolve();
}

}  // namespace

void IceAgent::releaseOnThread() {
  consent_.reset();
  cosoup::releaseOnThread(agent_);
  cosoup::releaseOnThread(webrtcIce_);
}

Task<> IceAgent::close() {
  if (std::exchange(hasAllocations_, false)) {
    allocationsClosed_.emplace();
    finishInBackground(closeAgent(agent_, webrtcIce_, *allocationsClosed_));
  }
  if (!allocationsClosed_) co_return;
  const Deferred<> closed = *allocationsClosed_;
  try {
    co_await withTimeout(kRelayPatience, closed.wait(), "close of the TURN allocations");
  } catch (const Error& error) {
    g_info("%s", error.what());
  }
}

void IceAgent::onGathered(std::function<void()> gathered) {
  using Callback = std::function<void()>;
  const auto call = [](NiceAgent*, guint, gpointer data) { (*static_cast<Callback*>(data))(); };
  g_signal_connect_data(
      agent_.get(), "candidate-gathering-done", G_CALLBACK(+call),
      new Callback(std::move(gathered)),
      [](gpointer data, GClosure*) { delete static_cast<Callback*>(data); },
      static_cast<GConnectFlags>(0));
}

std::vector<IceCandidateError> IceAgent::candidateErrors() const {
  std::vector<IceCandidateError> errors;
  if (hasRelay(agent_.get())) return errors;
  for (const IceServerUrl& server : relays_) {
    errors.push_back({toString(server), "no relay address: it does not answer, or refuses"});
  }
  return errors;
}

bool IceAgent::isCutOff() const {
  return policy_ == IceTransportPolicy::relay && !hasRelay(agent_.get());
}

}  // namespace cosoup
