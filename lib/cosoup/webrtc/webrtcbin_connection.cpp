#include "cosoup/webrtc/webrtcbin_connection.hpp"

#include <gst/webrtc/webrtc.h>

#include "cosoup/async/loop.hpp"
#include "cosoup/webrtc/certificate.hpp"
#include "cosoup/webrtc/feedback_timing.hpp"
#include "cosoup/webrtc/ice_agent.hpp"
#include "cosoup/webrtc/in_flight.hpp"
#include "cosoup/webrtc/loss_requests.hpp"
#include "cosoup/webrtc/packet_resender.hpp"
#include "cosoup/webrtc/received_streams.hpp"
#include "cosoup/webrtc/rtcp_feedback.hpp"
#include "cosoup/webrtc/sctp_channels.hpp"
#include "cosoup/webrtc/sdp_exchange.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_stats.hpp"

namespace cosoup {
namespace {

constexpr std::chrono::seconds kNegotiationLimit{5};  // a step of it takes some ms

}  // namespace

struct WebrtcbinConnection::State : std::enable_shared_from_this<WebrtcbinConnection::State> {
  MainContext context = MainContext::current();
  Ref<GstElement> pipeline;
  Ref<GstElement> webrtcbin;
  Ref<GstElement> rtpbin;
  std::optional<IceAgent> ice;  // context thread only
  std::shared_ptr<ReceiveGuard> guard;
  const std::shared_ptr<SctpChannels> channels = std::make_shared<SctpChannels>();
  ConnectionState connection = ConnectionState::fresh;      // context thread only
  std::function<void(ConnectionState)> onConnection;        // context thread only
  IceGatheringState gathering = IceGatheringState::fresh;   // context thread only
  std::function<void(IceGatheringState)> onGathering;       // context thread only
  std::function<void(IceCandidateError)> onCandidateError;  // context thread only
  std::function<void(const Feedback&)> onFeedback;          // context thread only
  bool watchesFeedback = false;
  bool started = false;
  bool receives = false;
  InFlight inFlight;  // context thread only
  ReceivedStreams streams;
  PacketResender resender;

  void build(Pipeline& owner);
  void connectSignals();
  template <class Callback>
  void connect(GstElement* element, const char* signal, Callback callback);
  void enter(ConnectionState now);
  void enter(IceGatheringState now);
  void watchFeedback();
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

void WebrtcbinConnection::State::build(Pipeline& owner) {
  pipeline = Ref<GstElement>::share(owner.element());
  webrtcbin = Ref<GstElement>::share(owner.add(makeElement("webrtcbin")));
  streams.setBins(pipeline.get(), webrtcbin.get());
  g_object_set(webrtcbin.get(), "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
  rtpbin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtcbin.get()), "rtpbin"));
  disableForwardErrorCorrection(webrtcbin.get(), rtpbin.get());
  askAgainOnlyWhereAllowed(rtpbin.get(), guard);
  ice.emplace(webrtcbin.get());
  watchGathering();
  connectSignals();
}

template <class Callback>
void WebrtcbinConnection::State::connect(GstElement* element, const char* signal,
                                         Callback callback) {
  g_signal_connect_data(
      element, signal, G_CALLBACK(callback), new std::weak_ptr<State>(weak_from_this()),
      [](gpointer data, GClosure*) { delete static_cast<std::weak_ptr<State>*>(data); },
      static_cast<GConnectFlags>(0));
}

void WebrtcbinConnection::State::connectSignals() {
  connect(webrtcbin.get(), "deep-element-added", &State::onDeepElementAdded);
  connect(webrtcbin.get(), "on-new-transceiver", &State::onNewTransceiver);
  connect(webrtcbin.get(), "pad-added", &State::onPadAdded);
  connect(webrtcbin.get(), "notify::connection-state", &State::onConnectionState);
  connect(webrtcbin.get(), "notify::ice-gathering-state", &State::onIceGatheringState);
}

void WebrtcbinConnection::State::onDeepElementAdded(GstBin*, GstBin*, GstElement* element,
                                                    gpointer data) {
  const auto state = of(data);
  if (!state) return;
  if (isMadeBy(element, "dtlssrtpdec")) {
    g_object_set(element, "pem", dtlsCertificate().pem.c_str(), nullptr);
  }
  const bool receives = g_str_has_prefix(GST_OBJECT_NAME(element), "transportreceivebin");
  if (receives) state->guard->watch(element);
  PacketResender::prepare(element);
  state->channels->watch(element);
}

void WebrtcbinConnection::State::onNewTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver,
                                                  gpointer data) {
  // Without it the answer drops the rtx codec and nack.
  g_object_set(transceiver, "do-nack", TRUE, nullptr);
  const auto state = of(data);
  if (!state || !state->receives) return;
  // Without it a slot would stay with its first codec and refuse every other.
  const auto any = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("application/x-rtp"));
  g_object_set(transceiver, "codec-preferences", any.get(), nullptr);
}

