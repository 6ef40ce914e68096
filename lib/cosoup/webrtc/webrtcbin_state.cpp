#include "cosoup/webrtc/webrtcbin_state.hpp"

#include "cosoup/glib/thread.hpp"
#include "cosoup/webrtc/certificate.hpp"
#include "cosoup/webrtc/loss_requests.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {

WebrtcbinConnection::State::~State() {
  if (path) path->clear();
  if (sending) sending->stop();
  // Whichever of them is the last ends the threads of webrtcbin and of libnice.
  if (ice) ice->releaseOnThread();
  releaseOnThread(rtpbin);
  releaseOnThread(webrtcbin);
  releaseOnThread(pipeline);
}

void WebrtcbinConnection::State::build(Pipeline& owner, ReceivePathNames names) {
  pipeline = Ref<GstElement>::share(owner.element());
  webrtcbin = Ref<GstElement>::share(owner.add(makeElement("webrtcbin")));
  streams.setBins(pipeline.get(), webrtcbin.get());
  g_object_set(webrtcbin.get(), "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
  rtpbin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtcbin.get()), inner::rtpBin));
  disableForwardErrorCorrection(webrtcbin.get(), rtpbin.get());
  askAgainOnlyWhereAllowed(rtpbin.get(), guard);
  ice.emplace(webrtcbin.get());
  ice->watchConsent([weak = std::weak_ptr(guard)] {
    const auto alive = weak.lock();
    return alive && alive->hasHeard();
  });
  path = std::make_shared<ReceivePath>(streams, pipeline.get(), names);
  path->awaitOn(ice->mainContext());
  watchGathering();
  watchCertificate();
  watchSending();
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
  if (isMadeBy(element, inner::dtlsSrtpDec)) {
    g_object_set(element, inner::pem, dtlsCertificate().pem.c_str(), nullptr);
  }
  state->guard->watch(element);
  if (state->receives) state->path->watch(element);
  state->gate->watch(element);
  if (!state->receives) state->sending->watch(element);
  state->channels->watch(element);
}

void WebrtcbinConnection::State::onNewTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver,
                                                  gpointer data) {
  const auto state = of(data);
  // Where we send, webrtcbin would send RTX under SSRCs that it draws anew for each offer.
  if (!state || !state->receives) return;
  // Without it the answer drops the rtx codec and nack.
  g_object_set(transceiver, "do-nack", TRUE, nullptr);
  // Without it a slot would stay with its first codec and refuse every other.
  const auto any = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("application/x-rtp"));
  g_object_set(transceiver, "codec-preferences", any.get(), nullptr);
}

void WebrtcbinConnection::State::onPadAdded(GstElement*, GstPad* pad, gpointer data) {
  if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
  const auto state = of(data);
  if (!state) return;
  if (state->receives) state->path->explainOwnPad();
  state->streams.take(pad);
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
  if (refused) now = ConnectionState::failed;
  if (now == ConnectionState::connected && !gate->isOpen()) {
    refuse("it has shown no certificate");
    return;
  }
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

void WebrtcbinConnection::State::refuse(const std::string& reason) {
  refused = true;
  const Error error(Error::Code::Untrusted, "DTLS: the peer is not who it claims to be: " + reason);
  g_warning("transport: %s", error.what());
  if (onRefused) onRefused(error);
  enter(ConnectionState::failed);
}

void WebrtcbinConnection::State::watchCertificate() {
  gate = std::make_shared<CertificateGate>(
      [weak = weak_from_this(), context = context](const std::string& reason) {
        post(context, [weak, reason] {
          if (const auto alive = weak.lock()) alive->refuse(reason);
        });
      });
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

void WebrtcbinConnection::State::watchSending() {
  sending = std::make_shared<SendPath>(
      [weak = weak_from_this(), context = context](const CongestionReport& report) {
        // Never the last reference here: the thread that sends cannot wait for its own end.
        post(context, [weak, report] {
          const auto alive = weak.lock();
          if (alive && alive->onCongestion) alive->onCongestion(report);
        });
      });
}

void WebrtcbinConnection::State::watchFeedback() {
  if (receives || watchesFeedback) return;
  watchesFeedback =
      cosoup::watchFeedback(rtpbin.get(), [weak = weak_from_this()](const Feedback& feedback) {
        const auto state = weak.lock();
        if (!state || state->sending->takes(feedback)) return;
        post(state->context, [weak, ssrc = std::get<KeyFrameRequest>(feedback).ssrc] {
          const auto alive = weak.lock();
          if (alive && alive->onKeyFrameRequest) alive->onKeyFrameRequest(ssrc);
        });
      });
}

}  // namespace cosoup
