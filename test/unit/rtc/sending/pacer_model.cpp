// The pacer under encoders that are often too fast for it.
#include <algorithm>

#include "support/catch.hpp"
#include "unit/rtc/sending/modelled_senders.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

/// Runs it, and holds what holds for all senders.
ModelledSenders ran(const SendersOptions& options, unsigned seed) {
  ModelledSenders model(options, seed);
  model.run(60s);
  INFO(options.name << ", seed " << seed << ": " << model.pushed << " pushed, " << model.sent
                    << " sent, " << model.dropped << " dropped in " << model.droppedFrames
                    << " frames, " << model.keyFrameRequests << " key frames asked for, "
                    << model.mostBeyond << " bits beyond the bitrate, longest wait "
                    << model.longestQueue.count() << " us");
  CHECK(model.outOfOrder == 0);
  CHECK(model.undecodable == 0);
  CHECK(model.tooOld == 0);
  CHECK(model.lateAudio == 0);
  CHECK(model.sleepless == 0);
  CHECK(model.pushed == model.sent + model.dropped + model.held);
  // The credit of the bucket, one packet, and the audio packets of one moment: over any span, and
  // so over 100 ms.
  const double credit = 0.005 * model.highestBitrate;
  if (options.dropAfter) {
    CHECK(model.mostBeyond <= credit + 8 * (ModelledSenders::largestPacket + 2 * 200));
  }
  return model;
}

}  // namespace

TEST_CASE("an encoder that keeps to the target loses nothing in the pacer and hardly waits") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto model = ran({.name = "within", .retransmitted = 0.05}, seed);
    CHECK(model.dropped == 0);
    CHECK(model.longestQueue < 100ms);
  }
}

TEST_CASE("encoders that are too fast lose whole frames, and audio waits for none of them") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto model = ran({.name = "too fast", .load = 4, .retransmitted = 0.02}, seed);
    CHECK(model.droppedFrames > 100);
    CHECK(model.longestQueue > 125ms);
  }
}

TEST_CASE("with temporal layers, too much for a while costs few key frames") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto model = ran({.name = "temporal", .load = 2.6, .temporal = true}, seed);
    const auto without = ran({.name = "no layers", .load = 2.6}, seed);
    CHECK(model.droppedFrames > 10);
    CHECK(without.keyFrameRequests > 10);
    CHECK(model.keyFrameRequests < without.keyFrameRequests / 2);
  }
}

TEST_CASE("a target that jumps is followed at once") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    ran({.name = "steps",
         .load = 1.5,
         .retransmitted = 0.1,
         .steps = true,
         .temporal = seed % 2 == 0},
        seed);
  }
}

TEST_CASE("streams that all want too much get the same") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto model = ran({.name = "fair", .videoStreams = 4, .load = 6}, seed);
    // After two of audio.
    const auto first = model.videoBytes.begin() + 2;
    const auto [least, most] = std::minmax_element(first, first + 4);
    CHECK(static_cast<double>(*least) > 0.7 * static_cast<double>(*most));
  }
}

TEST_CASE("probes go beyond the pacing rate by no more than a packet of their own bitrate") {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto model = ran({.name = "probes", .load = 0.3, .probeBitrate = 4'000'000}, seed);
    CHECK(model.padding > 59 * 4'000'000 / 8 * 0.015 / 3);
    CHECK(model.dropped == 0);
  }
}

TEST_CASE("where nothing may be dropped all is sent within the queue limit") {
  for (const double load : {1.5, 4.0, 10.0}) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
      const auto model = ran({.name = "all",
                              .load = load,
                              .retransmitted = 0.1,
                              .steps = seed % 2 == 0,
                              .dropAfter = {}},
                             seed);
      CHECK(model.dropped == 0);
      if (load > 2.5) CHECK(model.longestQueue > 1s);
    }
  }
}
