#include "cosoup/client/recv_handler.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/gst/probe.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/rtp/track_output.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/ortc.hpp"
#include "cosoup/rtc/playout_latency.hpp"
#include "cosoup/rtc/sdp_munge.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup {
namespace {

// mediasoup's bandwidth probation: packets with which the server finds out, on every transport that
// has a video consumer, whether there is room for more. Other clients negotiate a section for them
// (mid "probator"), for a browser drops packets that no section describes before it counts them.
// Here they need none: rtpsession takes them in and reports them in its transport-cc feedback,
// which is all they are for, and since our session's sections are slots, one more would stay for
// good. They make no stream and no pad. Before the first media section they must be dropped like
// any others.
constexpr std::uint32_t kProbationSsrc = 1234;
constexpr std::uint8_t kProbationPayloadType = 127;

const RtpCodecParameters& mediaCodec(const RtpParameters& parameters) {
  const auto found = std::find_if(
      parameters.codecs.begin(), parameters.codecs.end(),
      [](const RtpCodecParameters& codec) { return !ortc::isRtxCodec(codec.mimeType); });
  if (found == parameters.codecs.end()) {
    throw Error(Error::Code::InvalidArgument, "consume: the parameters name no media codec");
  }
  return *found;
}

std::optional<std::chrono::milliseconds> checkedLatency(
    std::optional<std::chrono::milliseconds> latency) {
  const bool fits = !latency || (*latency >= std::chrono::milliseconds(0) &&
                                 *latency <= PlayoutLatency::maxFixed);
  if (fits) return latency;
  throw Error(Error::Code::InvalidArgument,
              "consume: a latency of " + std::to_string(latency->count()) + " ms is out of range");
}

std::string streamIdOf(const ConsumeOptions& consumer) {
  if (consumer.streamId) return *consumer.streamId;
  const std::string msid = consumer.rtpParameters.msid.value_or("");
  const std::string stream = msid.substr(0, msid.find(' '));
  // "-" is how the sender says that it belongs to no stream (RFC 8830).
  if (stream.empty() || stream == "-") return consumer.rtpParameters.rtcp.cname;
  return stream;
}

void readLevel(const std::shared_ptr<ReceivedTrack>& track, const RtpParameters& parameters) {
  if (track->track->kind() != MediaKind::audio) return;
  for (const RtpHeaderExtensionParameters& extension : parameters.headerExtensions) {
    if (extension.uri != audioLevelExtensionUri || extension.encrypt) continue;
    const auto tell = [context = MainContext::current(), weak = std::weak_ptr(track)] {
      post(context, [weak] {
        if (const auto alive = weak.lock()) emitSignal(alive->speechChanged);
      });
    };
    track->level = std::make_shared<ReceivedLevel>(extension.id, tell);
  }
}

/// `inUse`: the SSRCs of other consumers.
std::shared_ptr<ReceivedTrack> describe(const ConsumeOptions& consumer,
                                        const std::set<std::uint32_t>& inUse) {
  const RtpParameters& parameters = consumer.rtpParameters;
  if (parameters.encodings.empty() || !parameters.encodings.front().ssrc) {
    throw Error(Error::Code::InvalidArgument, "consume: the parameters name no SSRC");
  }
  for (const auto& ssrc :
       {parameters.encodings.front().ssrc, parameters.encodings.front().rtxSsrc}) {
    const auto refuse = [&](const char* reason) {
      throw Error(Error::Code::InvalidArgument, "consume: SSRC " + std::to_string(*ssrc) + reason);
    };
    if (!ssrc) continue;
    if (inUse.contains(*ssrc)) refuse(" is another consumer's");
    // webrtcbin may have met it already, as that of no section.
    if (*ssrc == kProbationSsrc) refuse(" is the one of bandwidth probation");
  }
  if (parameters.encodings.front().ssrc == parameters.encodings.front().rtxSsrc) {
    throw Error(Error::Code::InvalidArgument, "consume: the SSRC is that of its own RTX");
  }
  auto track = std::make_shared<ReceivedTrack>();
  const RtpCodecParameters& codec = mediaCodec(parameters);
  track->mimeType = codec.mimeType;
  track->streamId = streamIdOf(consumer);
  track->stream = StreamDescription(codec, *parameters.encodings.front().ssrc);
  track->stream.rtxSsrc = parameters.encodings.front().rtxSsrc;
  for (const RtpCodecParameters& other : parameters.codecs) {
    if (ortc::isRtxCodec(other.mimeType)) track->stream.rtxPayloadType = other.payloadType;
  }
  // A sender has one clock for all that it sends (RFC 3550, section 6.5.1).
  track->stream.syncGroup = parameters.rtcp.cname.empty() ? track->streamId : parameters.rtcp.cname;
  track->stream.latency = checkedLatency(consumer.latency);
  track->track = std::make_shared<Track>(consumer.kind);
  track->stream.onLatency = [target = track->track](std::chrono::milliseconds latency) {
    target->setLatency(latency);
  };
  readLevel(track, parameters);
  track->headers = std::make_shared<ReceivedHeaders>(parameters, track->level);
  return track;
}

/// The answer as webrtcbin should have written it.
std::string complete(const std::string& answer, const TransportCore& core,
                     const std::vector<ConsumeOptions>& consumers,
                     const std::vector<std::shared_ptr<ReceivedTrack>>& tracks) {
  sdp::LocalSdpEditor editor(answer);
  editor.setMaxMessageSize(core.maxReceivedMessageSize());
  if (core.localRole() == DtlsRole::server) editor.setSetup("passive");
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    editor.setOpusStereo(tracks[i]->mid, consumers[i].rtpParameters);
    for (const auto& extension : consumers[i].rtpParameters.headerExtensions) {
      if (extension.uri != transportCcExtensionUri) continue;
      editor.addHeaderExtension(tracks[i]->mid, extension.id, extension.uri);
    }
  }
  return editor.text();
}

}  // namespace

