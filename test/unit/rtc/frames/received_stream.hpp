// A stream of packets that a FrameAssembler receives, some of which do not come.
#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "cosoup/rtc/frame_assembler.hpp"
#include "unit/rtc/frames/payloads.hpp"

namespace cosoup::test {

struct StreamPacket {
  Payload payload;
  std::uint32_t timestamp = 0;
  bool marker = false;
};

/// Packets are numbered as they are sent; what is handed on are their numbers.
class ReceivedStream {
 public:
  explicit ReceivedStream(VideoCodec codec, bool hasParametersElsewhere = false)
      : assembler(codec, hasParametersElsewhere) {}

  void receive(const StreamPacket& packet) {
    const FramePacketHeader header{packet.timestamp, packet.marker, std::exchange(missing_, 0)};
    assembler.push(packet.payload, header, next_++, now, out_);
  }
  void lose(unsigned packets = 1) {
    missing_ += packets;
    next_ += packets;
  }
  /// What has been handed on since the last time.
  std::vector<unsigned> handedOn() { return std::exchange(out_, {}); }
  FrameStatistics statistics() const { return assembler.statistics(now); }
  unsigned next() const { return next_; }

  FrameAssembler<unsigned> assembler;
  FrameTracker::Time now{std::chrono::hours(1)};

 private:
  unsigned missing_ = 0;
  unsigned next_ = 0;
  std::vector<unsigned> out_;
};

}  // namespace cosoup::test
