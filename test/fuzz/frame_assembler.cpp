// Which packets of a video stream go on: payloads of every codec, with losses among them.
#include "cosoup/rtc/frame_assembler.hpp"

#include <span>

#include "fuzz/target.hpp"

namespace cosoup {
namespace {

/// The first byte is the codec; then each packet has a byte of flags, one of length, its payload.
class Stream {
 public:
  explicit Stream(std::uint8_t first)
      : codec_(static_cast<VideoCodec>(first % 5)), assembler_(codec_, first & 0x80) {}

  void push(std::uint8_t flags, std::span<const std::uint8_t> payload) {
    if ((flags & 0xe0) == 0xe0) {
      assembler_.restarted();
      fuzz::require(assembler_.keyFrameNeeded() && assembler_.held() == 0);
    }
    if (flags & 0x02) timestamp_ += 3000;
    const std::uint32_t missing = flags & 0x04 ? missingOf(flags >> 3 & 3u) : 0;
    const bool isReadable = readPayloadStart(codec_, payload).has_value();
    const FrameStatistics before = assembler_.statistics(now_);
    const bool wasFrozen = assembler_.keyFrameNeeded();
    now_ += std::chrono::milliseconds(1);
    const FramePacketHeader header{timestamp_, (flags & 0x01) != 0, missing};
    next_ += missing;
    assembler_.push(payload, header, next_, now_, out_);
    const FrameStatistics after = assembler_.statistics(now_);
    for (const std::uint64_t number : out_) {
      fuzz::require(number > last_ && number <= next_);
      fuzz::require(isReadable || number != next_);
      last_ = number;
    }
    const std::uint64_t frames = after.handedOn - before.handedOn;
    fuzz::require(frames <= 2 && frames <= out_.size());
    // Parameter sets go on, too, but do not count as a frame.
    const bool hasUnits = codec_ == VideoCodec::h264 || codec_ == VideoCodec::h265;
    fuzz::require(frames > 0 || out_.empty() || hasUnits);
    fuzz::require(after.frozen >= before.frozen && after.keyFrames <= after.handedOn);
    fuzz::require(assembler_.held() <= FrameTracker::maxPackets);
    if (payload.empty()) fuzz::require(out_.empty());
    // Only a key frame ends a freeze.
    if (wasFrozen && frames > 0) fuzz::require(after.keyFrames > before.keyFrames);
    if (wasFrozen && !assembler_.keyFrameNeeded())
      fuzz::require(after.keyFrames > before.keyFrames);
    out_.clear();
    ++next_;
  }

 private:
  static std::uint32_t missingOf(unsigned how) {
    constexpr std::uint32_t numbers[] = {1, 2, 127, 0xffffffff};
    return numbers[how];
  }

  VideoCodec codec_;
  FrameAssembler<std::uint64_t> assembler_;
  std::vector<std::uint64_t> out_;
  std::uint32_t timestamp_ = 0;
  std::uint64_t next_ = 1;
  std::uint64_t last_ = 0;
  FrameTracker::Time now_;
};

}  // namespace

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {// Key frame of two packets, an inter frame, a loss, a frame above, the next base frame.
          "\x00\x02\x08\x90\xe0\x01\x01\x00\x10\x9d\x01"s
          "\x01\x08\x80\xe0\x01\x01\x00\x10\x9d\x01"s
          "\x03\x08\x90\xe0\x02\x01\x60\x11\x9d\x01"s
          "\x07\x08\x90\xe0\x04\x01\x40\x11\x9d\x01"s
          "\x03\x08\x90\xe0\x05\x02\x00\x11\x9d\x01"s,
          "\x01\x03\x06\xac\x05\x10\x2a\x82\x49\x03\x06\xec\x06\x40\x2a\x86\x00"s
          "\x07\x06\xec\x08\x00\x2b\x86\x00\x03\x06\xfc\x09\x00\x02\x86\x00"s,
          "\x01\x03\x05\xbc\x05\x00\x82\x49\x07\x06\xfc\x07\x00\x04\x86\x00"s,
          "\x02\x02\x0a\x78\x00\x03\x67\x42\x00\x00\x02\x68\xce\x00\x03\x7c\x85\x88"s
          "\x01\x03\x7c\x45\x01\x03\x03\x41\x9a\x00\x07\x03\x01\x9a\x00"s,
          "\x03\x02\x0c\x60\x01\x00\x03\x40\x01\x0c\x00\x03\x42\x01\x01\x01\x03\x2a\x01\xaf"s
          "\x03\x03\x12\x01\xd0\x03\x03\x06\x02\xd0\x03\x04\x62\x02\x81\xd0"s,
          "\x04\x02\x03\x58\x0a\x01\x01\x03\x90\x0a\x01\x03\x06\x28\x02\x32\x01\x32\x01"s};
}

void fuzz::read(std::string_view input) {
  if (input.empty()) return;
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  Stream stream(bytes[0]);
  std::span<const std::uint8_t> rest = std::span(bytes).subspan(1);
  while (rest.size() >= 2) {
    const std::uint8_t flags = rest[0];
    const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
    stream.push(flags, rest.subspan(2, length));
    rest = rest.subspan(2 + length);
  }
}

}  // namespace cosoup