void WebrtcbinConnection::State::onPadAdded(GstElement*, GstPad* pad, gpointer data) {
  if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
  if (const auto state = of(data)) state->streams.take(pad);
}

void WebrtcbinConnection::State::onConnectionState(GstElement* webrtcbin, GParamSpec*,
                                                   gpointer data) {
  GstWebRTCPeerConnectionState value = GST_WEBRTC_PEER_CONNECTION_STATE_NEW;
  g_object_get(webrtcbin, "connection-state", &value, nullptr);
  const auto state = of(data);
  if (!state) return;
  // Both enumerations follow the W3C's order.
  post(state->context, [weak = std::weak_ptr(state), now = static_cast<ConnectionState>(value)] {
    if (const auto alive = weak.lock()) alive->enter(now);
  });
}

void WebrtcbinConnection::State::onIceGatheringState(GstElement* webrtcbin, GParamSpec*,
                                                     gpointer data) {
  GstWebRTCICEGatheringState value = GST_WEBRTC_ICE_GATHERING_STATE_NEW;
  g_object_get(webrtcbin, "ice-gathering-state", &value, nullptr);
  const auto state = of(data);
  if (!state) return;
  post(state->context, [weak = std::weak_ptr(state), now = static_cast<IceGatheringState>(value)] {
    if (const auto alive = weak.lock()) alive->enter(now);
  });
}

void WebrtcbinConnection::State::enter(ConnectionState now) {
  if (connection == now) return;
  connection = now;
  if (onConnection) onConnection(now);
}

void WebrtcbinConnection::State::enter(IceGatheringState now) {
  if (gathering == now) return;
  gathering = now;
  if (onGathering) onGathering(now);
  if (now != IceGatheringState::complete || !ice->isCutOff()) return;
  // libnice has nothing to check and would wait for ever.
  g_warning("transport: no TURN server has let us in, and nothing else is allowed");
  enter(ConnectionState::failed);
}

void WebrtcbinConnection::State::watchGathering() {
  std::function<void()> gathered = [weak = weak_from_this(), context = context] {
    post(context, [weak] {
      if (const auto alive = weak.lock()) alive->tellCandidateErrors();
    });
  };
  ice->onGathered(std::move(gathered));
}

void WebrtcbinConnection::State::tellCandidateErrors() {
  for (const IceCandidateError& error : ice->candidateErrors()) {
    g_info("transport: %s: %s", error.url.c_str(), error.text.c_str());
    if (onCandidateError) onCandidateError(error);
  }
}

WebrtcbinConnection::WebrtcbinConnection(const std::string& name, bool receives)
    : pipeline_(name), guard_(std::make_shared<ReceiveGuard>()), state_(std::make_shared<State>()) {
  state_->guard = guard_;
  state_->receives = receives;
  state_->onConnection = [this](ConnectionState now) { connectionStateChanged.emit(now); };
  state_->onGathering = [this](IceGatheringState now) { iceGatheringStateChanged.emit(now); };
  state_->onCandidateError = [this](const IceCandidateError& error) {
    iceCandidateFailed.emit(error);
  };
  state_->onFeedback = [this](const Feedback& feedback) {
    const auto* request = std::get_if<KeyFrameRequest>(&feedback);
    if (request) keyFrameRequested.emit(request->ssrc);
    const auto* report = std::get_if<CongestionReport>(&feedback);
    if (report) congestionReported.emit(*report);
  };
  messages_ = pipeline_.messages().connect([](GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return;
    g_info("transport: %s", describe(message).c_str());
  });
  state_->build(pipeline_);
}

WebrtcbinConnection::~WebrtcbinConnection() {
  state_->onConnection = nullptr;
  state_->onGathering = nullptr;
  state_->onCandidateError = nullptr;
  state_->onFeedback = nullptr;
}

Task<> WebrtcbinConnection::start() {
  if (state_->started) co_return;
  state_->started = true;
  const auto request = state_->inFlight.enter("start of the peer connection");
  state_->ice->start();
  co_await pipeline_.setState(GST_STATE_PLAYING, "start of the peer connection");
}

Task<> WebrtcbinConnection::close() {
  const std::shared_ptr<State> state = state_;
  state->channels->requestStop();
  try {
    co_await shielded(withTimeout(kNegotiationLimit, state->inFlight.close(), "negotiation"));
  } catch (const Error& error) {
    g_warning("close of a peer connection: %s", error.what());
  }
  co_await pipeline_.stop();
  co_await state->channels->stop();
  co_await state->ice->close();
  state->streams.clear();
}

DataChannels& WebrtcbinConnection::dataChannels() { return *state_->channels; }

ConnectionState WebrtcbinConnection::connectionState() const { return state_->connection; }

IceGatheringState WebrtcbinConnection::iceGatheringState() const { return state_->gathering; }

