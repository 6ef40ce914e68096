#include "cosoup/webrtc/receive_guard.hpp"

#include <array>
#include <utility>
#include <vector>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/big_endian.hpp"
#include "cosoup/rtc/rtcp_filter.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

constexpr std::size_t kFixedHeader = 12;  // RFC 3550, section 5.1
constexpr std::uint8_t kSourceCount = 0x0f;
constexpr std::uint8_t kPayloadType = 0x7f;

/// Replaces a buffer, or each of a list, by what `pass` gives for it.
template <class Pass>
GstPadProbeReturn filter(GstPadProbeInfo* info, Pass pass) {
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    info->data = pass(GST_PAD_PROBE_INFO_BUFFER(info));
    // Dropping takes a reference that is there; a probe that took it says so.
    return info->data ? GST_PAD_PROBE_OK : GST_PAD_PROBE_HANDLED;
  }
  GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
  info->data = list;
  for (guint i = gst_buffer_list_length(list); i > 0; --i) {
    GstBuffer* packet = gst_buffer_list_get(list, i - 1);
    GstBuffer* passed = pass(gst_buffer_ref(packet));
    if (!passed) gst_buffer_list_remove(list, i - 1, 1);
    if (passed == packet) gst_buffer_unref(passed);
    if (passed && passed != packet) {
      gst_buffer_list_remove(list, i - 1, 1);
      gst_buffer_list_insert(list, static_cast<gint>(i) - 1, passed);
    }
  }
  return gst_buffer_list_length(list) > 0 ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

// A pad that is stopping says so, or a task upstream would spin on it.
GstFlowReturn forgiven(GstFlowReturn flow) {
  return flow == GST_FLOW_FLUSHING ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

GstFlowReturn acceptPacket(GstPad* pad, GstObject* parent, GstBuffer* packet) {
  return forgiven(gst_proxy_pad_chain_default(pad, parent, packet));
}

GstFlowReturn acceptPackets(GstPad* pad, GstObject* parent, GstBufferList* packets) {
  return forgiven(gst_proxy_pad_chain_list_default(pad, parent, packets));
}

GstBuffer* dropped(GstBuffer* packet) {
  gst_buffer_unref(packet);
  return nullptr;
}

/// A packet of the same content whose header names no contributing sources.
GstBuffer* withoutSources(GstBuffer* packet, std::array<std::uint8_t, kFixedHeader> header) {
  const std::size_t body = kFixedHeader + 4u * (header[0] & kSourceCount);
  if (gst_buffer_get_size(packet) < body) return dropped(packet);
  header[0] = static_cast<std::uint8_t>(header[0] & ~kSourceCount);
  GstBuffer* start = gst_buffer_new_memdup(header.data(), header.size());
  gst_buffer_copy_into(start, packet, GST_BUFFER_COPY_METADATA, 0, 0);
  GstBuffer* rest = gst_buffer_copy_region(packet, GST_BUFFER_COPY_MEMORY, body, G_MAXSIZE);
  gst_buffer_unref(packet);
  return gst_buffer_append(start, rest);
}

/// A packet of only these ranges of another.
GstBuffer* onlyRanges(GstBuffer* packet, const std::vector<ByteRange>& ranges) {
  GstBuffer* result = gst_buffer_new();
  gst_buffer_copy_into(result, packet, GST_BUFFER_COPY_METADATA, 0, 0);
  for (const ByteRange& range : ranges) {
    result = gst_buffer_append(
        result, gst_buffer_copy_region(packet, GST_BUFFER_COPY_MEMORY, range.offset, range.size));
  }
  gst_buffer_unref(packet);
  return result;
}

}  // namespace

std::shared_ptr<ReceivedStream> ReceiveGuard::admit(std::uint32_t ssrc, std::uint8_t payloadType,
                                                    bool nack,
                                                    std::function<void()> onFirstPacket) {
  auto stream = std::make_shared<ReceivedStream>();
  const std::lock_guard lock(mutex_);
  admitted_[ssrc] = Entry{stream, payloadType, nack, std::move(onFirstPacket)};
  return stream;
}

void ReceiveGuard::dismiss(std::uint32_t ssrc) {
  const std::lock_guard lock(mutex_);
  admitted_.erase(ssrc);
}

bool ReceiveGuard::mayNack(std::uint32_t ssrc) const {
  const std::lock_guard lock(mutex_);
  const auto found = admitted_.find(ssrc);
  return found != admitted_.end() && found->second.nack;
}

void ReceiveGuard::watch(GstElement* element) {
  if (g_str_has_prefix(GST_OBJECT_NAME(element), inner::transportReceiveBin)) watchBin(element);
  if (!isMadeBy(element, inner::dtlsSrtpDec)) return;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, inner::sink));
  gst_pad_set_chain_function(pad.get(), &acceptPacket);
  gst_pad_set_chain_list_function(pad.get(), &acceptPackets);
}

void ReceiveGuard::watchBin(GstElement* transportReceiveBin) {
  const auto probe = [&](const char* padName, GstBuffer* (ReceiveGuard::*pass)(GstBuffer*)) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(transportReceiveBin, padName));
    addProbe(pad.get(), kDataProbe,
             [self = shared_from_this(), pass](GstPad*, GstPadProbeInfo* info) {
               self->heard_.store(true, std::memory_order_relaxed);
               return filter(info, [&](GstBuffer* packet) { return ((*self).*pass)(packet); });
             });
  };
  probe(inner::receivedRtp, &ReceiveGuard::passRtp);
  probe(inner::receivedRtcp, &ReceiveGuard::passRtcp);
}

GstBuffer* ReceiveGuard::passRtp(GstBuffer* packet) {
  std::array<std::uint8_t, kFixedHeader> header;
  if (gst_buffer_extract(packet, 0, header.data(), header.size()) != header.size()) {
    return dropped(packet);
  }
  std::function<void()> onFirstPacket;
  {
    const std::lock_guard lock(mutex_);
    const auto found = admitted_.find(bigEndian32(header, 8));
    if (found == admitted_.end()) return dropped(packet);
    if ((header[1] & kPayloadType) != found->second.payloadType) return dropped(packet);
    ReceivedStream& stream = *found->second.stream;
    stream.packets.fetch_add(1, std::memory_order_relaxed);
    stream.bytes.fetch_add(gst_buffer_get_size(packet), std::memory_order_relaxed);
    onFirstPacket = std::exchange(found->second.onFirstPacket, nullptr);
  }
  if (onFirstPacket) onFirstPacket();
  return header[0] & kSourceCount ? withoutSources(packet, header) : packet;
}

GstBuffer* ReceiveGuard::passRtcp(GstBuffer* packet) {
  GstMapInfo map;
  if (!gst_buffer_map(packet, &map, GST_MAP_READ)) return dropped(packet);
  std::vector<ByteRange> admitted;
  {
    const std::lock_guard lock(mutex_);
    admitted = admittedRtcp({map.data, map.size}, [this](std::uint32_t ssrc) {
      return admitted_.contains(ssrc) || admitsReporter(ssrc);
    });
  }
  std::size_t size = 0;
  for (const ByteRange& range : admitted) size += range.size;
  const bool isWhole = size == map.size;
  gst_buffer_unmap(packet, &map);
  if (isWhole) return packet;
  if (admitted.empty()) return dropped(packet);
  return onlyRanges(packet, admitted);
}

bool ReceiveGuard::admitsReporter(std::uint32_t ssrc) {
  if (reporters_.contains(ssrc)) return true;
  if (freeReporters_ == 0) return false;
  --freeReporters_;
  reporters_.insert(ssrc);
  return true;
}

}  // namespace cosoup
