// The codecOptions of Opus, seen in the packets that arrive.
#include <algorithm>

#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

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
  return eventually(std::to_string(frames) + " frames have come",
                    [log = heard.log, frames] { return log->count() >= frames; });
}

Json codecAtServer(const Json& producer) {
  return producer.get<Json>("rtpParameters").list("codecs").at(0).get<Json>("parameters");
}

/// What the same sound becomes with different options.
struct Variants {
  Heard stereo, mono, narrow, constant;
};

Task<Variants> hearVariants(Stage& stage) {
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
  Variants heard;
  heard.stereo = co_await hear(stage, track, stereo);
  heard.mono = co_await hear(stage, track, mono);
  heard.narrow = co_await hear(stage, track, narrow);
  heard.constant = co_await hear(stage, track, constant);
  co_await hasFrames(heard.stereo, 60);
  co_await hasFrames(heard.mono, 30);
  co_await hasFrames(heard.narrow, 60);
  co_await hasFrames(heard.constant, 100);
  co_return heard;
}

void checkPackets(const Variants& heard) {
  CHECK(heard.stereo.isStereo());
  CHECK_FALSE(heard.mono.isStereo());
  // Configurations 0 to 3 and 16 to 19 are narrowband.
  const unsigned narrowest = heard.narrow.configuration();
  CHECK((narrowest < 4 || (narrowest >= 16 && narrowest < 20)));
  CHECK(heard.stereo.configuration() >= 28);  // fullband
  CHECK(std::abs(heard.stereo.millisecondsPerFrame() - 20) < 2);
  CHECK(std::abs(heard.mono.millisecondsPerFrame() - 60) < 6);
  CHECK(std::abs(heard.constant.millisecondsPerFrame() - 10) < 1);
  CHECK(heard.stereo.medianSize() > 3 * heard.narrow.medianSize());
  const auto entries = heard.constant.log->entries();
  CHECK(std::all_of(entries.begin(), entries.end(),
                    [&](const auto& entry) { return entry.size == entries.front().size; }));
}

Task<> encodesAsAsked() {
  Stage stage;
  co_await stage.open();
  const Variants heard = co_await hearVariants(stage);
  checkPackets(heard);
  const Json stereoSeen = co_await stage.atServer(heard.stereo.producer);
  CHECK(codecAtServer(stereoSeen).get<int>("sprop-stereo") == 1);
  const Json monoSeen = co_await stage.atServer(heard.mono.producer);
  CHECK(codecAtServer(monoSeen).get<int>("sprop-stereo") == 0);
  CHECK(codecAtServer(monoSeen).get<int>("useinbandfec") == 0);
  CHECK(codecAtServer(monoSeen).get<int>("ptime") == 60);
  for (const Heard* each : {&heard.stereo, &heard.mono, &heard.narrow, &heard.constant}) {
    each->consumer->track()->removeReceiver(each->log);
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
