// IceAgent: the ICE agent inside webrtcbin, and what it should do otherwise than webrtcbin says.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

/// Everything is bundled, so that the agent has one stream with one component. Main-context-bound.
class IceAgent {
 public:
  /// Sets the agent up. To be called before the first description.
  explicit IceAgent(GstElement* webrtcbin);

  /// Before the first description, see PeerConnection.
  void prepareFor(const std::vector<IceCandidate>& remoteCandidates);
  void addCandidates(const std::vector<IceCandidate>& remoteCandidates);
  void setServers(std::vector<IceServerUrl> servers);
  void setPolicy(IceTransportPolicy policy);
  /// The search for our own addresses may begin; the servers and the policy are settled.
  void start();

  /// libnice forgets how it is to nominate when it gathers a TCP candidate; to be called after each
  /// description.
  void nominateAgain();
  void restart(const IceParameters& remote, const std::vector<IceCandidate>& remoteCandidates);

  std::optional<IceCandidatePairStats> selectedPair() const;
  /// Gives back what TURN servers hold for us; the pipeline has stopped. Not cancellable, never
  /// throws.
  Task<> close();
  /// Whether nothing can ever go out: only a TURN server would do, and none has let us in.
  bool isCutOff() const;

 private:
  void setStunServer();
  void addRelay(const IceServerUrl& server);

  GstElement* webrtcbin_;  // which owns this
  Ref<GstObject> webrtcIce_;
  Ref<GObject> agent_;  // libnice's
  std::vector<IceServerUrl> servers_;
  IceTransportPolicy policy_ = IceTransportPolicy::all;
  bool nominatesAtOnce_ = true;
  bool started_ = false;
  bool serversChanged_ = false;  // since start()
  bool hasRelays_ = false;
};

}  // namespace cosoup
