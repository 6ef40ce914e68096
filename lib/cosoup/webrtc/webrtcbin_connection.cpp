#include "cosoup/webrtc/webrtcbin_connection.hpp"

#include <gst/webrtc/webrtc.h>

#include "cosoup/async/bound.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/glib/thread.hpp"
#include "cosoup/webrtc/feedback_timing.hpp"
#include "cosoup/webrtc/rtp_session.hpp"
#include "cosoup/webrtc/sdp_exchange.hpp"
#include "cosoup/webrtc/srtp_streams.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_state.hpp"
#include "cosoup/webrtc/webrtcbin_stats.hpp"

namespace cosoup {
namespace {

constexpr std::chrono::seconds kNegotiationLimit{5};  // a step of it takes some ms
// A mediasoup router reports under one SSRC on all that a transport sends.
constexpr std::size_t kReporters = 4;

}  // namespace

WebrtcbinConnection::WebrtcbinConnection(const std::string& name, bool receives,
                                         ReceivePathNames names)
    : pipeline_(name),
      guard_(std::make_shared<ReceiveGuard>(receives ? 0 : kReporters)),
      state_(makeBound<State>()) {
  state_->guard = guard_;
  state_->receives = receives;
  state_->onConnection = [this](ConnectionState now) { emitSignal(connectionStateChanged, now); };
  state_->onGathering = [this](IceGatheringState now) {
    emitSignal(iceGatheringStateChanged, now);
  };
  state_->onCandidateError = [this](const IceCandidateError& error) {
    emitSignal(iceCandidateFailed, error);
  };
  state_->onRefused = [this](const Error& error) { emitSignal(peerRefused, error); };
  state_->onKeyFrameRequest = [this](std::uint32_t ssrc) { emitSignal(keyFrameRequested, ssrc); };
  state_->onCongestion = [this](const CongestionReport& report) {
    emitSignal(congestionReported, report);
  };
  messages_ = pipeline_.messages().connect([](GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return;
    g_info("transport: %s", describe(message).c_str());
  });
  state_->build(pipeline_, names);
}

WebrtcbinConnection::~WebrtcbinConnection() {
  state_->onConnection = nullptr;
  state_->onGathering = nullptr;
  state_->onCandidateError = nullptr;
  state_->onKeyFrameRequest = nullptr;
  state_->onCongestion = nullptr;
  state_->onRefused = nullptr;
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
  co_await state->channels->settle();
  co_await pipeline_.stop();
  state->path->clear();
  state->sending->stop();
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

void WebrtcbinConnection::expectCertificate(std::vector<DtlsFingerprint> fingerprints) {
  state_->gate->expect(std::move(fingerprints));
}

void WebrtcbinConnection::addDataSlot() { state_->channels->addSection(state_->webrtcbin.get()); }

Ref<GstPad> WebrtcbinConnection::addSendSlot(GstCaps* caps, Retransmission retransmission) {
  GstPadTemplate* sinkTemplate = gst_element_get_pad_template(state_->webrtcbin.get(), "sink_%u");
  auto pad = Ref<GstPad>::adopt(
      gst_element_request_pad(state_->webrtcbin.get(), sinkTemplate, nullptr, caps));
  if (!pad) throw Error(Error::Code::Media, "send slot: webrtcbin gives no pad");
  GstWebRTCRTPTransceiver* transceiver = nullptr;
  g_object_get(pad.get(), "transceiver", &transceiver, nullptr);
  g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, nullptr);
  gst_object_unref(transceiver);
  state_->sending->add(SentSection(caps, std::move(retransmission)));
  return pad;
}

void WebrtcbinConnection::setSendBounds(const CongestionBounds& bounds) {
  state_->sending->setBounds(bounds);
}

void WebrtcbinConnection::setStreamHandler(StreamHandler handler) {
  state_->streams.setHandler(std::move(handler));
}

std::shared_ptr<ReceivedStream> WebrtcbinConnection::admit(StreamDescription description,
                                                           std::function<void()> onFirstPacket) {
  const std::uint32_t ssrc = description.ssrc;
  const std::uint8_t payloadType = description.payloadType;
  const bool nack = description.nack;
  state_->ended.begin(ssrc);
  if (description.rtxSsrc) {
    state_->ended.begin(*description.rtxSsrc);
    guard_->admit(*description.rtxSsrc, description.rtxPayloadType, false);
  }
  state_->nacks->add(ssrc);
  state_->path->add(std::move(description));
  return guard_->admit(ssrc, payloadType, nack, std::move(onFirstPacket));
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
  if (state->receives) state->nacks->watch(rtpSession(state->rtpbin.get()).get());
  tuneFeedback(state->rtpbin.get());
  state->ice->nominateAgain();
}

Task<> WebrtcbinConnection::setLocalDescription(SdpType type, std::string sdp) {
  return set("set-local-description", type, std::move(sdp));
}

Task<> WebrtcbinConnection::setRemoteDescription(SdpType type, std::string sdp) {
  return set("set-remote-description", type, std::move(sdp));
}

Task<> WebrtcbinConnection::releaseStream(std::uint32_t ssrc,
                                          std::optional<std::uint32_t> rtxSsrc) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::uint32_t> released{ssrc};
  if (rtxSsrc) released.push_back(*rtxSsrc);
  for (const std::uint32_t each : released) {
    guard_->dismiss(each);
    state_->ended.end(each, now);
  }
  state_->nacks->remove(ssrc);
  std::function<void(GCancellable*)> work = [state = state_, released,
                                             ended = state_->ended.take(now)](GCancellable*) {
    state->path->release(released.front());
    freeSrtpStreams(state->webrtcbin.get(), ended);
    for (const std::uint32_t each : released) forgetSsrc(state->rtpbin.get(), each);
    state->streams.release(released.front());
  };
  co_await onThread(std::move(work));
}

std::function<void()> WebrtcbinConnection::keyFrameRequester(std::uint32_t ssrc) const {
  return [weak = std::weak_ptr(state_), ssrc] {
    if (const auto state = weak.lock()) state->streams.requestKeyFrame(ssrc);
  };
}

std::int64_t WebrtcbinConnection::packetsLost(std::uint32_t ssrc) const {
  return packetsLostOf(state_->rtpbin.get(), ssrc);
}

std::optional<ReceptionReport> WebrtcbinConnection::reception(std::uint32_t ssrc) const {
  std::optional<ReceptionReport> report = state_->path->reception(ssrc);
  if (!report) return report;
  const NackCounter::Counts nacks = state_->nacks->counts(ssrc);
  report->nackCount = nacks.messages;
  if (report->counters) report->counters->nacks = nacks.packets;
  return report;
}

}  // namespace cosoup