/// Which track takes the stream of an SSRC; asked on streaming threads.
class RecvHandler::StreamTable {
 public:
  using OnPad = std::function<void(GstPad*)>;

  void put(const ReceivedTrack& track, OnPad onPad) {
    const std::lock_guard lock(mutex_);
    entries_[track.stream.ssrc] = {track.mimeType, track.track, track.headers, std::move(onPad)};
  }
  void erase(std::uint32_t ssrc) {
    const std::lock_guard lock(mutex_);
    entries_.erase(ssrc);
  }
  GstElement* makeOutput(std::uint32_t ssrc) {
    Entry entry;
    {
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(ssrc);
      if (found == entries_.end()) return nullptr;
      entry = found->second;
    }
    GstElement* output = makeTrackOutput(entry.mimeType, entry.track, entry.headers);
    if (entry.onPad) {
      const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(output, "sink"));
      onceWithCaps(pad.get(), std::move(entry.onPad));
    }
    return output;
  }

 private:
  struct Entry {
    std::string mimeType;
    std::shared_ptr<Track> track;
    std::shared_ptr<ReceivedHeaders> headers;
    OnPad onPad;
  };

  static void onceWithCaps(GstPad* pad, OnPad onPad);

  std::mutex mutex_;
  std::map<std::uint32_t, Entry> entries_;
};

// The pad has its caps before its first packet, but not yet when it is made.
void RecvHandler::StreamTable::onceWithCaps(GstPad* pad, OnPad onPad) {
  const auto call = [onPad = std::move(onPad)](GstPad* own, GstPadProbeInfo* info) {
    // Comes after the caps, and before everything else.
    const bool isTime = GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_SEGMENT;
    if (!isTime) return GST_PAD_PROBE_OK;
    onPad(own);
    return GST_PAD_PROBE_REMOVE;
  };
  addProbe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, call);
}

RecvHandler::RecvHandler(TransportCore& core)
    : core_(core), streams_(std::make_shared<StreamTable>()) {
  core_.peer().setStreamHandler(
      [streams = streams_](std::uint32_t ssrc, GstCaps*) { return streams->makeOutput(ssrc); });
}

RecvHandler::~RecvHandler() = default;

Task<> RecvHandler::connect() {
  if (connected_ || !core_.hasData()) co_return;
  co_await core_.start();
  sdp::RemoteSdp remote = core_.remote();
  if (!remote.has("data")) remote.addDataSlot("data");  // an earlier attempt may have failed late
  co_await negotiate(std::move(remote), {}, {});
}

