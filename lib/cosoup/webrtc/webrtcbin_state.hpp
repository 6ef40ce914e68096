// What a WebrtcbinConnection is made of. Internal.
#pragma once

#include <gst/webrtc/webrtc.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cosoup/async/loop.hpp"
#include "cosoup/webrtc/certificate_gate.hpp"
#include "cosoup/webrtc/ice_agent.hpp"
#include "cosoup/webrtc/in_flight.hpp"
#include "cosoup/webrtc/nack_counter.hpp"
#include "cosoup/webrtc/receive_path.hpp"
#include "cosoup/webrtc/received_streams.hpp"
#include "cosoup/webrtc/sctp_channels.hpp"
#include "cosoup/webrtc/send_path.hpp"
#include "cosoup/webrtc/srtp_streams.hpp"
#include "cosoup/webrtc/webrtcbin_connection.hpp"

namespace cosoup {

/// The elements, and what their signals tell. Main-context-bound, except for what runs on streaming
/// threads and only copies and posts.
struct WebrtcbinConnection::State : std::enable_shared_from_this<WebrtcbinConnection::State> {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  MainContext context = MainContext::current();
  Ref<GstElement> pipeline;
  Ref<GstElement> webrtcbin;
  Ref<GstElement> rtpbin;
  std::optional<IceAgent> ice;  // context thread only
  std::shared_ptr<ReceiveGuard> guard;
  std::shared_ptr<CertificateGate> gate;
  const std::shared_ptr<SctpChannels> channels = std::make_shared<SctpChannels>();
  ConnectionState connection = ConnectionState::fresh;        // context thread only
  std::function<void(ConnectionState)> onConnection;          // context thread only
  IceGatheringState gathering = IceGatheringState::fresh;     // context thread only
  std::function<void(IceGatheringState)> onGathering;         // context thread only
  std::function<void(IceCandidateError)> onCandidateError;    // context thread only
  std::function<void(std::uint32_t)> onKeyFrameRequest;       // context thread only
  std::function<void(const CongestionReport&)> onCongestion;  // context thread only
  std::function<void(const Error&)> onRefused;                // context thread only
  bool watchesFeedback = false;
  bool started = false;
  bool receives = false;
  bool refused = false;  // the peer, for good
  InFlight inFlight;     // context thread only
  ReceivedStreams streams;
  EndedStreams ended;                 // context thread only
  std::shared_ptr<ReceivePath> path;  // of those; there once built
  const std::shared_ptr<NackCounter> nacks = std::make_shared<NackCounter>();
  std::shared_ptr<SendPath> sending;  // there once built

  void build(Pipeline& owner, ReceivePathNames names);
  void connectSignals();
  template <class Callback>
  void connect(GstElement* element, const char* signal, Callback callback);
  void enter(ConnectionState now);
  void enter(IceGatheringState now);
  void refuse(const std::string& reason);
  void watchCertificate();
  void watchFeedback();
  void watchSending();
  void watchGathering();
  void tellCandidateErrors();

  static std::shared_ptr<State> of(gpointer data) {
    return static_cast<std::weak_ptr<State>*>(data)->lock();
  }
  static void onDeepElementAdded(GstBin*, GstBin*, GstElement* element, gpointer data);
  static void onNewTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver, gpointer);
  static void onPadAdded(GstElement*, GstPad* pad, gpointer data);
  static void onConnectionState(GstElement* webrtcbin, GParamSpec*, gpointer data);
  static void onIceGatheringState(GstElement* webrtcbin, GParamSpec*, gpointer data);
};

}  // namespace cosoup
