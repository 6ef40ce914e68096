#include "cosoup/testing/fake_peer_connection.hpp"

#include <algorithm>
#include <array>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/gst/parent_state.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/testing/fake_sdp.hpp"

namespace cosoup::testing {
namespace {

std::vector<std::string> midsOf(const sdp::SessionDescription& description) {
  std::vector<std::string> mids;
  for (const sdp::MediaSection& section : description.sections) mids.push_back(section.mid);
  return mids;
}

Ref<GstPad> sinkPadOf(GstElement* element) {
  return Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
}

GstElement* makeDiscard() {
  GstElement* sink = makeElement("fakesink");
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  return sink;
}

}  // namespace

/// Where decrypted packets come from, as the guard knows it.
class FakePeerConnection::Network {
 public:
  explicit Network(ReceiveGuard& guard)
      : bin_(Ref<GstElement>::sink(gst_bin_new("transportreceivebin"))) {
    for (const char* name : {"rtp_src", "rtcp_src"}) {
      GstPad* pad = gst_pad_new(name, GST_PAD_SRC);
      gst_pad_set_active(pad, TRUE);
      gst_element_add_pad(bin_.get(), pad);
    }
    guard.watch(bin_.get());
    sink_ = Ref<GstElement>::sink(makeDiscard());
    gst_element_set_state(sink_.get(), GST_STATE_PLAYING);
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(bin_.get(), "rtp_src"));
    gst_pad_link_full(source.get(), sinkPadOf(sink_.get()).get(), GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_push_event(source.get(), gst_event_new_stream_start("network"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source.get(), gst_event_new_segment(&segment));
    gst_pad_add_probe(sinkPadOf(sink_.get()).get(), GST_PAD_PROBE_TYPE_BUFFER, &Network::count,
                      this, nullptr);
  }
  ~Network() { gst_element_set_state(sink_.get(), GST_STATE_NULL); }

  bool push(std::uint32_t ssrc, std::uint8_t payloadType) {
    std::array<std::uint8_t, 12> header{0x80, payloadType};
    for (std::size_t i = 0; i < 4; ++i) {
      header[8 + i] = static_cast<std::uint8_t>(ssrc >> (24 - 8 * i));
    }
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(bin_.get(), "rtp_src"));
    const int before = passed_;
    gst_pad_push(source.get(), gst_buffer_new_memdup(header.data(), header.size()));
    return passed_ > before;
  }

 private:
  static GstPadProbeReturn count(GstPad*, GstPadProbeInfo*, gpointer self) {
    ++static_cast<Network*>(self)->passed_;
    return GST_PAD_PROBE_OK;
  }

  Ref<GstElement> bin_;
  Ref<GstElement> sink_;
  int passed_ = 0;
};

FakePeerConnection::FakePeerConnection(bool receives, std::shared_ptr<Steps> steps)
    : receives_(receives),
      steps_(std::move(steps)),
      pipeline_("fake-peer-connection"),
      network_(std::make_unique<Network>(*guard_)) {}

FakePeerConnection::~FakePeerConnection() = default;

sdp::SessionDescription FakePeerConnection::last(bool isLocal) const {
  for (auto each = descriptions_.rbegin(); each != descriptions_.rend(); ++each) {
    if (each->isLocal == isLocal) return each->parsed();
  }
  return {};
}

sdp::SessionDescription FakePeerConnection::local() const { return last(true); }
sdp::SessionDescription FakePeerConnection::remote() const { return last(false); }

std::size_t FakePeerConnection::elements() const {
  return static_cast<std::size_t>(GST_BIN_NUMCHILDREN(pipeline_.element())) - ownElements_;
}

void FakePeerConnection::changeConnectionState(ConnectionState now) {
  connectionState_ = now;
  emitSignal(connectionStateChanged, now);
}

void FakePeerConnection::refusePeer() {
  emitSignal(peerRefused,
             Error(Error::Code::Untrusted, "DTLS: the peer is not who it claims to be"));
  changeConnectionState(ConnectionState::failed);
}

void FakePeerConnection::changeIceGatheringState(IceGatheringState now) {
  iceGatheringState_ = now;
  emitSignal(iceGatheringStateChanged, now);
}

void FakePeerConnection::requestKeyFrame(std::uint32_t ssrc) {
  for (const SendSlot& slot : sendSlots_) {
    guint own = 0;
    gst_structure_get_uint(gst_caps_get_structure(slot.caps.get(), 0), "ssrc", &own);
    if (own != ssrc) continue;
    GstStructure* content =
        gst_structure_new("GstForceKeyUnit", "all-headers", G_TYPE_BOOLEAN, TRUE, nullptr);
    gst_pad_push_event(slot.pad.get(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, content));
  }
  emitSignal(keyFrameRequested, ssrc);
}

bool FakePeerConnection::receivePacket(std::uint32_t ssrc) {
  for (const sdp::MediaSection& section : remote().sections) {
    if (std::count(section.ssrcs.begin(), section.ssrcs.end(), ssrc) == 0) continue;
    const bool isRtx = std::any_of(section.fidGroups.begin(), section.fidGroups.end(),
                                   [&](const auto& group) { return group.second == ssrc; });
    for (const RtpCodecParameters& codec : section.codecs) {
      if (ortc::isRtxCodec(codec.mimeType) == isRtx) return network_->push(ssrc, codec.payloadType);
    }
  }
  constexpr std::uint8_t kProbation = 127;  // what no section describes
  return network_->push(ssrc, kProbation);
}

GstElement* FakePeerConnection::makeStream(std::uint32_t ssrc) {
  if (!streamHandler_) return nullptr;
  GstElement* element = streamHandler_(ssrc, nullptr);
  if (!element) return nullptr;
  pipeline_.add(element);
  syncStateWithParent(element);
  return element;
}

Task<> FakePeerConnection::start() {
  co_await steps_->passToTheEnd("start");
  co_await pipeline_.setState(GST_STATE_PLAYING, "start of the fake");
}

Task<> FakePeerConnection::close() {
  closed_ = true;
  co_await shielded(steps_->pass("close"));
  co_await pipeline_.stop();
}

void FakePeerConnection::prepareFor(const std::vector<IceCandidate>& remoteCandidates) {
  preparedFor_ = remoteCandidates;
}

void FakePeerConnection::addCandidates(const std::vector<IceCandidate>& remoteCandidates) {
  addedCandidates_.insert(addedCandidates_.end(), remoteCandidates.begin(), remoteCandidates.end());
}

void FakePeerConnection::restartIce(const IceParameters& remote,
                                    const std::vector<IceCandidate>& remoteCandidates) {
  steps_->note("restartIce");
  restarts_.emplace_back(remote, remoteCandidates);
}

Task<Json> FakePeerConnection::stats() {
  co_await steps_->passToTheEnd("stats");
  co_return Json::object({{"id", "everything"}});
}

void FakePeerConnection::addDataSlot() {
  steps_->note("addDataSlot");
  hasDataSlot_ = true;
  dataSlotAt_ = sendSlots_.size();
}

Ref<GstPad> FakePeerConnection::addSendSlot(GstCaps* caps, Retransmission retransmission) {
  steps_->note("addSendSlot");
  GstElement* sink = pipeline_.add(makeDiscard());
  ++ownElements_;
  syncStateWithParent(sink);
  sendSlots_.push_back(
      SendSlot{Ref<GstCaps>::share(caps), std::move(retransmission), sinkPadOf(sink)});
  return sendSlots_.back().pad;
}

void FakePeerConnection::setSendBounds(const CongestionBounds& bounds) { sendBounds_ = bounds; }

std::shared_ptr<ReceivedStream> FakePeerConnection::admit(StreamDescription description,
                                                          std::function<void()> onFirstPacket) {
  admitted_.push_back(description);
  if (description.rtxSsrc) guard_->admit(*description.rtxSsrc, description.rtxPayloadType, false);
  return guard_->admit(description.ssrc, description.payloadType, description.nack,
                       std::move(onFirstPacket));
}

Task<std::string> FakePeerConnection::createOffer() {
  co_await steps_->passToTheEnd("createOffer");
  std::vector<Ref<GstCaps>> sections;
  for (const SendSlot& slot : sendSlots_) sections.push_back(slot.caps);
  if (hasDataSlot_) {
    sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(dataSlotAt_), Ref<GstCaps>());
  }
  co_return writeOffer(sections);
}

