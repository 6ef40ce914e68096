#include "cosoup/webrtc/peer_connection.hpp"

#include <gst/sdp/gstsdpmessage.h>
#include <gst/video/video-event.h>
#include <gst/webrtc/webrtc.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "cosoup/async/loop.hpp"
#include "cosoup/rtc/sdp_write.hpp"
#include "cosoup/webrtc/certificate.hpp"
#include "cosoup/webrtc/ice_agent.hpp"
#include "cosoup/webrtc/promise.hpp"
#include "cosoup/webrtc/stream_release.hpp"

namespace cosoup {

struct PeerConnection::State : std::enable_shared_from_this<PeerConnection::State> {
  struct Stream {
    Ref<GstPad> pad;  // of webrtcbin
    Ref<GstElement> sink;
  };

  MainContext context = MainContext::current();
  Ref<GstElement> pipeline;
  Ref<GstElement> webrtcbin;
  Ref<GstElement> rtpbin;
  Ref<GstObject> iceAgent;
  Ref<GObject> dataChannel;
  std::shared_ptr<ReceiveGuard> guard;
  ConnectionState connection = ConnectionState::fresh;  // context thread only
  std::function<void(ConnectionState)> onConnection;    // context thread only
  bool started = false;
  bool receives = false;
  bool nominatesAtOnce = true;

  std::mutex mutex;  // guards the rest
  StreamHandler handler;
  std::map<std::uint32_t, Stream> streams;

  void build(Pipeline& owner);
  void connectSignals();
  template <class Callback>
  void connect(GstElement* element, const char* signal, Callback callback);
  void takeStream(GstPad* pad);
  GstElement* makeSink(std::uint32_t ssrc, GstCaps* caps);
  void requestKeyFrame(std::uint32_t ssrc);

  static std::shared_ptr<State> of(gpointer data) {
    return static_cast<std::weak_ptr<State>*>(data)->lock();
  }
  static void onDeepElementAdded(GstBin*, GstBin*, GstElement* element, gpointer data);
  static void onNewTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver, gpointer);
  static void onPadAdded(GstElement*, GstPad* pad, gpointer data);
  static void onConnectionState(GstElement* webrtcbin, GParamSpec*, gpointer data);
};

void PeerConnection::State::build(Pipeline& owner) {
  pipeline = Ref<GstElement>::share(owner.element());
  webrtcbin = Ref<GstElement>::share(owner.add(makeElement("webrtcbin")));
  g_object_set(webrtcbin.get(), "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
  rtpbin = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtcbin.get()), "rtpbin"));
  disableForwardErrorCorrection(webrtcbin.get(), rtpbin.get());
  // The agent keeps its floating reference: sinking it would let the next getter's unref free it.
  GstObject* agent = nullptr;
  g_object_get(webrtcbin.get(), "ice-agent", &agent, nullptr);
  iceAgent = Ref<GstObject>::adopt(agent);
  tuneAgent(agent);
  connectSignals();
}

template <class Callback>
void PeerConnection::State::connect(GstElement* element, const char* signal, Callback callback) {
  g_signal_connect_data(
      element, signal, G_CALLBACK(callback), new std::weak_ptr<State>(weak_from_this()),
      [](gpointer data, GClosure*) { delete static_cast<std::weak_ptr<State>*>(data); },
      static_cast<GConnectFlags>(0));
}

void PeerConnection::State::connectSignals() {
  connect(webrtcbin.get(), "deep-element-added", &State::onDeepElementAdded);
  connect(webrtcbin.get(), "on-new-transceiver", &State::onNewTransceiver);
  connect(webrtcbin.get(), "pad-added", &State::onPadAdded);
  connect(webrtcbin.get(), "notify::connection-state", &State::onConnectionState);
}

void PeerConnection::State::onDeepElementAdded(GstBin*, GstBin*, GstElement* element,
                                               gpointer data) {
  const auto state = of(data);
  if (!state) return;
  GstElementFactory* factory = gst_element_get_factory(element);
  if (factory && g_strcmp0(GST_OBJECT_NAME(factory), "dtlssrtpdec") == 0) {
    g_object_set(element, "pem", dtlsCertificate().pem.c_str(), nullptr);
  }
  if (g_str_has_prefix(GST_OBJECT_NAME(element), "transportreceivebin")) {
    state->guard->watch(element);
  }
}

void PeerConnection::State::onNewTransceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver,
                                             gpointer data) {
  // Without it the answer drops the rtx codec and nack.
  g_object_set(transceiver, "do-nack", TRUE, nullptr);
  const auto state = of(data);
  if (!state || !state->receives) return;
  // Without it a slot would stay with its first codec and refuse every other.
  const auto any = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("application/x-rtp"));
  g_object_set(transceiver, "codec-preferences", any.get(), nullptr);
}

void PeerConnection::State::onPadAdded(GstElement*, GstPad* pad, gpointer data) {
  if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
  if (const auto state = of(data)) state->takeStream(pad);
}

