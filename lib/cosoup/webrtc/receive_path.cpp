#include "cosoup/webrtc/receive_path.hpp"

#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/webrtc/stream_release.hpp"

namespace cosoup {
namespace {

// What this knows of the inside of webrtcbin, 1.22 to 1.26: RTP comes out of the RTP session, with
// RTX unpacked, at the sink pad of the one element of this factory; RTCP comes at the pad of the
// bin of this name.
constexpr const char* kDemuxFactory = "rtpssrcdemux";
constexpr const char* kDemuxPad = "sink";
constexpr const char* kReceiveBin = "transportreceivebin";
constexpr const char* kReportPad = "rtcp_src";
constexpr const char* kQueueFactory = "queue";

Ref<GstPad> padOf(GstElement* element, const char* name) {
  auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, name));
  if (!pad) {
    g_warning("receive: %s has no pad %s; streams take webrtcbin's own way",
              GST_OBJECT_NAME(element), name);
  }
  return pad;
}

/// Takes the buffers out of the list, which may be somebody else's, too.
template <class Function>
void takeEach(GstBufferList* list, Function function) {
  for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
    function(Ref<GstBuffer>::share(gst_buffer_list_get(list, i)));
  }
  gst_buffer_list_unref(list);
}

}  // namespace

ReceivePath::ReceivePath(ReceivedStreams& sinks, GstElement* pipeline)
    : sinks_(sinks), pipeline_(pipeline) {}

ReceivePath::~ReceivePath() = default;

void ReceivePath::watch(GstElement* element) {
  if (isMadeBy(element, kDemuxFactory)) watchDemux(element);
  if (!g_str_has_prefix(GST_OBJECT_NAME(element), kReceiveBin)) return;
  watchReports(element);
  bypassQueue(element);
}

void ReceivePath::watchDemux(GstElement* demux) {
  const Ref<GstPad> pad = padOf(demux, kDemuxPad);
  if (!pad) return;
  {
    const std::lock_guard lock(mutex_);
    session_ = pad;
  }
  addProbe(pad.get(), kDataProbe, [weak = weak_from_this()](GstPad*, GstPadProbeInfo* info) {
    const auto self = weak.lock();
    if (!self) return GST_PAD_PROBE_DROP;
    gpointer data = std::exchange(info->data, nullptr);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
      self->take(Ref<GstBuffer>::adopt(GST_BUFFER(data)));
    } else {
      takeEach(GST_BUFFER_LIST(data),
               [&](Ref<GstBuffer> packet) { self->take(std::move(packet)); });
    }
    return GST_PAD_PROBE_HANDLED;
  });
}

// The queue between the sockets and the decryption hands each packet to another thread. It stays in
// its bin, which sets properties of it, but is never started.
void ReceivePath::bypassQueue(GstElement* transportReceiveBin) {
  const auto queue = Ref<GstElement>::adopt(findElement(transportReceiveBin, kQueueFactory));
  if (!queue) return;
  const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), "sink"));
  const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), "src"));
  const auto before = Ref<GstPad>::adopt(gst_pad_get_peer(sink.get()));
  const auto after = Ref<GstPad>::adopt(gst_pad_get_peer(source.get()));
  if (!before || !after) return;
  gst_pad_unlink(before.get(), sink.get());
  gst_pad_unlink(source.get(), after.get());
  gst_pad_link(before.get(), after.get());
  gst_element_set_locked_state(queue.get(), TRUE);
}

void ReceivePath::watchReports(GstElement* transportReceiveBin) {
  const Ref<GstPad> pad = padOf(transportReceiveBin, kReportPad);
  if (!pad) return;
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
  session_.reset();
}

ReceptionCounters ReceivePath::counters(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ssrc);
  if (found == entries_.end() || !found->second.stream) return {};
  return found->second.stream->counters(std::chrono::steady_clock::now());
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
  stream.push(std::move(packet), *header, now);
  raiseLatency(found->second);
  await(stream.nextWake());
}

void ReceivePath::open(Entry& entry) {
  entry.stream = std::make_unique<ReceiveChain>(
      entry.description, std::shared_ptr<LipSync>(entry.sender, &entry.sender->lipSync), session_,
      gst_element_get_base_time(pipeline_));
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
