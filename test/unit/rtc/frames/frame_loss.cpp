// Streams of all codecs through a lossy network, against an encoder that knows what needs what.
#include <algorithm>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "unit/rtc/frames/model_encoder.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::array streams{
    ModelStream{"VP8", VideoCodec::vp8},
    ModelStream{.name = "VP8, short ids", .codec = VideoCodec::vp8, .idBits = 7, .hasLeaves = true},
    ModelStream{"VP8, long ids", VideoCodec::vp8, 1, 15},
    ModelStream{.name = "VP8, 2 layers",
                .codec = VideoCodec::vp8,
                .temporalLayers = 2,
                .idBits = 7,
                .isDroppedFrom = true},
    ModelStream{.name = "VP8, 3 layers",
                .codec = VideoCodec::vp8,
                .temporalLayers = 3,
                .idBits = 15,
                .isDroppedFrom = true},
    ModelStream{"VP8, 3 layers without ids", VideoCodec::vp8, 3},
    ModelStream{"VP9", VideoCodec::vp9},
    ModelStream{"VP9, ids", VideoCodec::vp9, 1, 15},
    ModelStream{.name = "VP9, 2 layers",
                .codec = VideoCodec::vp9,
                .temporalLayers = 2,
                .idBits = 7,
                .isDroppedFrom = true},
    ModelStream{.name = "VP9, 3 layers",
                .codec = VideoCodec::vp9,
                .temporalLayers = 3,
                .idBits = 15,
                .isDroppedFrom = true},
    ModelStream{.name = "VP9 SVC",
                .codec = VideoCodec::vp9,
                .temporalLayers = 3,
                .idBits = 15,
                .spatialLayers = 3},
    ModelStream{.name = "VP9 k-SVC",
                .codec = VideoCodec::vp9,
                .temporalLayers = 3,
                .idBits = 15,
                .spatialLayers = 3,
                .isKSvc = true},
    ModelStream{.name = "VP9, flexible, short ids",
                .codec = VideoCodec::vp9,
                .temporalLayers = 3,
                .idBits = 7,
                .isFlexible = true},
    ModelStream{.name = "VP9 SVC, flexible",
                .codec = VideoCodec::vp9,
                .temporalLayers = 3,
                .idBits = 15,
                .isFlexible = true,
                .spatialLayers = 3,
                .isDroppedFrom = true},
    ModelStream{.name = "H.264", .codec = VideoCodec::h264, .hasLeaves = true},
    ModelStream{.name = "H.264 without markers",
                .codec = VideoCodec::h264,
                .hasLeaves = true,
                .forgetsMarker = true},
    ModelStream{"H.265", VideoCodec::h265},
    ModelStream{.name = "H.265, 3 layers",
                .codec = VideoCodec::h265,
                .temporalLayers = 3,
                .hasLeaves = true},
    ModelStream{"AV1", VideoCodec::av1},
};

constexpr std::size_t noFrame = ~std::size_t{0};

enum class Loss { none, packets, bursts, amidUpperFrames, upperFrames };

/// One stream from its encoder through the loss to the assembler, judged.
class Run {
 public:
  Run(const ModelStream& stream, unsigned seed)
      : stream_(stream), encoder_(stream, seed), random_(seed + 1), received_(stream.codec) {}

  /// Tells how many frames were sent and handed on meanwhile.
  std::pair<unsigned, unsigned> send(unsigned frames, Loss loss) {
    const std::size_t before = handedOn_.size();
    for (unsigned i = 0; i < frames; ++i) {
      const bool asks = received_.assembler.keyFrameNeeded();
      waited_ = asks ? waited_ + 1 : 0;
      const ModelFrame frame = encoder_.next(oneIn(150) || waited_ >= delay_);
      if (waited_ >= delay_) delay_ = 1 + static_cast<unsigned>(random_() % 6);
      frames_[frame.number] = frame;
      if (oneIn(20)) {
        sendPacket(noFrame, {{}, frame.packets[0].timestamp - 1500, false}, loss);
      }
      for (std::size_t at = 0; at < frame.packets.size(); ++at) sendOf(frame, at, loss);
      if (frame.isKey && !hit_.contains(frame.number) && !stream_.forgetsMarker) {
        require(handedOn_.contains(frame.number), "a whole key frame was not handed on");
      }
    }
    return {frames, static_cast<unsigned>(handedOn_.size() - before)};
  }
  unsigned handedOnOfBase() const {
    return static_cast<unsigned>(std::ranges::count_if(
        handedOn_, [&](std::size_t number) { return frames_.at(number).layer == 0; }));
  }
  std::set<std::string> faults;
  /// Whole frames that could have been decoded after those that were handed on.
  unsigned heldBackInVain() const {
    unsigned count = 0;
    for (const auto& [number, frame] : frames_) {
      const bool isDecodable = std::ranges::all_of(
          frame.needs, [&](std::size_t need) { return handedOn_.contains(need); });
      if (!handedOn_.contains(number) && !hit_.contains(number) && isDecodable) ++count;
    }
    return count;
  }
  FrameStatistics statistics() const { return received_.statistics(); }
  const std::map<std::size_t, ModelFrame>& frames() const { return frames_; }

