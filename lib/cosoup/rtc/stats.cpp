#include "cosoup/rtc/stats.hpp"

#include <algorithm>
#include <map>

namespace cosoup {
namespace {

std::uint64_t count(const Json& source, const char* field) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(source.getOr<std::int64_t>(field, 0), 0));
}

std::uint32_t shortCount(const Json& source, const char* field) {
  return static_cast<std::uint32_t>(count(source, field));
}

/// Absent: unknown.
std::optional<double> clockRate(const Json& source) {
  const auto rate = source.getOr<std::int64_t>("clock-rate", 0);
  if (rate <= 0) return std::nullopt;
  return static_cast<double>(rate);
}

InboundRtpStats readInbound(const Json& source, std::uint32_t ssrc) {
  InboundRtpStats stats;
  stats.ssrc = ssrc;
  stats.packetsReceived = count(source, "packets-received");
  stats.bytesReceived = count(source, "octets-received");
  stats.packetsLost = source.getOr<std::int64_t>("packets-lost", 0);
  if (const auto rate = clockRate(source)) {
    stats.jitter = static_cast<double>(count(source, "jitter")) / *rate;
  }
  stats.firCount = shortCount(source, "sent-fir-count");
  stats.pliCount = shortCount(source, "sent-pli-count");
  stats.nackCount = shortCount(source, "sent-nack-count");
  return stats;
}

OutboundRtpStats readOutbound(const Json& source, std::uint32_t ssrc) {
  OutboundRtpStats stats;
  stats.ssrc = ssrc;
  stats.packetsSent = count(source, "packets-sent");
  stats.bytesSent = count(source, "octets-sent");
  stats.firCount = shortCount(source, "recv-fir-count");
  stats.pliCount = shortCount(source, "recv-pli-count");
  stats.nackCount = shortCount(source, "recv-nack-count");
  return stats;
}

/// The fields of a report block as RFC 3550, section 6.4.1, codes them.
RemoteInboundRtpStats readReportBlock(const Json& source, std::uint32_t ssrc,
                                      std::optional<double> rate) {
  RemoteInboundRtpStats stats;
  stats.ssrc = ssrc;
  stats.packetsLost = source.getOr<std::int64_t>("rb-packetslost", 0);
  stats.fractionLost = static_cast<double>(count(source, "rb-fractionlost")) / 256;
  if (rate) stats.jitter = static_cast<double>(count(source, "rb-jitter")) / *rate;
  const std::uint64_t roundTrip = count(source, "rb-round-trip");
  if (roundTrip > 0) stats.roundTripTime = static_cast<double>(roundTrip) / 65536;
  return stats;
}

template <class Stats>
const Stats* find(const std::vector<Stats>& all, std::uint32_t ssrc) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Stats& each) { return each.ssrc == ssrc; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const InboundRtpStats* RtcStatsReport::inboundOf(std::uint32_t ssrc) const {
  return find(inbound, ssrc);
}

const OutboundRtpStats* RtcStatsReport::outboundOf(std::uint32_t ssrc) const {
  return find(outbound, ssrc);
}

const RemoteInboundRtpStats* RtcStatsReport::remoteInboundOf(std::uint32_t ssrc) const {
  return find(remoteInbound, ssrc);
}

RtcStatsReport readRtpSources(const std::vector<Json>& sources,
                              const std::function<bool(std::uint32_t ssrc)>& wanted) {
  RtcStatsReport report;
  std::vector<Json> raw;
  std::map<std::uint32_t, std::optional<double>> sent;  // SSRC to clock rate
  for (const Json& source : sources) {
    const auto ssrc = source.get<std::uint32_t>("ssrc");
    if (!wanted(ssrc)) continue;
    const bool ours = source.getOr("internal", false);
    if (ours && count(source, "packets-sent") > 0) {
      report.outbound.push_back(readOutbound(source, ssrc));
      sent[ssrc] = clockRate(source);
    } else if (!ours && count(source, "packets-received") > 0) {
      report.inbound.push_back(readInbound(source, ssrc));
    } else {
      continue;
    }
    raw.push_back(source);
    if (ours || !source.getOr("have-sr", false)) continue;
    report.remoteOutbound.push_back(RemoteOutboundRtpStats{ssrc, count(source, "sr-packet-count"),
                                                           count(source, "sr-octet-count")});
  }
  // Whoever reports on a stream of ours is another source, which keeps its last report only.
  for (const Json& source : sources) {
    if (!source.getOr("have-rb", false)) continue;
    const auto about = source.getOr<std::uint32_t>("rb-ssrc", 0);
    const auto stream = sent.find(about);
    if (stream == sent.end()) continue;
    report.remoteInbound.push_back(readReportBlock(source, about, stream->second));
    raw.push_back(source);
  }
  report.raw = Json::array(raw);
  return report;
}

}  // namespace cosoup
