// RTP streams made of payloads that are there already: what is written new is their headers. No
// sockets, no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <span>
#include <utility>
#include <vector>

namespace cosoup::bench {

using Nanoseconds = std::chrono::nanoseconds;

constexpr std::size_t kRtpHeaderSize = 12;
constexpr std::size_t kSenderReportSize = 28;

/// What goes into one packet.
struct Payload {
  std::vector<std::uint8_t> bytes;
  bool endsFrame = true;
};

/// A medium that is sent again and again, by any number of streams.
class LoopedMedia {
 public:
  struct Format {
    std::uint8_t payloadType;
    std::uint32_t clockRate;
    std::uint32_t ticksPerFrame;
    /// The last packet of a frame has the marker, and the payloads have VP8 descriptors.
    bool isVp8;
  };

  /// Throws std::invalid_argument when the payloads are no whole frames, or none.
  LoopedMedia(const Format& format, std::vector<Payload> payloads);

  const Format& format() const { return format_; }
  std::size_t size() const { return payloads_.size(); }
  std::uint64_t frames() const { return frames_; }
  std::span<const std::uint8_t> payload(std::size_t at) const { return payloads_[at].bytes; }
  bool endsFrame(std::size_t at) const { return payloads_[at].endsFrame; }
  /// From the beginning of its frame: those of a frame are spread evenly over the frame's time.
  Nanoseconds delay(std::size_t at) const { return delays_[at]; }
  Nanoseconds timeOfFrame(std::uint64_t frame) const;

 private:
  Format format_;
  std::vector<Payload> payloads_;
  std::vector<Nanoseconds> delays_;
  std::uint64_t frames_ = 0;
};

/// One sender's stream of such a medium. Times count from when everything began.
class SentStream {
 public:
  /// Packets begin at `begin` with the first frame of the medium.
  SentStream(std::shared_ptr<const LoopedMedia> media, std::uint32_t ssrc, Nanoseconds begin);

  std::uint32_t ssrc() const { return ssrc_; }
  /// When the next packet is to be sent.
  Nanoseconds due() const;
  /// Writes the next packet, and gives its size; nothing is written when there is no room, which
  /// gives 0.
  std::size_t write(std::span<std::uint8_t> out);
  /// Once a second, from the first packet on.
  bool wantsReport(Nanoseconds now) const { return now >= nextReport_; }
  /// A sender report (RFC 3550, section 6.4.1); `ntp` is the time of day at `now`.
  void writeReport(std::span<std::uint8_t, kSenderReportSize> out, Nanoseconds now,
                   std::uint64_t ntp);

 private:
  std::shared_ptr<const LoopedMedia> media_;
  std::uint32_t ssrc_;
  Nanoseconds begin_;
  Nanoseconds nextReport_;
  std::size_t at_ = 0;       // in the medium
  std::uint64_t frame_ = 0;  // counts on when the medium begins anew, as all below
  std::uint32_t packets_ = 0;
  std::uint32_t octets_ = 0;
};

/// The streams' packets in the order in which they are due.
class PacketSchedule {
 public:
  explicit PacketSchedule(std::vector<SentStream> streams);

  Nanoseconds due() const { return queue_.top().first; }
  /// Calls send(index, stream) for each packet that is due by now; it has to write the packet.
  template <class Send>
  void takeDue(Nanoseconds now, Send&& send) {
    while (due() <= now) {
      const std::size_t index = queue_.top().second;
      queue_.pop();
      send(index, streams_[index]);
      queue_.emplace(streams_[index].due(), index);
    }
  }

 private:
  using Entry = std::pair<Nanoseconds, std::size_t>;
  std::vector<SentStream> streams_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

/// When the pair begins: pairs are spread over a period so that neither their key frames nor their
/// frames come together, however many they are.
Nanoseconds phaseOf(std::size_t pair, Nanoseconds period);

/// Of RTCP: seconds since 1900, in 32.32 bit.
std::uint64_t ntpTime(std::chrono::system_clock::time_point time);

}  // namespace cosoup::bench
