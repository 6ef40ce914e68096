// The codecOptions of Opus, seen in the packets that arrive.
#include <algorithm>

#include "integration/stage.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// A producer with options, and what arrives of it.
struct Heard {
  std::shared_ptr<Producer> producer;
  std::shared_ptr<Consumer> consumer;
  std::shared_ptr<FrameLog> log = std::make_shared<FrameLog>();

  double millisecondsPerFrame() const {
    const auto entries = log->entries();
    const auto length = static_cast<double>(entries.back().time - entries.front().time);
    return length / GST_MSECOND / static_cast<double>(entries.size() - 1);
  }
  std::size_t medianSize() const {
    auto entries = log->entries();
    const auto middle = entries.begin() + static_cast<long>(entries.size() / 2);
    std::nth_element(entries.begin(), middle, entries.end(),
                     [](const auto& a, const auto& b) { return a.size < b.size; });
    return middle->size;
  }
  // RFC 6716, section 3.1.
  bool isStereo() const { return log->entries().back().firstByte & 0x04; }
  unsigned configuration() const { return log->entries().back().firstByte >> 3; }
};

Task<Heard> hear(Stage& stage, std::shared_ptr<Track> track, ProducerCodecOptions codecOptions) {
  Heard heard;
  ProduceOptions options(std::move(track));
  options.codecOptions = codecOptions;
  heard.producer = co_await stage.produce(std::move(options));
  heard.consumer = co_await stage.consumerOf(heard.producer);
  heard.consumer->track()->addReceiver(heard.log);
  co_return heard;
}

Task<> hasFrames(const Heard& heard, std::size_t frames) {
  return until(std::to_string(frames) + " frames have come",
               [log = heard.log, frames] { return log->count() >= frames; });
}

Json codecAtServer(const Json& producer) {
  return producer.get<Json>("rtpParameters").list("codecs").at(0).get<Json>("parameters");
}

Task<> encodesAsAsked() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.sound("pink-noise");
  ProducerCodecOptions stereo;
  stereo.opusStereo = true;
  stereo.opusMaxAverageBitrate = 96000;
  ProducerCodecOptions mono;
  mono.opusStereo = false;
  mono.opusPtime = 60;
  mono.opusFec = false;
  ProducerCodecOptions narrow;
  narrow.opusMaxPlaybackRate = 8000;
  narrow.opusMaxAverageBitrate = 16000;
  ProducerCodecOptions constant;
  constant.opusCbr = true;
  constant.opusPtime = 10;
  const Heard inStereo = co_await hear(stage, track, stereo);
  const Heard inMono = co_await hear(stage, track, mono);
  const Heard inNarrow = co_await hear(stage, track, narrow);
  const Heard inConstant = co_await hear(stage, track, constant);
  co_await hasFrames(inStereo, 60);
  co_await hasFrames(inMono, 30);
  co_await hasFrames(inNarrow, 60);
  co_await hasFrames(inConstant, 100);

  CHECK(inStereo.isStereo());
  CHECK_FALSE(inMono.isStereo());
  // Configurations 0 to 3 and 16 to 19 are narrowband.
  CHECK((inNarrow.configuration() < 4 ||
         (inNarrow.configuration() >= 16 && inNarrow.configuration() < 20)));
  CHECK(inStereo.configuration() >= 28);  // fullband
  CHECK(std::abs(inStereo.millisecondsPerFrame() - 20) < 2);
  CHECK(std::abs(inMono.millisecondsPerFrame() - 60) < 6);
  CHECK(std::abs(inConstant.millisecondsPerFrame() - 10) < 1);
  CHECK(inStereo.medianSize() > 3 * inNarrow.medianSize());
  const auto entries = inConstant.log->entries();
  CHECK(std::all_of(entries.begin(), entries.end(),
                    [&](const auto& entry) { return entry.size == entries.front().size; }));

  const Json stereoSeen = co_await stage.atServer(inStereo.producer);
  CHECK(codecAtServer(stereoSeen).get<int>("sprop-stereo") == 1);
  const Json monoSeen = co_await stage.atServer(inMono.producer);
  CHECK(codecAtServer(monoSeen).get<int>("sprop-stereo") == 0);
  CHECK(codecAtServer(monoSeen).get<int>("useinbandfec") == 0);
  CHECK(codecAtServer(monoSeen).get<int>("ptime") == 60);
  for (const Heard* heard : {&inStereo, &inMono, &inNarrow, &inConstant}) {
    heard->consumer->track()->removeReceiver(heard->log);
  }
  co_await stage.close();
}

Task<> saysLittleInSilence() {
  Stage stage;
  co_await stage.open();
  const auto track = co_await stage.sound("silence");
  ProducerCodecOptions dtx;
  dtx.opusDtx = true;
  const Heard with = co_await hear(stage, track, dtx);
  const Heard without = co_await hear(stage, track, {});
  co_await hasFrames(without, 200);
  CHECK(with.log->count() < 100);
  const Json seen = co_await stage.atServer(with.producer);
  CHECK(codecAtServer(seen).get<int>("usedtx") == 1);
  with.consumer->track()->removeReceiver(with.log);
  without.consumer->track()->removeReceiver(without.log);
  co_await stage.close();
}

}  // namespace

TEST_CASE("opus is encoded as the codec options say") { runTest(encodesAsAsked(), 180s); }

TEST_CASE("with opusDtx next to nothing is sent in silence") {
  runTest(saysLittleInSilence(), 120s);
}