Task<std::vector<std::shared_ptr<ReceivedTrack>>> RecvHandler::receive(
    std::vector<ConsumeOptions> consumers) {
  co_await connect();
  co_await core_.start();
  sdp::RemoteSdp remote = core_.remote();
  std::vector<std::shared_ptr<ReceivedTrack>> tracks;
  std::exception_ptr failure;
  try {
    for (const ConsumeOptions& consumer : consumers) {
      tracks.push_back(describe(consumer, remote.ssrcs()));
      tracks.back()->mid = takeSlot(remote, consumer);
    }
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      streams_->put(*tracks[i], consumers[i].onRtpReceiver);
    }
    co_await negotiate(std::move(remote), consumers, tracks);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    for (const auto& track : tracks) forget(*track);
    std::rethrow_exception(failure);
  }
  for (const auto& track : tracks) admit(track);
  co_return tracks;
}

std::string RecvHandler::takeSlot(sdp::RemoteSdp& remote, const ConsumeOptions& consumer) {
  const std::string streamId = streamIdOf(consumer);
  const auto free = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return !slot.taken && slot.kind == consumer.kind;
  });
  if (free != slots_.end() && remote.has(free->mid)) {
    free->taken = true;
    remote.replaceReceiveSlot(free->mid, consumer.rtpParameters, streamId, consumer.id);
    return free->mid;
  }
  const std::string mid = std::to_string(slots_.size());
  remote.addReceiveSlot(mid, consumer.kind, consumer.rtpParameters, streamId, consumer.id);
  slots_.push_back(Slot{mid, consumer.kind, true});
  return mid;
}

void RecvHandler::forget(const ReceivedTrack& track) {
  streams_->erase(track.stream.ssrc);
  sdp::RemoteSdp remote = core_.remote();
  if (!remote.has(track.mid)) {
    // Its section was never negotiated, so that it must not be counted as one.
    std::erase_if(slots_, [&](const Slot& slot) { return slot.mid == track.mid; });
    return;
  }
  remote.vacateReceiveSlot(track.mid);
  core_.keep(std::move(remote));
  for (Slot& slot : slots_) {
    if (slot.mid == track.mid) slot.taken = false;
  }
}

Task<> RecvHandler::negotiate(sdp::RemoteSdp remote, const std::vector<ConsumeOptions>& consumers,
                              const std::vector<std::shared_ptr<ReceivedTrack>>& tracks) {
  PeerConnection& peer = core_.peer();
  co_await peer.setRemoteDescription(SdpType::offer, remote.offer());
  core_.keep(std::move(remote));  // webrtcbin has these sections now, whatever comes next
  std::string answer = co_await peer.createAnswer();
  answer = complete(answer, core_, consumers, tracks);
  const sdp::SessionDescription description = sdp::parse(answer);
  co_await peer.setLocalDescription(SdpType::answer, answer);
  connected_ = true;
  for (const auto& track : tracks) {
    if (description.section(track->mid).direction == sdp::MediaDirection::recvonly) continue;
    throw Error(Error::Code::Media, "consume: webrtcbin does not take " + track->mimeType);
  }
}

void RecvHandler::admit(const std::shared_ptr<ReceivedTrack>& track) {
  PeerConnection& peer = core_.peer();
  const MainContext context = MainContext::current();
  track->received = peer.admit(track->stream, [context, weak = std::weak_ptr(track)] {
    post(context, [weak] {
      if (const auto alive = weak.lock()) emitSignal(alive->firstPacket);
    });
  });
  if (!probationAdmitted_) peer.guard().admit(kProbationSsrc, kProbationPayloadType, false);
  probationAdmitted_ = true;
  track->track->setKeyFrameRequest(peer.keyFrameRequester(track->stream.ssrc));
}

Task<> RecvHandler::stop(std::shared_ptr<ReceivedTrack> track) {
  track->track->setKeyFrameRequest(nullptr);
  co_await core_.peer().releaseStream(track->stream.ssrc, track->stream.rtxSsrc);
  forget(*track);
}

}  // namespace cosoup
