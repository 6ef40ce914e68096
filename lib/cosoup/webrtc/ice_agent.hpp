// IceAgent: the ICE agent inside webrtcbin, and what it should do otherwise than webrtcbin says.
// Internal.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/ice_server.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/stats.hpp"

namespace cosoup {

class ConsentWatch;

/// Everything is bundled, so that the agent has one stream with one component. Main-context-bound.
class IceAgent {
 public:
  /// Sets the agent up. To be called before the first description.
  explicit IceAgent(GstElement* webrtcbin);

  /// From now on consent is waited for the longer while the peer sends anything: `heard` tells, on
  /// a thread of the agent's, whether it has since it was asked last. See ConsentWatch.
  void watchConsent(std::function<bool()> heard);

  /// Before the first description, see PeerConnection.
  void prepareFor(const std::vector<IceCandidate>& remoteCandidates);
  void addCandidates(const std::vector<IceCandidate>& remoteCandidates);
  void setServers(std::vector<IceServerUrl> servers);
  void setPolicy(IceTransportPolicy policy);
  /// The search for our own addresses may begin; the servers and the policy are settled.
  void start();

  /// Calls a function on a thread of the agent's whenever a search for our addresses has ended.
  void onGathered(std::function<void()> gathered);
  /// All TURN servers, when none of them gave us an address in the search that has ended; of one
  /// among several libnice does not tell. Of a STUN server it cannot be told from one that sees us
  /// under an address that we know.
  std::vector<IceCandidateError> candidateErrors() const;

  /// libnice forgets how it is to nominate when it gathers a TCP candidate; to be called after each
  /// description.
  void nominateAgain();
  void restart(const IceParameters& remote, const std::vector<IceCandidate>& remoteCandidates);

  std::optional<IceCandidatePairStats> selectedPair() const;
  /// Of the thread on which the agent works, borrowed.
  GMainContext* mainContext() const;
  /// Gives back what TURN servers hold for us; the pipeline has stopped. Not cancellable, never
  /// throws.
  Task<> close();
  /// Lets go of libnice's objects, the last of which waits for their thread. Only after close().
  void releaseOnThread();
  /// Whether nothing can ever go out: only a TURN server would do, and none has let us in.
  bool isCutOff() const;

 private:
  void setStunServer();
  void addRelay(const IceServerUrl& server);

  GstElement* webrtcbin_;  // which owns this
  Ref<GstObject> webrtcIce_;
  Ref<GObject> agent_;  // libnice's
  std::vector<IceServerUrl> servers_;
  std::vector<IceServerUrl> relays_;  // those that the agent has been given
  IceTransportPolicy policy_ = IceTransportPolicy::all;
  bool nominatesAtOnce_ = true;
  bool started_ = false;
  bool serversChanged_ = false;  // since start()
  bool hasAllocations_ = false;
  std::optional<Deferred<>> allocationsClosed_;
  std::shared_ptr<ConsentWatch> consent_;
};

}  // namespace cosoup