void PeerConnection::State::takeStream(GstPad* pad) {
  const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
  guint ssrc = 0;
  if (caps) gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
  const auto sink = Ref<GstElement>::share(makeSink(ssrc, caps.get()));
  gst_bin_add(GST_BIN(pipeline.get()), sink.get());
  gst_element_sync_state_with_parent(sink.get());
  const auto sinkPad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink.get(), "sink"));
  gst_pad_link(pad, sinkPad.get());
  const std::lock_guard lock(mutex);
  streams[ssrc] = Stream{Ref<GstPad>::share(pad), sink};
}

GstElement* PeerConnection::State::makeSink(std::uint32_t ssrc, GstCaps* caps) {
  StreamHandler current;
  {
    const std::lock_guard lock(mutex);
    current = handler;
  }
  if (current && ssrc != 0) {
    if (GstElement* sink = current(ssrc, caps)) return sink;
  }
  // Not linked, the pad would stop the whole transport.
  GstElement* sink = makeElement("fakesink");
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  return sink;
}

void PeerConnection::State::onConnectionState(GstElement* webrtcbin, GParamSpec*, gpointer data) {
  GstWebRTCPeerConnectionState value = GST_WEBRTC_PEER_CONNECTION_STATE_NEW;
  g_object_get(webrtcbin, "connection-state", &value, nullptr);
  const auto state = of(data);
  if (!state) return;
  // Both enumerations follow the W3C's order.
  post(state->context, [weak = std::weak_ptr(state), now = static_cast<ConnectionState>(value)] {
    const auto alive = weak.lock();
    if (!alive || alive->connection == now) return;
    alive->connection = now;
    if (alive->onConnection) alive->onConnection(now);
  });
}

PeerConnection::PeerConnection(const std::string& name, bool receives)
    : pipeline_(name), guard_(std::make_shared<ReceiveGuard>()), state_(std::make_shared<State>()) {
  state_->guard = guard_;
  state_->receives = receives;
  state_->onConnection = [this](ConnectionState now) { connectionStateChanged.emit(now); };
  state_->build(pipeline_);
}

PeerConnection::~PeerConnection() { state_->onConnection = nullptr; }

Task<> PeerConnection::start() {
  if (state_->started) co_return;
  state_->started = true;
  co_await pipeline_.setState(GST_STATE_PLAYING, "start of the peer connection");
}

Task<> PeerConnection::close() {
  co_await pipeline_.stop();
  const std::lock_guard lock(state_->mutex);
  state_->handler = nullptr;
  state_->streams.clear();
}

ConnectionState PeerConnection::connectionState() const { return state_->connection; }

namespace {

bool isTcp(const IceCandidate& candidate) { return candidate.protocol == "tcp"; }

}  // namespace

void PeerConnection::addCandidates(const std::vector<IceCandidate>& remoteCandidates) {
  state_->nominatesAtOnce = std::none_of(remoteCandidates.begin(), remoteCandidates.end(), &isTcp);
  nominateAtOnce(state_->iceAgent.get(), state_->nominatesAtOnce);
  for (const IceCandidate& candidate : remoteCandidates) {
    const std::string line = "candidate:" + sdp::candidateLine(candidate);
    g_signal_emit_by_name(state_->webrtcbin.get(), "add-ice-candidate", 0u, line.c_str());
  }
}

void PeerConnection::prepareFor(const std::vector<IceCandidate>& remoteCandidates) {
  state_->nominatesAtOnce = std::none_of(remoteCandidates.begin(), remoteCandidates.end(), &isTcp);
  const auto isLoopback = [](const IceCandidate& candidate) {
    const std::string& address = candidate.address;
    return address.starts_with("127.") || address == "::1" || address == "localhost";
  };
  if (!std::all_of(remoteCandidates.begin(), remoteCandidates.end(), isLoopback)) return;
  std::set<std::string> local;
  for (const IceCandidate& candidate : remoteCandidates) {
    local.insert(candidate.address == "::1" ? "::1" : "127.0.0.1");
  }
  for (const std::string& address : local) {
    gboolean added = FALSE;
    g_signal_emit_by_name(state_->iceAgent.get(), "add-local-ip-address", address.c_str(), &added);
  }
}

void PeerConnection::addDataSlot() {
  GstStructure* options = gst_structure_new("options", "negotiated", G_TYPE_BOOLEAN, TRUE, "id",
                                            G_TYPE_INT, 0, nullptr);
  GObject* channel = nullptr;
  g_signal_emit_by_name(state_->webrtcbin.get(), "create-data-channel", "", options, &channel);
  gst_structure_free(options);
  if (!channel) throw Error(Error::Code::Media, "data slot: webrtcbin makes no data channel");
  state_->dataChannel = Ref<GObject>::adopt(channel);
}