void WebrtcbinConnection::addCandidates(const std::vector<IceCandidate>& remoteCandidates) {
  state_->ice->addCandidates(remoteCandidates);
}

void WebrtcbinConnection::prepareFor(const std::vector<IceCandidate>& remoteCandidates) {
  state_->ice->prepareFor(remoteCandidates);
}

void WebrtcbinConnection::setIceServers(std::vector<IceServerUrl> servers) {
  state_->ice->setServers(std::move(servers));
}

void WebrtcbinConnection::setIceTransportPolicy(IceTransportPolicy policy) {
  state_->ice->setPolicy(policy);
}

void WebrtcbinConnection::restartIce(const IceParameters& remote,
                                     const std::vector<IceCandidate>& remoteCandidates) {
  state_->ice->restart(remote, remoteCandidates);
}

Task<Json> WebrtcbinConnection::stats() { return webrtcbinStats(state_->webrtcbin); }

std::vector<Json> WebrtcbinConnection::rtpSources() const {
  return rtpSourceStats(state_->rtpbin.get());
}

std::optional<IceCandidatePairStats> WebrtcbinConnection::selectedCandidatePair() const {
  return state_->ice->selectedPair();
}

void WebrtcbinConnection::addDataSlot() { state_->channels->addSection(state_->webrtcbin.get()); }

Ref<GstPad> WebrtcbinConnection::addSendSlot(GstCaps* caps, Retransmission retransmission) {
  GstPadTemplate* sinkTemplate = gst_element_get_pad_template(state_->webrtcbin.get(), "sink_%u");
  auto pad = Ref<GstPad>::adopt(
      gst_element_request_pad(state_->webrtcbin.get(), sinkTemplate, nullptr, caps));
  if (!pad) throw Error(Error::Code::Media, "send slot: webrtcbin gives no pad");
  GstWebRTCRTPTransceiver* transceiver = nullptr;
  g_object_get(pad.get(), "transceiver", &transceiver, nullptr);
  g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack",
               static_cast<gboolean>(retransmission == Retransmission::rtx), nullptr);
  gst_object_unref(transceiver);
  if (retransmission == Retransmission::verbatim) state_->resender.watch(pad, caps);
  return pad;
}

void WebrtcbinConnection::setStreamHandler(StreamHandler handler) {
  state_->streams.setHandler(std::move(handler));
}

Task<std::string> WebrtcbinConnection::create(const char* action, const char* field) {
  const std::shared_ptr<State> state = state_;
  const auto request = state->inFlight.enter(action);
  co_return co_await createDescription(state->webrtcbin, action, field);
}

Task<std::string> WebrtcbinConnection::createOffer() { return create("create-offer", "offer"); }

Task<std::string> WebrtcbinConnection::createAnswer() { return create("create-answer", "answer"); }

Task<> WebrtcbinConnection::set(const char* action, SdpType type, std::string sdp) {
  const std::shared_ptr<State> state = state_;
  const auto request = state->inFlight.enter(action);
  co_await setDescription(state->webrtcbin, action, type, std::move(sdp));
  state->channels->detachFrom(state->webrtcbin.get());
  state->watchFeedback();
  tuneFeedback(state->rtpbin.get());
  state->ice->nominateAgain();
}

Task<> WebrtcbinConnection::setLocalDescription(SdpType type, std::string sdp) {
  return set("set-local-description", type, std::move(sdp));
}

Task<> WebrtcbinConnection::setRemoteDescription(SdpType type, std::string sdp) {
  return set("set-remote-description", type, std::move(sdp));
}

void WebrtcbinConnection::releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) {
  guard_->dismiss(ssrc);
  if (rtxSsrc) guard_->dismiss(*rtxSsrc);
  forgetSsrc(state_->webrtcbin.get(), state_->rtpbin.get(), ssrc);
  if (rtxSsrc) forgetSsrc(state_->webrtcbin.get(), state_->rtpbin.get(), *rtxSsrc);
  state_->streams.release(ssrc);
}

void WebrtcbinConnection::State::watchFeedback() {
  if (receives || watchesFeedback) return;
  watchesFeedback =
      cosoup::watchFeedback(rtpbin.get(), [weak = weak_from_this()](const Feedback& feedback) {
        const auto alive = weak.lock();
        if (!alive || alive->resender.takes(feedback, alive->rtpbin.get())) return;
        post(alive->context, [weak, feedback] {
          const auto state = weak.lock();
          if (state && state->onFeedback) state->onFeedback(feedback);
        });
      });
}

std::function<void()> WebrtcbinConnection::keyFrameRequester(std::uint32_t ssrc) const {
  return [weak = std::weak_ptr(state_), ssrc] {
    if (const auto state = weak.lock()) state->streams.requestKeyFrame(ssrc);
  };
}

std::int64_t WebrtcbinConnection::packetsLost(std::uint32_t ssrc) const {
  return packetsLostOf(state_->rtpbin.get(), ssrc);
}

}  // namespace cosoup
