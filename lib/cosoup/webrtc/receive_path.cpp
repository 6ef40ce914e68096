#include "cosoup/webrtc/receive_path.hpp"

#include <set>
#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/webrtc/stream_release.hpp"

namespace cosoup {
namespace {

/// For the life of the program: what is missing is missing in each webrtcbin.
void tellOnce(const std::string& missing, const char* consequence) {
  static std::mutex mutex;
  static auto* const told = new std::set<std::string>;
  const std::lock_guard lock(mutex);
  if (!told->insert(missing).second) return;
  g_warning("receive: inside webrtcbin there is no %s as this library knows it: %s",
            missing.c_str(), consequence);
}

}  // namespace

ReceivePath::ReceivePath(ReceivedStreams& sinks, GstElement* pipeline, ReceivePathNames names)
    : sinks_(sinks), pipeline_(pipeline), names_(names) {}

ReceivePath::~ReceivePath() = default;

void ReceivePath::watch(GstElement* element) {
  if (isMadeBy(element, names_.demux)) watchDemux(element);
  if (!g_str_has_prefix(GST_OBJECT_NAME(element), names_.transportReceiveBin)) return;
  watchReports(element);
  bypassQueue(element);
}

void ReceivePath::watchDemux(GstElement* demux) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(demux, inner::demuxSink));
  {
    const std::lock_guard lock(mutex_);
    hasDemux_ = true;
    session_ = pad;
  }
  if (!pad) return;
  // A report, too, would make a pad of its stream, and what follows that.
  const auto reports = Ref<GstPad>::adopt(gst_element_get_static_pad(demux, inner::demuxReports));
  if (reports) addProbe(reports.get(), kDataProbe, [](auto&&...) { return GST_PAD_PROBE_DROP; });
  addProbe(pad.get(), kDataProbe, [weak = weak_from_this()](GstPad*, GstPadProbeInfo* info) {
    const auto self = weak.lock();
    if (!self) return GST_PAD_PROBE_DROP;
    takeEachBuffer(info, [&](Ref<GstBuffer> packet) { self->take(std::move(packet)); });
    return GST_PAD_PROBE_HANDLED;
  });
}

void ReceivePath::explainOwnPad() {
  std::string missing = names_.demux;
  {
    const std::lock_guard lock(mutex_);
    if (session_) return;
    if (hasDemux_) missing = "pad \"" + std::string(inner::demuxSink) + "\" of " + missing;
  }
  tellOnce(missing,
           "streams come by webrtcbin's own way, which costs two threads each, waits for "
           "lost packets by itself and tells little of them");
}

// The queue between the sockets and the decryption hands each packet to another thread. But
// webrtcbin blocks what comes out of it while ICE connects, and the thread that would be held up is
// the one that reads the answers of ICE: so what is blocked goes into it, and all else around it.
void ReceivePath::bypassQueue(GstElement* transportReceiveBin) {
  const auto queue = Ref<GstElement>::adopt(findElement(transportReceiveBin, inner::queue));
  if (!queue) return;
  const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), inner::sink));
  const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), inner::source));
  const auto after = Ref<GstPad>::adopt(gst_pad_get_peer(source.get()));
  if (!after) return;
  addProbe(sink.get(), kDataProbe, [source, after](GstPad*, GstPadProbeInfo* info) {
    if (gst_pad_is_blocked(source.get()) || !hasStarted(after.get())) return GST_PAD_PROBE_OK;
    gpointer data = std::exchange(info->data, nullptr);
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) =
        info->type & GST_PAD_PROBE_TYPE_BUFFER
            ? gst_pad_chain(after.get(), GST_BUFFER(data))
            : gst_pad_chain_list(after.get(), GST_BUFFER_LIST(data));
    return GST_PAD_PROBE_HANDLED;
  });
}

void ReceivePath::watchReports(GstElement* transportReceiveBin) {
  const auto pad =
      Ref<GstPad>::adopt(gst_element_get_static_pad(transportReceiveBin, inner::receivedRtcp));
  if (!pad) return;
  {
    const std::lock_guard lock(mutex_);
    hasReports_ = true;
  }
  addProbe(pad.get(), kDataProbe, [weak = weak_from_this()](GstPad*, GstPadProbeInfo* info) {
    if (const auto self = weak.lock()) {
      forEachBuffer(info, [&](GstBuffer* compound) { self->takeReport(compound); });
    }
    return GST_PAD_PROBE_OK;
  });
}