Ref<GstPad> PeerConnection::addSendSlot(GstCaps* caps, bool retransmission) {
  GstPadTemplate* sinkTemplate = gst_element_get_pad_template(state_->webrtcbin.get(), "sink_%u");
  auto pad = Ref<GstPad>::adopt(
      gst_element_request_pad(state_->webrtcbin.get(), sinkTemplate, nullptr, caps));
  if (!pad) throw Error(Error::Code::Media, "send slot: webrtcbin gives no pad");
  GstWebRTCRTPTransceiver* transceiver = nullptr;
  g_object_get(pad.get(), "transceiver", &transceiver, nullptr);
  g_object_set(transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, "do-nack",
               static_cast<gboolean>(retransmission), nullptr);
  gst_object_unref(transceiver);
  return pad;
}

void PeerConnection::setStreamHandler(StreamHandler handler) {
  const std::lock_guard lock(state_->mutex);
  state_->handler = std::move(handler);
}

Task<std::string> PeerConnection::create(const char* action, const char* field) {
  const std::shared_ptr<State> state = state_;
  const Ref<GstPromise> promise = co_await awaitPromise([&](GstPromise* promise) {
    g_signal_emit_by_name(state->webrtcbin.get(), action, nullptr, promise);
  });
  const GstStructure* reply = replyOf(promise, action);
  GstWebRTCSessionDescription* description = nullptr;
  if (reply) {
    gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, nullptr);
  }
  if (!description) throw Error(Error::Code::Media, std::string(action) + ": no description");
  char* text = gst_sdp_message_as_text(description->sdp);
  std::string result(text);
  g_free(text);
  gst_webrtc_session_description_free(description);
  co_return result;
}

Task<std::string> PeerConnection::createOffer() { return create("create-offer", "offer"); }

Task<std::string> PeerConnection::createAnswer() { return create("create-answer", "answer"); }

Task<> PeerConnection::set(const char* action, SdpType type, std::string sdp) {
  const std::shared_ptr<State> state = state_;
  GstSDPMessage* message = nullptr;
  if (gst_sdp_message_new_from_text(sdp.c_str(), &message) != GST_SDP_OK) {
    throw Error(Error::Code::Media, std::string(action) + ": malformed description");
  }
  const GstWebRTCSDPType sdpType =
      type == SdpType::offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER;
  const std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>
      description(gst_webrtc_session_description_new(sdpType, message),
                  &gst_webrtc_session_description_free);
  const Ref<GstPromise> promise = co_await awaitPromise([&](GstPromise* promise) {
    g_signal_emit_by_name(state->webrtcbin.get(), action, description.get(), promise);
  });
  replyOf(promise, action);
  nominateAtOnce(state->iceAgent.get(), state->nominatesAtOnce);
}

Task<> PeerConnection::setLocalDescription(SdpType type, std::string sdp) {
  return set("set-local-description", type, std::move(sdp));
}

Task<> PeerConnection::setRemoteDescription(SdpType type, std::string sdp) {
  return set("set-remote-description", type, std::move(sdp));
}

void PeerConnection::releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) {
  guard_->dismiss(ssrc);
  if (rtxSsrc) guard_->dismiss(*rtxSsrc);
  forgetSsrc(state_->webrtcbin.get(), state_->rtpbin.get(), ssrc);
  if (rtxSsrc) forgetSsrc(state_->webrtcbin.get(), state_->rtpbin.get(), *rtxSsrc);
  State::Stream stream;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->streams.find(ssrc);
    if (found == state_->streams.end()) return;
    stream = std::move(found->second);
    state_->streams.erase(found);
  }
  // Nothing pushes into the pad any more: its jitter buffer is gone.
  gst_pad_set_active(stream.pad.get(), FALSE);
  gst_element_remove_pad(state_->webrtcbin.get(), stream.pad.get());
  gst_element_set_state(stream.sink.get(), GST_STATE_NULL);
  gst_bin_remove(GST_BIN(state_->pipeline.get()), stream.sink.get());
}

void PeerConnection::State::requestKeyFrame(std::uint32_t ssrc) {
  Ref<GstPad> pad;
  {
    const std::lock_guard lock(mutex);
    const auto found = streams.find(ssrc);
    if (found == streams.end()) return;
    pad = found->second.pad;
  }
  gst_pad_send_event(pad.get(),
                     gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, FALSE, 0));
}

std::function<void()> PeerConnection::keyFrameRequester(std::uint32_t ssrc) const {
  return [weak = std::weak_ptr(state_), ssrc] {
    if (const auto state = weak.lock()) state->requestKeyFrame(ssrc);
  };
}

std::int64_t PeerConnection::packetsLost(std::uint32_t ssrc) const {
  GObject* session = nullptr;
  g_signal_emit_by_name(state_->rtpbin.get(), "get-internal-session", 0u, &session);
  if (!session) return 0;
  GObject* source = nullptr;
  g_signal_emit_by_name(session, "get-source-by-ssrc", ssrc, &source);
  g_object_unref(session);
  if (!source) return 0;
  GstStructure* stats = nullptr;
  g_object_get(source, "stats", &stats, nullptr);
  g_object_unref(source);
  gint lost = 0;
  if (stats) gst_structure_get_int(stats, "packets-lost", &lost);
  if (stats) gst_structure_free(stats);
  return std::max(lost, 0);
}

}  // namespace cosoup
