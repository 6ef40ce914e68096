#include "unit/rtc/sending/modelled_senders.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace cosoup {

ModelledSenders::ModelledSenders(const SendersOptions& options, unsigned seed)
    : options_(options), random_(seed), pacer_({.dropAfter = options.dropAfter}) {
  for (int i = 0; i < options.audioStreams; ++i) {
    sources_.push_back(
        {SendPriority::audio, 100u + static_cast<unsigned>(i), 20ms, now_, 0, {}, {}});
  }
  for (int i = 0; i < options.videoStreams; ++i) {
    sources_.push_back(
        {SendPriority::video, 200u + static_cast<unsigned>(i), 33ms, now_ + 7ms * i, 0, {}, {}});
    sources_.back().wantsKeyFrame = true;
  }
  // What is sent again of all video streams.
  sources_.push_back({SendPriority::retransmission, 300, 1h, now_ + 24h, 0, {}, {}});
  videoBytes.resize(sources_.size());
  pacer_.setTarget(target, now_);
  highestBitrate = std::max(2.5 * target, options.probeBitrate);
}

bool ModelledSenders::isDrawn(double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

void ModelledSenders::run(std::chrono::seconds time) {
  const Time end = now_ + time;
  Time nextSecond = now_ + 1s;
  while (now_ < end) {
    auto source =
        std::min_element(sources_.begin(), sources_.end(),
                         [](const Source& a, const Source& b) { return a.next < b.next; });
    const auto due = pacer_.nextWake();
    const Duration late(random_() % static_cast<unsigned>(lag.count()));
    if (due && std::max(*due, now_) + late <= std::min(source->next, nextSecond)) {
      now_ = std::max(*due, now_) + late;
      wake();
    } else if (nextSecond <= source->next) {
      now_ = nextSecond;
      nextSecond += 1s;
      changeTarget();
    } else {
      now_ = std::max(now_, source->next);
      source->next += source->interval;
      const auto index = static_cast<std::uint32_t>(source - sources_.begin());
      source->priority == SendPriority::audio ? audioPacket(index) : videoFrame(index);
    }
  }
  held = pacer_.packets();
}

void ModelledSenders::changeTarget() {
  account(0);
  encoded_ = target_;
  if (options_.steps) target_ = target * std::uniform_real_distribution<double>(0.2, 3)(random_);
  pacer_.setTarget(target_, now_);
  highestBitrate = std::max(highestBitrate, 2.5 * target_);
  if (options_.probeBitrate > 0) {
    const auto bytes = static_cast<std::size_t>(options_.probeBitrate / 8 * 0.015);
    pacer_.probe({static_cast<unsigned>(random_()), options_.probeBitrate, 5, bytes}, now_);
  }
}

void ModelledSenders::push(std::uint32_t source, const PacedPacket& info, bool isFirst,
                           bool isLast) {
  const auto number = static_cast<std::uint32_t>(packets_.size());
  packets_.push_back(Pushed{source, info.frame, info.role, isFirst, isLast, now_});
  pacer_.push(info, number, now_);
  ++pushed;
}

void ModelledSenders::audioPacket(std::uint32_t source) {
  const std::size_t size = 100 + random_() % 100;
  push(source, {.priority = SendPriority::audio, .ssrc = sources_[source].ssrc, .size = size}, true,
       true);
}

void ModelledSenders::videoFrame(std::uint32_t index) {
  Source& source = sources_[index];
  const bool isKey = std::exchange(source.wantsKeyFrame, false) || isDrawn(0.005);
  const bool isDisposable = options_.temporal && source.frame % 2 == 1;
  const FrameRole role = isKey          ? FrameRole::key
                         : isDisposable ? FrameRole::disposable
                                        : FrameRole::delta;
  const double mean = options_.load * encoded_ / options_.videoStreams / 30 / 8;
  const double share = std::uniform_real_distribution<double>(0.4, 1.4)(random_) * (isKey ? 6 : 1);
  const auto bytes = static_cast<std::size_t>(mean * share) + 50;
  const std::size_t packets = bytes / (largestPacket - 50) + 1;
  ++source.frame;
  for (std::size_t i = 0; i < packets; ++i) {
    const std::size_t size = bytes / packets + 50;
    push(index, {.ssrc = source.ssrc, .size = size, .frame = source.frame, .role = role}, i == 0,
         i + 1 == packets);
    if (!isDrawn(options_.retransmitted)) continue;
    const auto last = static_cast<std::uint32_t>(sources_.size() - 1);
    push(last, {.priority = SendPriority::retransmission, .ssrc = 300, .size = size}, true, true);
  }
}

void ModelledSenders::wake() {
  pacer_.wake(now_, actions_);
  for (const auto& each : actions_.packets) look(each);
  for (const auto& each : actions_.padding) {
    padding += each.size;
    account(each.size);
  }
  for (const DroppedPackets& each : actions_.dropped) {
    dropped += each.packets;
    droppedFrames += each.frames;
    for (Source& source : sources_) {
      if (source.ssrc != each.ssrc || !each.needsKeyFrame || source.wantsKeyFrame) continue;
      source.wantsKeyFrame = true;
      ++keyFrameRequests;
    }
  }
  const auto next = pacer_.nextWake();
  if (next && *next <= now_) ++sleepless;
}

void ModelledSenders::look(const Pacer<std::uint32_t>::Sent& each) {
  Pushed& packet = packets_[each.packet];
  Source& source = sources_[packet.source];
  if (packet.isSent || (source.lastSent && *source.lastSent >= each.packet)) ++outOfOrder;
  const auto waited = std::chrono::duration_cast<Duration>(now_ - packet.at);
  if (source.priority == SendPriority::audio && waited > lag) ++lateAudio;
  const bool isBegun = source.priority == SendPriority::video && !packet.isFirst;
  const auto most = options_.dropAfter ? *options_.dropAfter * (isBegun ? 2 : 1) : overdue;
  if (waited > most) ++tooOld;
  longestQueue = std::max(longestQueue, waited);
  if (source.priority == SendPriority::video) lookAtFrame(packet, source);
  packet.isSent = true;
  source.lastSent = each.packet;
  ++sent;
  videoBytes[packet.source] += each.info.size;
  account(each.info.size);
}

void ModelledSenders::lookAtFrame(const Pushed& packet, Source& source) {
  if (!packet.isFirst) {
    if (source.lastFrame != packet.frame) ++undecodable;
    return;
  }
  source.lastFrame = packet.frame;
  if (packet.role == FrameRole::key) return;
  // What it refers to: the last one before it that was not disposable.
  std::uint64_t before = packet.frame - 1;
  while (before > 0 && !wasWhole(packet.source, before)) {
    const auto found = std::find_if(packets_.rbegin(), packets_.rend(), [&](const Pushed& p) {
      return p.source == packet.source && p.frame == before;
    });
    if (found->role != FrameRole::disposable) {
      ++undecodable;
      return;
    }
    --before;
  }
}

bool ModelledSenders::wasWhole(std::uint32_t source, std::uint64_t frame) const {
  for (auto each = packets_.rbegin(); each != packets_.rend(); ++each) {
    if (each->source != source || each->frame > frame) continue;
    if (each->frame < frame) break;
    if (!each->isSent) return false;
  }
  return true;
}

void ModelledSenders::account(std::size_t bytes) {
  const double seconds = std::chrono::duration<double>(now_ - accounted_).count();
  const double bitrate = std::max(2.5 * target_, options_.probeBitrate);
  allowedBits_ += seconds * bitrate;
  accounted_ = now_;
  least_ = std::min(least_, sentBits_ - allowedBits_);
  sentBits_ += 8 * static_cast<double>(bytes);
  mostBeyond = std::max(mostBeyond, sentBits_ - allowedBits_ - least_);
}

}  // namespace cosoup
