// SendQueue: packets of one class that wait to be sent, and which of them are not worth it any
// more. Internal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace cosoup {

/// What goes first. Audio waits for nothing but its own kind.
enum class SendPriority : std::uint8_t { audio, retransmission, video, padding };

/// What other frames need of the one that a packet belongs to. `disposable`: no frame refers to it,
/// as in the highest temporal layer.
enum class FrameRole : std::uint8_t { key, delta, disposable };

struct PacedPacket {
  SendPriority priority = SendPriority::video;
  std::uint32_t ssrc = 0;
  std::size_t size = 0;  ///< bytes, of all that the bitrate is to count
  /// Of video: the same for all packets of a frame, another one for the next frame. This and the
  /// role count only where packets may be dropped.
  std::uint64_t frame = 0;
  FrameRole role = FrameRole::delta;
};

/// What was thrown away of one stream. Packets that have their sequence numbers already leave a
/// gap.
struct DroppedPackets {
  std::uint32_t ssrc = 0;
  unsigned packets = 0;
  unsigned frames = 0;  ///< of video
  /// Nothing of the stream is sent until a key frame comes: the encoder is to be asked for one, or
  /// the source be told.
  bool needsKeyFrame = false;
};

/// Streams take turns by bytes: of those that have something waiting, the one that had the least
/// goes on (Goyal, Vin, Cheng: "Start-time Fair Queueing", 1996). Within a stream the order is
/// kept.
///
/// What has waited for `dropAfter` is dropped. With `wholeFrames` that is a frame and all that
/// follow it, up to the next key frame, since none of them can be decoded without the first; a
/// disposable one goes alone, and after half the time. A frame of which packets have been sent is
/// finished, but not after twice the time. No thread, no clock of its own.
template <class Packet>
class SendQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Entry {
    PacedPacket info;
    Packet packet;
    Time since;
  };

  /// Without `dropAfter` nothing is ever dropped.
  SendQueue(bool wholeFrames, std::optional<Duration> dropAfter)
      : wholeFrames_(wholeFrames), dropAfter_(dropAfter.value_or(Duration::max())) {}

  void push(const PacedPacket& info, Packet packet, Time now) {
    Stream& stream = find(info.ssrc);
    if (wholeFrames_ && isRefused(stream, info)) {
      drop(stream, info);
      return;
    }
    if (stream.entries.empty()) stream.served = std::max(stream.served, turn_);
    stream.entries.push_back(Entry{info, std::move(packet), now});
    times_ += micros(now);
    ++packets_;
    bytes_ += info.size;
  }

  /// Of one that is not empty.
  Entry take() {
    Stream* next = nullptr;
    for (Stream& stream : streams_) {
      if (stream.entries.empty() || (next && next->served <= stream.served)) continue;
      next = &stream;
    }
    Entry entry = std::move(next->entries.front());
    remove(*next, 0, 1);
    next->begun = entry.info.frame;
    turn_ = next->served;
    next->served += entry.info.size;
    return entry;
  }

  /// Drops what has waited too long.
  void trim(Time now) {
    if (dropAfter_ == Duration::max()) return;
    for (Stream& stream : streams_) {
      if (wholeFrames_) {
        while (trimFrames(stream, now)) continue;
      } else {
        while (!stream.entries.empty() && age(stream, 0, now) >= dropAfter_) dropAt(stream, 0, 1);
      }
    }
  }

  /// Appends what has been dropped since the last call.
  void report(std::vector<DroppedPackets>& dropped) {
    for (Stream& stream : streams_) {
      if (stream.dropped.packets == 0) continue;
      stream.dropped.ssrc = stream.ssrc;
      stream.dropped.needsKeyFrame = stream.needsKeyFrame;
      dropped.push_back(std::exchange(stream.dropped, {}));
    }
  }

  /// The stream has ended: what waits of it is thrown away, untold.
  void forget(std::uint32_t ssrc) {
    for (Stream& stream : streams_) {
      if (stream.ssrc == ssrc) remove(stream, 0, stream.entries.size());
    }
    std::erase_if(streams_, [&](const Stream& each) { return each.ssrc == ssrc; });
  }

  bool empty() const { return packets_ == 0; }
  std::size_t packets() const { return packets_; }
  std::size_t bytes() const { return bytes_; }
  /// Since when the first of them waits; of one that is not empty.
  Time oldest() const {
    Time oldest = Time::max();
    for (const Stream& stream : streams_) {
      if (!stream.entries.empty()) oldest = std::min(oldest, stream.entries.front().since);
    }
    return oldest;
  }
  /// How long all of them have waited, added up.
  std::chrono::microseconds waited(Time now) const {
    return static_cast<std::int64_t>(packets_) * micros(now) - times_;
  }

 private:
  struct Stream {
    std::uint32_t ssrc;
    std::deque<Entry> entries;
    std::uint64_t served;                  // bytes, in the time of turn_
    std::optional<std::uint64_t> begun;    // the frame of the last packet that was sent
    std::optional<std::uint64_t> refused;  // the last frame that was dropped
    bool needsKeyFrame = false;
    DroppedPackets dropped = {};  // since the last report
  };

  Stream& find(std::uint32_t ssrc) {
    const auto found = std::find_if(streams_.begin(), streams_.end(),
                                    [&](const Stream& s) { return s.ssrc == ssrc; });
    if (found != streams_.end()) return *found;
    return streams_.emplace_back(Stream{ssrc, {}, turn_, {}, {}});
  }

  static std::chrono::microseconds micros(Time time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  }

  static Duration age(const Stream& stream, std::size_t at, Time now) {
    return now - stream.entries[at].since;
  }

  /// Also the rest of a frame whose first packets have been dropped.
  static bool isRefused(Stream& stream, const PacedPacket& info) {
    if (stream.refused == info.frame) return true;
    if (info.role == FrameRole::key) stream.needsKeyFrame = false;
    return stream.needsKeyFrame;
  }

  /// The end of the frame that begins or goes on there.
  static std::size_t frameEnd(const Stream& stream, std::size_t at) {
    const std::uint64_t frame = stream.entries[at].info.frame;
    while (at < stream.entries.size() && stream.entries[at].info.frame == frame) ++at;
    return at;
  }

  /// Whether something was dropped, and more may have to be.
  bool trimFrames(Stream& stream, Time now) {
    if (stream.entries.empty()) return false;
    std::size_t first = 0;
    if (stream.entries[0].info.frame == stream.begun) first = frameEnd(stream, 0);
    if (first > 0 && age(stream, 0, now) > 2 * dropAfter_) first = 0;
    if (first == stream.entries.size()) return false;
    const Duration waited = age(stream, first, now);
    if (stream.entries[first].info.role == FrameRole::disposable && waited > dropAfter_ / 2) {
      dropAt(stream, first, frameEnd(stream, first));
      return true;
    }
    if (waited <= dropAfter_) return false;
    dropToKeyFrame(stream, first, now);
    return true;
  }

  void dropToKeyFrame(Stream& stream, std::size_t first, Time now) {
    std::size_t end = first;
    bool isFound = false;
    while (end < stream.entries.size() && !isFound) {
      end = frameEnd(stream, end);
      isFound = end < stream.entries.size() && stream.entries[end].info.role == FrameRole::key &&
                age(stream, end, now) <= dropAfter_;
    }
    stream.needsKeyFrame = !isFound;
    dropAt(stream, first, end);
  }

  void dropAt(Stream& stream, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) drop(stream, stream.entries[i].info);
    remove(stream, first, end);
  }

  void drop(Stream& stream, const PacedPacket& info) {
    ++stream.dropped.packets;
    if (!wholeFrames_ || stream.refused == info.frame) return;
    ++stream.dropped.frames;
    stream.refused = info.frame;
  }

  void remove(Stream& stream, std::size_t first, std::size_t end) {
    const auto from = stream.entries.begin() + static_cast<std::ptrdiff_t>(first);
    const auto to = stream.entries.begin() + static_cast<std::ptrdiff_t>(end);
    std::for_each(from, to, [&](const Entry& entry) {
      bytes_ -= entry.info.size;
      times_ -= micros(entry.since);
    });
    packets_ -= end - first;
    stream.entries.erase(from, to);
  }

  bool wholeFrames_;
  Duration dropAfter_;
  std::deque<Stream> streams_;  // a vector would copy what they hold
  std::uint64_t turn_ = 0;
  std::size_t packets_ = 0;
  std::size_t bytes_ = 0;
  std::chrono::microseconds times_{};  // at which they came, added up
};

}  // namespace cosoup
