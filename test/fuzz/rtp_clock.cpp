// When frames are due, whatever time stamps, arrivals and sender reports come.
#include "cosoup/rtc/rtp_clock.hpp"

#include <memory>
#include <optional>

#include "cosoup/rtc/lip_sync.hpp"
#include "fuzz/target.hpp"

namespace cosoup {
namespace {

using Time = RtpClock::Time;

/// Takes an input for a row of events.
class Events {
 public:
  explicit Events(std::string_view input) : rest_(input) {}
  bool isEmpty() const { return rest_.empty(); }
  /// So many bytes as a number, zeros where there are none left.
  std::uint64_t next(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | (rest_.empty() ? 0 : static_cast<std::uint8_t>(rest_.front()));
      if (!rest_.empty()) rest_.remove_prefix(1);
    }
    return value;
  }

 private:
  std::string_view rest_;
};

/// A stream whose times are looked at.
class Stream {
 public:
  Stream(LipSync& sync, std::uint32_t clockRate)
      : clock_(clockRate), synced_(std::make_unique<LipSync::Stream>(sync, clockRate)) {}

  void packet(std::uint32_t timestamp, Time now, RtpClock::Arrival arrival) {
    const std::uint32_t line = clock_.lines();
    const Time time = clock_.at(timestamp, now, arrival);
    const Time synced = synced_->at(timestamp, now, arrival);
    fuzz::require(synced_->offset() >= LipSync::Duration(0));
    fuzz::require(synced_->offset() <= LipSync::maxOffset);
    fuzz::require(synced == time + synced_->offset());
    const bool isNew = !line || clock_.lines() != line;
    const auto step = static_cast<std::int32_t>(timestamp - top_);
    if (!isNew && step == 0) fuzz::require(time == last_);
    if (!isNew && step < 0) fuzz::require(time <= last_);
    if (!isNew && step <= 0) return;
    if (line) fuzz::require(time >= last_ && synced >= lastSynced_);
    fuzz::require(time <= std::max(now + RtpClock::maxEarly, last_));
    fuzz::require(time >= now - RtpClock::maxLate - RtpClock::maxEarly);
    fuzz::require(clock_.at(timestamp) == time);
    top_ = timestamp;
    last_ = time;
    lastSynced_ = synced;
  }
  void restart() {
    clock_.restart();
    synced_->restart();
  }
  std::uint32_t top() const { return top_; }
  LipSync::Stream& synced() { return *synced_; }

 private:
  RtpClock clock_;
  std::unique_ptr<LipSync::Stream> synced_;
  std::uint32_t top_ = 0;
  Time last_;
  Time lastSynced_;
};

constexpr std::uint32_t kRates[] = {48000, 90000, 1, 0xffffffff, 0, 8000};

}  // namespace

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  std::string call = "\x00"s;
  for (int i = 0; i < 100; ++i) {
    call += "\x20\x14\x03\xc0\x21\x00\x07\x08"s;  // 20 ms: 960 ticks of audio, 1800 of video
    if (i % 25 == 24) call += "\xe0\x00\x00\x00\x05\xf0\xe1\x00\x00\x00\x05\xf0"s;
  }
  return {call, "\x00\x80\x7f\xff\xff\xff\xff\x00"s};
}

void fuzz::read(std::string_view input) {
  Events events(input);
  LipSync sync;
  std::optional<Stream> streams[2];
  const auto rates = static_cast<std::size_t>(events.next(1));
  streams[0].emplace(sync, kRates[rates % 6]);
  streams[1].emplace(sync, kRates[(rates / 6 + 1) % 6]);
  Time now(std::chrono::hours(1));
  std::uint64_t ntp = 1;
  // Enough to get everywhere, and soon over.
  for (int i = 0; i < 4000 && !events.isEmpty(); ++i) {
    const auto event = static_cast<unsigned>(events.next(1));
    std::optional<Stream>& stream = streams[event & 1];
    const auto arrival = event & 2 ? RtpClock::Arrival::Recovered : RtpClock::Arrival::Direct;
    switch (event >> 5) {
      case 0:
        stream->packet(stream->top(), now, arrival);
        break;
      case 1:
        now += std::chrono::milliseconds(events.next(1));
        stream->packet(stream->top() + static_cast<std::uint16_t>(events.next(2)), now, arrival);
        break;
      case 2:
        stream->packet(stream->top() - static_cast<std::uint16_t>(events.next(2)), now, arrival);
        break;
      case 3:
        stream->packet(static_cast<std::uint32_t>(events.next(4)), now, arrival);
        break;
      case 4:
        now += std::chrono::milliseconds(events.next(4));
        break;
      case 5:
        if (event & 2)
          stream->restart();
        else
          stream.emplace(sync, kRates[(event >> 2) % 6]);
        break;
      case 6:
        ntp = events.next(8);
        stream->synced().report(ntp, static_cast<std::uint32_t>(events.next(4)), now);
        break;
      default:
        ntp += events.next(3) << 16;
        stream->synced().report(ntp, stream->top() + static_cast<std::uint16_t>(events.next(2)),
                                now);
        break;
    }
  }
}

}  // namespace cosoup