 private:
  bool oneIn(unsigned times) { return random_() % times == 0; }
  void require(bool holds, const char* what) {
    if (!holds) faults.insert(what);
  }

  void sendOf(const ModelFrame& frame, std::size_t at, Loss loss) {
    const bool isInner = at > 0 && at + 1 < frame.packets.size();
    if (loss == Loss::amidUpperFrames && (frame.layer == 0 || !isInner)) loss = Loss::none;
    if (loss == Loss::upperFrames && frame.layer == 0) loss = Loss::none;
    owner_[received_.next()] = frame.number;
    sendPacket(frame.number, frame.packets[at], loss);
  }

  void sendPacket(std::size_t frame, const StreamPacket& packet, Loss loss) {
    if (loss == Loss::bursts && oneIn(150)) burst_ = 1 + static_cast<unsigned>(random_() % 30);
    bool isLost = loss == Loss::bursts && burst_ > 0;
    if (isLost) --burst_;
    if (loss == Loss::packets || loss == Loss::amidUpperFrames) isLost = oneIn(40);
    if (loss == Loss::upperFrames) isLost = frame % 5 == 0 || oneIn(30);
    // Lost padding may have been a frame where there are no picture ids.
    if (frame == noFrame && loss != Loss::packets && loss != Loss::bursts) isLost = false;
    if (isLost) hit_.insert(frame);
    if (isLost) {
      received_.lose();
    } else {
      received_.receive(packet);
      judge(received_.handedOn());
    }
  }

  void judge(const std::vector<unsigned>& packets) {
    for (std::size_t at = 0; at < packets.size();) {
      require(owner_.contains(packets[at]), "padding was handed on");
      const ModelFrame& frame = frames_.at(owner_[packets[at]]);
      const unsigned first = packets[at];
      require(first == 0 || owner_[first - 1] != frame.number || !owner_.contains(first - 1),
              "a frame without its start was handed on");
      for (unsigned i = 0; i < frame.packets.size(); ++i, ++at) {
        if (at < packets.size() && packets[at] == first + i) continue;
        require(false, "a frame that is not whole was handed on");
        return;
      }
      for (const std::size_t need : frame.needs) {
        require(handedOn_.contains(need), "a frame was handed on that needs another one");
      }
      require(handedOn_.insert(frame.number).second, "a frame was handed on twice");
    }
  }

  const ModelStream& stream_;
  ModelEncoder encoder_;
  std::mt19937 random_;
  ReceivedStream received_;
  std::map<std::size_t, ModelFrame> frames_;
  std::map<unsigned, std::size_t> owner_;  // frames of packets
  std::set<std::size_t> handedOn_;
  unsigned waited_ = 0;
  unsigned delay_ = 3;
  unsigned burst_ = 0;
  std::set<std::size_t> hit_;  // of which something was lost
};

constexpr unsigned seeds = 4;

template <class Judge>
void forEachRun(Judge judge) {
  for (const ModelStream& stream : streams) {
    for (unsigned seed = 0; seed < seeds; ++seed) {
      INFO(stream.name << ", seed " << seed);
      Run run(stream, seed);
      judge(stream, run);
      CHECK(run.faults == std::set<std::string>());
    }
  }
}

}  // namespace

TEST_CASE("without a loss every frame of every kind of stream is handed on") {
  forEachRun([](const ModelStream& stream, Run& run) {
    const auto [sent, handedOn] = run.send(300, Loss::none);
    CHECK(handedOn == sent - (stream.forgetsMarker ? 1 : 0));  // that goes on with the next one
    CHECK(run.statistics().freezes == 0);
    CHECK(run.statistics().handedOn == handedOn);
  });
}

TEST_CASE("through losses only what is whole and can be decoded is handed on") {
  const auto loss = GENERATE(Loss::packets, Loss::bursts);
  forEachRun([&](const ModelStream&, Run& run) {
    run.send(400, loss);
    CHECK(run.statistics().freezes > 0);
    CHECK(run.statistics().keyFrames > run.statistics().freezes / 2);
    // It goes on, and the upper layers, too, when they are next healed.
    run.send(160, Loss::none);
    const auto [sent, handedOn] = run.send(100, Loss::none);
    CHECK(handedOn == sent);
  });
}

TEST_CASE("losses in upper temporal layers freeze nothing where the codec tells of them") {
  const auto loss = GENERATE(Loss::amidUpperFrames, Loss::upperFrames);
  forEachRun([&](const ModelStream& stream, Run& run) {
    if (stream.temporalLayers == 1) return;
    if (stream.codec == VideoCodec::h265 && loss == Loss::upperFrames) return;
    const auto [sent, handedOn] = run.send(300, loss);
    CHECK(run.statistics().freezes == 0);
    unsigned bases = 0;
    for (const auto& [number, frame] : run.frames()) bases += frame.layer == 0 ? 1 : 0;
    CHECK(run.handedOnOfBase() == bases);
    CHECK(handedOn > bases + (sent - bases) / 10);  // and the others go on again
    // References tell exactly what is lost; the other ways err to the safe side.
    CHECK((!stream.isFlexible || run.heldBackInVain() == 0));
    CHECK(handedOn < sent);
  });
}
