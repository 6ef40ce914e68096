#include "cosoup/webrtc/send_control.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "cosoup/webrtc/packet_stamp.hpp"
#include "cosoup/webrtc/wire_size.hpp"

namespace cosoup {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 50ms;
/// Feedback on what was sent before is not awaited any more.
constexpr auto kFeedbackPatience = 10s;
/// Where nothing tells what the line carries, nothing is held back.
constexpr double kUnlimited = 1e9;  // bit/s

std::optional<RtpHeader> headerOf(const GstMapInfo& map) {
  return readRtpHeader({map.data, map.size});
}

}  // namespace

SendControl::SendControl() : controller_(CongestionBounds()) {}

void SendControl::add(SentSection section) {
  resender_.add(section);
  if (section.extensions.transportCc != 0) extensions_.transportCc = section.extensions.transportCc;
  if (section.extensions.absSendTime != 0) extensions_.absSendTime = section.extensions.absSendTime;
  const std::uint8_t payloadType = section.payloadType;
  sections_.try_emplace(payloadType, std::move(section));
}

void SendControl::setBounds(const CongestionBounds& bounds, Time now) {
  if (sent_) {
    controller_.setMax(bounds.max, now);
  } else {
    controller_ = CongestionController(bounds);
  }
  start_ = bounds.start;
  follow(now);
}

// ---- what comes --------------------------------------------------------------------------------

const SentSection* SendControl::sectionOf(std::uint8_t payloadType) const {
  const auto found = sections_.find(payloadType);
  return found == sections_.end() ? nullptr : &found->second;
}

void SendControl::push(Ref<GstBuffer> packet, Time now) {
  GstMapInfo map;
  if (!gst_buffer_map(packet.get(), &map, GST_MAP_READ)) return;
  PacedPacket info;
  const SentSection* section = nullptr;
  if (const auto header = headerOf(map)) {
    section = sectionOf(header->payloadType);
    info.ssrc = header->ssrc;
  }
  gst_buffer_unmap(packet.get(), &map);
  info.size = wireSize(packet.get());
  info.priority =
      section && section->kind == MediaKind::video ? SendPriority::video : SendPriority::audio;
  pacer_.push(info, Waiting{std::move(packet), section}, now);
}

void SendControl::take(const RetransmissionRequest& request, Time now) {
  requested_.clear();
  resender_.find(request, now, requested_);
  budget_.choose(requested_, now);
  for (const RequestedPacket& each : requested_) retransmit(resender_.again(each, now), now);
}

void SendControl::retransmit(PacketResender::Again again, Time now) {
  if (!again.packet) return;
  PacedPacket info;
  info.priority = SendPriority::retransmission;
  info.ssrc = again.ssrc;
  info.size = wireSize(again.packet.get());
  pacer_.push(info, Waiting{std::move(again.packet), nullptr}, now);
}

void SendControl::take(const TransportCcFeedback& feedback, Time now) {
  hasReports_ = true;
  controller_.onFeedback(feedback, now);
  follow(now);
}

void SendControl::take(const Remb& remb, Time now) {
  remb_ = remb.bitrate;
  controller_.setRemb(remb_);
  follow(now);
}

// ---- what goes ---------------------------------------------------------------------------------

void SendControl::wake(Time now, std::vector<Ref<GstBuffer>>& packets) {
  tick(now);
  probe(now);
  pacer_.wake(now, actions_);
  for (auto& [info, waiting, probe] : actions_.packets) {
    send(std::move(waiting), probe, now, packets);
  }
  for (const auto& [size, probe] : actions_.padding) pad(size, probe, now, packets);
}

void SendControl::send(Waiting waiting, std::optional<unsigned> probe, Time now,
                       std::vector<Ref<GstBuffer>>& packets) {
  auto packet = Ref<GstBuffer>::adopt(gst_buffer_make_writable(waiting.packet.release()));
  if (stamp(packet.get(), extensions_, nextNumber_)) {
    controller_.onSent(nextNumber_++, wireSize(packet.get()), now, probe);
    sent_ = now;
  }
  GstMapInfo map;
  if (waiting.section && gst_buffer_map(packet.get(), &map, GST_MAP_READ)) {
    const auto header = headerOf(map);
    gst_buffer_unmap(packet.get(), &map);
    if (header) resender_.put(*waiting.section, *header, packet, now);
  }
  packets.push_back(std::move(packet));
}

void SendControl::pad(std::size_t wireBytes, unsigned probe, Time now,
                      std::vector<Ref<GstBuffer>>& packets) {
  PacketResender::Again padding = resender_.padding(wireBytes);
  if (padding.packet) send(Waiting{std::move(padding.packet), nullptr}, probe, now, packets);
}

/// Only when there is something that it can be made of.
void SendControl::probe(Time now) {
  constexpr std::size_t kFrame = 4;  // packets
  if (!resender_.canPad() && pacer_.packets() < kFrame) return;
  while (const auto next = controller_.nextProbe()) {
    pacer_.probe({next->id, next->bitrate, next->packets, next->bytes}, now);
  }
}

std::optional<SendControl::Time> SendControl::nextWake() const {
  std::optional<Time> next = pacer_.nextWake();
  if (!hasReports_ || !sent_ || !ticked_ || *ticked_ - *sent_ > kFeedbackPatience) return next;
  return next ? std::min(*next, *ticked_ + kTick) : *ticked_ + kTick;
}

void SendControl::tick(Time now) {
  if (ticked_ && now - *ticked_ < kTick) return;
  ticked_ = now;
  if (!hasReports_) return;
  controller_.onTick(now);
  follow(now);
}

double SendControl::target() const {
  if (hasReports_) return controller_.target();
  if (remb_) return *remb_;
  return extensions_.transportCc != 0 ? start_ : kUnlimited;
}

void SendControl::follow(Time now) {
  const double bitrate = target();
  pacer_.setTarget(bitrate, now);
  budget_.setEstimate(bitrate, now);
  budget_.setRoundTrip(controller_.roundTrip());
  if (isNews(bitrate, now)) {
    told_ = Told{bitrate, now};
    report_ =
        CongestionReport{bitrate, controller_.loss(), controller_.roundTrip(), controller_.queue()};
  }
}

/// An encoder that is told of each little step does not do better, and each wakes the loop.
bool SendControl::isNews(double bitrate, Time now) const {
  constexpr double kLittle = 0.02;
  return !told_ || now - told_->at >= 1s || std::abs(bitrate - told_->target) > kLittle * bitrate;
}

std::optional<CongestionReport> SendControl::report() { return std::exchange(report_, {}); }

}  // namespace cosoup
