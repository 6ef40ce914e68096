#include "bench/sent_streams.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace cosoup::bench {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
constexpr Nanoseconds kReportInterval = std::chrono::seconds(1);
constexpr std::uint16_t kFirstSequenceNumber = 1000;
// VP8's descriptor (RFC 7741, section 4.2).
constexpr std::uint8_t kHasExtension = 0x80;
constexpr std::uint8_t kHasPictureId = 0x80;
constexpr std::uint8_t kIsLongPictureId = 0x80;

void put16(std::span<std::uint8_t> out, std::size_t at, std::uint16_t value) {
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(std::span<std::uint8_t> out, std::size_t at, std::uint32_t value) {
  put16(out, at, static_cast<std::uint16_t>(value >> 16));
  put16(out, at + 2, static_cast<std::uint16_t>(value));
}

/// Ids go on counting where the medium begins anew.
void putPictureId(std::span<std::uint8_t> payload, std::uint64_t frame) {
  if (payload.size() < 4 || !(payload[0] & kHasExtension) || !(payload[1] & kHasPictureId)) return;
  if (!(payload[2] & kIsLongPictureId)) return;
  put16(payload, 2, static_cast<std::uint16_t>(0x8000 | (frame & 0x7fff)));
}

}  // namespace

LoopedMedia::LoopedMedia(const Format& format, std::vector<Payload> payloads)
    : format_(format), payloads_(std::move(payloads)) {
  if (payloads_.empty() || !payloads_.back().endsFrame) {
    throw std::invalid_argument("a medium of no whole frames");
  }
  std::size_t first = 0;
  for (std::size_t at = 0; at < payloads_.size(); ++at) {
    if (!payloads_[at].endsFrame) continue;
    const auto count = static_cast<Nanoseconds::rep>(at + 1 - first);
    for (Nanoseconds::rep i = 0; i < count; ++i) delays_.push_back(timeOfFrame(1) * i / count);
    first = at + 1;
    ++frames_;
  }
}

Nanoseconds LoopedMedia::timeOfFrame(std::uint64_t frame) const {
  return Nanoseconds(frame * format_.ticksPerFrame * kNanosPerSecond / format_.clockRate);
}

SentStream::SentStream(std::shared_ptr<const LoopedMedia> media, std::uint32_t ssrc,
                       Nanoseconds begin)
    : media_(std::move(media)), ssrc_(ssrc), begin_(begin), nextReport_(begin) {}

Nanoseconds SentStream::due() const {
  return begin_ + media_->timeOfFrame(frame_) + media_->delay(at_);
}

std::size_t SentStream::write(std::span<std::uint8_t> out) {
  const LoopedMedia::Format& format = media_->format();
  const std::span<const std::uint8_t> payload = media_->payload(at_);
  const std::size_t size = kRtpHeaderSize + payload.size();
  if (out.size() < size) return 0;
  const bool endsFrame = media_->endsFrame(at_);
  const bool hasMarker = format.isVp8 && endsFrame;
  out[0] = 0x80;
  out[1] = static_cast<std::uint8_t>(format.payloadType | (hasMarker ? 0x80 : 0));
  put16(out, 2, static_cast<std::uint16_t>(kFirstSequenceNumber + packets_));
  put32(out, 4, static_cast<std::uint32_t>(frame_ * format.ticksPerFrame));
  put32(out, 8, ssrc_);
  std::copy(payload.begin(), payload.end(), out.begin() + kRtpHeaderSize);
  if (format.isVp8) putPictureId(out.subspan(kRtpHeaderSize), frame_);
  ++packets_;
  octets_ += static_cast<std::uint32_t>(payload.size());
  at_ = (at_ + 1) % media_->size();
  if (endsFrame) ++frame_;
  return size;
}

void SentStream::writeReport(std::span<std::uint8_t, kSenderReportSize> out, Nanoseconds now,
                             std::uint64_t ntp) {
  const auto since = static_cast<std::uint64_t>(std::max(now - begin_, Nanoseconds(0)).count());
  const std::uint64_t clockRate = media_->format().clockRate;
  const std::uint64_t timestamp =
      since / kNanosPerSecond * clockRate + since % kNanosPerSecond * clockRate / kNanosPerSecond;
  out[0] = 0x80;
  out[1] = 200;
  put16(out, 2, kSenderReportSize / 4 - 1);
  put32(out, 4, ssrc_);
  put32(out, 8, static_cast<std::uint32_t>(ntp >> 32));
  put32(out, 12, static_cast<std::uint32_t>(ntp));
  put32(out, 16, static_cast<std::uint32_t>(timestamp));
  put32(out, 20, packets_);
  put32(out, 24, octets_);
  nextReport_ += kReportInterval;
  if (nextReport_ <= now) nextReport_ = now + kReportInterval;
}

PacketSchedule::PacketSchedule(std::vector<SentStream> streams) : streams_(std::move(streams)) {
  if (streams_.empty()) throw std::invalid_argument("a schedule of no streams");
  for (std::size_t index = 0; index < streams_.size(); ++index) {
    queue_.emplace(streams_[index].due(), index);
  }
}

Nanoseconds phaseOf(std::size_t pair, Nanoseconds period) {
  constexpr double goldenRatio = 0.6180339887498949;
  double whole = 0;
  const double part = std::modf(static_cast<double>(pair) * goldenRatio, &whole);
  return Nanoseconds(static_cast<Nanoseconds::rep>(part * static_cast<double>(period.count())));
}

std::uint64_t ntpTime(std::chrono::system_clock::time_point time) {
  constexpr std::uint64_t from1900To1970 = 2'208'988'800;
  const auto since1970 = static_cast<std::uint64_t>(
      std::chrono::duration_cast<Nanoseconds>(time.time_since_epoch()).count());
  return ((from1900To1970 + since1970 / kNanosPerSecond) << 32) +
         ((since1970 % kNanosPerSecond) << 32) / kNanosPerSecond;
}

}  // namespace cosoup::bench