void ReceivePath::awaitOn(GMainContext* context) {
  const std::lock_guard lock(mutex_);
  timer_.emplace(context, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
}

void ReceivePath::add(StreamDescription description) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Sender>& known = senders_[description.syncGroup];
  auto sender = known.lock();
  if (!sender) known = sender = std::make_shared<Sender>();
  if (description.onLatency && sender->latency) description.onLatency(*sender->latency);
  const std::uint32_t ssrc = description.ssrc;
  entries_[ssrc] = Entry{std::move(description), std::move(sender), nullptr};
}

void ReceivePath::release(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ssrc);
  if (found == entries_.end()) return;
  const std::string group = found->second.description.syncGroup;
  entries_.erase(found);
  const auto sender = senders_.find(group);
  if (sender != senders_.end() && sender->second.expired()) senders_.erase(sender);
}

void ReceivePath::clear() {
  const std::lock_guard lock(mutex_);
  timer_.reset();
  entries_.clear();
  senders_.clear();
  roundTrip_.reset();
  session_.reset();
}

std::optional<ReceptionReport> ReceivePath::reception(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ssrc);
  if (found == entries_.end()) return std::nullopt;
  const auto& [description, sender, stream] = found->second;
  ReceptionReport report;
  report.rtxSsrc = description.rtxSsrc;
  report.isVideo = description.isVideo();
  if (stream) report.counters = stream->counters(std::chrono::steady_clock::now());
  return report;
}

void ReceivePath::take(Ref<GstBuffer> packet) {
  GstMapInfo map;
  if (!gst_buffer_map(packet.get(), &map, GST_MAP_READ)) return;
  const auto header = readRtpHeader({map.data, map.size});
  gst_buffer_unmap(packet.get(), &map);
  if (!header) return;
  const Time now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(header->ssrc);
  if (found == entries_.end()) return;
  if (!found->second.stream) open(found->second);
  ReceiveChain& stream = *found->second.stream;
  const auto roundTrip = stream.roundTrip();
  stream.push(std::move(packet), *header, now);
  raiseLatency(found->second);
  await(stream.nextWake());
  if (stream.roundTrip() != roundTrip) shareRoundTrip(*stream.roundTrip());
}

// Where there is no RTX, as for Opus, only the other streams know.
void ReceivePath::shareRoundTrip(std::chrono::steady_clock::duration roundTrip) {
  roundTrip_ = roundTrip;
  for (auto& [ssrc, entry] : entries_) {
    if (!entry.stream) continue;
    entry.stream->assumeRoundTrip(roundTrip);
    await(entry.stream->nextWake());
  }
}

void ReceivePath::open(Entry& entry) {
  if (!hasReports_) {
    tellOnce("pad \"" + std::string(inner::receivedRtcp) + "\" of a " + names_.transportReceiveBin,
             "sound and picture are not kept in sync");
  }
  entry.stream = std::make_unique<ReceiveChain>(
      entry.description, std::shared_ptr<LipSync>(entry.sender, &entry.sender->lipSync), session_,
      gst_element_get_base_time(pipeline_));
  if (roundTrip_) entry.stream->assumeRoundTrip(*roundTrip_);
  raiseLatency(entry);
  sinks_.take(entry.stream->pad());
}

// What is in sync has to be played equally late.
void ReceivePath::raiseLatency(const Entry& entry) {
  const std::chrono::milliseconds latency = entry.stream->latency();
  if (latency <= entry.sender->latency) return;
  entry.sender->latency = latency;
  for (const auto& [ssrc, other] : entries_) {
    if (other.sender == entry.sender && other.description.onLatency) {
      other.description.onLatency(latency);
    }
  }
}

void ReceivePath::takeReport(GstBuffer* compound) {
  GstMapInfo map;
  if (!gst_buffer_map(compound, &map, GST_MAP_READ)) return;
  const auto report = readSenderReport({map.data, map.size});
  gst_buffer_unmap(compound, &map);
  if (!report) return;
  const Time now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(report->ssrc);
  if (found == entries_.end() || !found->second.stream) return;
  found->second.stream->report(*report, now);
}

void ReceivePath::wake() {
  const Time now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  awaited_.reset();
  for (auto& [ssrc, entry] : entries_) {
    if (!entry.stream) continue;
    const auto next = entry.stream->nextWake();
    if (next && *next <= now) entry.stream->wake(now);
    raiseLatency(entry);
    await(entry.stream->nextWake());
  }
}

// One that comes too early finds nothing to do and is set again.
void ReceivePath::await(std::optional<Time> time) {
  if (!time || !timer_ || (awaited_ && *awaited_ <= *time)) return;
  awaited_ = time;
  timer_->set(*time);
}

}  // namespace cosoup