Task<std::string> FakePeerConnection::createAnswer() {
  co_await steps_->passToTheEnd("createAnswer");
  if (signaling_ != Signaling::haveRemoteOffer) {
    throw Error(Error::Code::Media, "create-answer: there is no remote offer");
  }
  co_return writeAnswer(remoteOffer_, std::exchange(refused_, {}));
}

Task<> FakePeerConnection::setLocalDescription(SdpType type, std::string sdp) {
  co_await steps_->passToTheEnd("setLocalDescription");
  set(Description{true, type, std::move(sdp)});
}

Task<> FakePeerConnection::setRemoteDescription(SdpType type, std::string sdp) {
  co_await steps_->passToTheEnd("setRemoteDescription");
  set(Description{false, type, std::move(sdp)});
}

void FakePeerConnection::set(Description description) {
  const auto refuse = [&](const std::string& reason) {
    const char* action = description.isLocal ? "set-local-description" : "set-remote-description";
    throw Error(Error::Code::Media, std::string(action) + ": " + reason);
  };
  const Signaling offered =
      description.isLocal ? Signaling::haveLocalOffer : Signaling::haveRemoteOffer;
  const Signaling answerable =
      description.isLocal ? Signaling::haveRemoteOffer : Signaling::haveLocalOffer;
  const std::vector<std::string> mids = midsOf(description.parsed());
  if (description.type == SdpType::offer) {
    if (signaling_ == answerable) refuse("the other side has made an offer");
    const bool keepsOrder = mids.size() >= offeredMids_.size() &&
                            std::equal(offeredMids_.begin(), offeredMids_.end(), mids.begin());
    if (!keepsOrder) refuse("a section is gone or has moved");
    offeredMids_ = mids;
    signaling_ = offered;
    if (!description.isLocal) remoteOffer_ = description.text;
  } else {
    if (signaling_ != answerable) refuse("there is no offer to be answered");
    if (mids != offeredMids_) refuse("the sections are not those of the offer");
    signaling_ = Signaling::stable;
  }
  descriptions_.push_back(std::move(description));
}

Task<> FakePeerConnection::releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc) {
  steps_->note("releaseStream");
  guard_->dismiss(ssrc);
  if (rtxSsrc) guard_->dismiss(*rtxSsrc);
  releasedStreams_.push_back(ReleasedStream{ssrc, rtxSsrc});
  co_return;
}

std::optional<ReceptionReport> FakePeerConnection::reception(std::uint32_t ssrc) const {
  const auto stream =
      std::find_if(admitted_.rbegin(), admitted_.rend(),
                   [&](const StreamDescription& description) { return description.ssrc == ssrc; });
  if (stream == admitted_.rend()) return std::nullopt;
  ReceptionReport report = reception_;
  report.rtxSsrc = stream->rtxSsrc;
  report.isVideo = stream->isVideo();
  return report;
}

std::function<void()> FakePeerConnection::keyFrameRequester(std::uint32_t ssrc) const {
  return [requests = keyFrameRequests_, ssrc] { requests->push_back(ssrc); };
}

}  // namespace cosoup::testing
