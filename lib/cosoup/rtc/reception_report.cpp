#include "cosoup/rtc/reception_report.hpp"

#include <chrono>
#include <set>
#include <vector>

namespace cosoup {
namespace {

using Seconds = std::chrono::duration<double>;

void addFrames(InboundRtpStats& stream, const ReceptionCounters& counters) {
  const std::uint64_t dropped = counters.droppedFrames - counters.incompleteFrames;
  stream.framesReceived = counters.frames + dropped;
  stream.framesDropped = dropped;
  stream.freezeCount = counters.freezes;
  stream.totalFreezesDuration = Seconds(counters.frozen).count();
}

void addReception(InboundRtpStats& stream, const ReceptionReport& reception) {
  stream.nackCount = reception.nackCount;
  if (!reception.counters) return;
  stream.jitter = Seconds(reception.counters->jitter).count();
  stream.packetsDiscarded = reception.counters->late;
  if (reception.isVideo) addFrames(stream, *reception.counters);
}

/// `rtx`: null while none has come.
void addRtx(InboundRtpStats& stream, std::uint32_t rtxSsrc, const InboundRtpStats* rtx) {
  stream.rtxSsrc = rtxSsrc;
  stream.retransmittedPacketsReceived = rtx ? rtx->packetsReceived : 0;
  stream.retransmittedBytesReceived = rtx ? rtx->bytesReceived : 0;
  stream.packetsReceived += *stream.retransmittedPacketsReceived;
  stream.bytesReceived += *stream.retransmittedBytesReceived;
}

}  // namespace

void addReceptions(
    RtcStatsReport& report,
    const std::function<std::optional<ReceptionReport>(std::uint32_t ssrc)>& receptionOf) {
  std::set<std::uint32_t> merged;
  for (InboundRtpStats& stream : report.inbound) {
    const std::optional<ReceptionReport> reception = receptionOf(stream.ssrc);
    if (!reception) continue;
    addReception(stream, *reception);
    if (!reception->rtxSsrc) continue;
    addRtx(stream, *reception->rtxSsrc, report.inboundOf(*reception->rtxSsrc));
    merged.insert(*reception->rtxSsrc);
  }
  std::erase_if(report.inbound, [&](const auto& stream) { return merged.contains(stream.ssrc); });
}

}  // namespace cosoup
