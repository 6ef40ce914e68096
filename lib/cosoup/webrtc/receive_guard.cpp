#include "cosoup/webrtc/receive_guard.hpp"

#include <array>
#include <utility>

#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

constexpr std::uint8_t kSenderReport = 200;  // RFC 3550, section 12.1

std::uint32_t bigEndian(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

template <std::size_t size>
bool firstBytes(GstBuffer* packet, std::array<std::uint8_t, size>& bytes) {
  return gst_buffer_extract(packet, 0, bytes.data(), size) == size;
}

/// Applies `keep` to a buffer, or to each of a list, of which only those kept go on.
template <class Keep>
GstPadProbeReturn filter(GstPadProbeInfo* info, Keep keep) {
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    return keep(GST_PAD_PROBE_INFO_BUFFER(info)) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  }
  GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
  info->data = list;
  for (guint i = gst_buffer_list_length(list); i > 0; --i) {
    if (!keep(gst_buffer_list_get(list, i - 1))) gst_buffer_list_remove(list, i - 1, 1);
  }
  return gst_buffer_list_length(list) > 0 ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

}  // namespace

std::shared_ptr<ReceivedStream> ReceiveGuard::admit(std::uint32_t ssrc, bool nack,
                                                    std::function<void()> onFirstPacket) {
  auto stream = std::make_shared<ReceivedStream>();
  const std::lock_guard lock(mutex_);
  admitted_[ssrc] = Entry{stream, nack, std::move(onFirstPacket)};
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

void ReceiveGuard::watch(GstElement* transportReceiveBin) {
  const auto probe = [&](const char* padName, GstPadProbeCallback callback) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(transportReceiveBin, padName));
    const auto types =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(
        pad.get(), types, callback, new std::shared_ptr<ReceiveGuard>(shared_from_this()),
        [](gpointer data) { delete static_cast<std::shared_ptr<ReceiveGuard>*>(data); });
  };
  probe("rtp_src", &ReceiveGuard::onRtp);
  probe("rtcp_src", &ReceiveGuard::onRtcp);
}

GstPadProbeReturn ReceiveGuard::onRtp(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const auto& self = *static_cast<std::shared_ptr<ReceiveGuard>*>(data);
  return filter(info, [&](GstBuffer* packet) { return self->admitsRtp(packet); });
}

GstPadProbeReturn ReceiveGuard::onRtcp(GstPad*, GstPadProbeInfo* info, gpointer data) {
  const auto& self = *static_cast<std::shared_ptr<ReceiveGuard>*>(data);
  return filter(info, [&](GstBuffer* packet) { return self->admitsRtcp(packet); });
}

bool ReceiveGuard::admitsRtp(GstBuffer* packet) {
  std::array<std::uint8_t, 12> header;
  if (!firstBytes(packet, header)) return false;
  std::function<void()> onFirstPacket;
  {
    const std::lock_guard lock(mutex_);
    const auto found = admitted_.find(bigEndian(&header[8]));
    if (found == admitted_.end()) return false;
    ReceivedStream& stream = *found->second.stream;
    stream.packets.fetch_add(1, std::memory_order_relaxed);
    stream.bytes.fetch_add(gst_buffer_get_size(packet), std::memory_order_relaxed);
    onFirstPacket = std::exchange(found->second.onFirstPacket, nullptr);
  }
  if (onFirstPacket) onFirstPacket();
  return true;
}

bool ReceiveGuard::admitsRtcp(GstBuffer* packet) {
  std::array<std::uint8_t, 8> header;
  if (!firstBytes(packet, header)) return false;
  if (header[1] != kSenderReport) return true;
  const std::lock_guard lock(mutex_);
  return admitted_.contains(bigEndian(&header[4]));
}

}  // namespace cosoup
