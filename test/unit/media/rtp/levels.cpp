// How loud what is sent says that it is.
#include <gst/rtp/rtp.h>

#include <numeric>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/rtp/encoder.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "cosoup/media/rtp/track_feed.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"
#include "cosoup/rtc/header_extensions.hpp"
#include "cosoup/rtc/level_meter.hpp"
#include "unit/media/rtp/row.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr std::uint8_t kId = 6;

GstElement* payloaderOf(const std::string& mimeType) {
  RtpCodecParameters codec;
  codec.mimeType = mimeType;
  codec.payloadType = 100;
  GstElement* payloader = makePayloader(codec, 4711);
  addHeaderExtension(payloader, midExtensionUri, 1, "seven");
  addHeaderExtension(payloader, audioLevelExtensionUri, kId);
  return payloader;
}

EncoderSettings withLevels() {
  EncoderSettings settings;
  settings.audioLevel = true;
  return settings;
}

std::optional<AudioLevel> levelOfPacket(GstSample* sample) {
  GstMapInfo map;
  gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
  const auto level = readAudioLevel(std::span(map.data, map.size), kId);
  gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
  return level;
}

/// What the packets say that come of a launch line and what is behind it.
std::vector<std::optional<AudioLevel>> levels(std::initializer_list<GstElement*> elements,
                                              GstElement* sink) {
  Row chain(elements);
  chain.play();
  std::vector<std::optional<AudioLevel>> result;
  for (const auto& sample : collect(sink)) result.push_back(levelOfPacket(sample.get()));
  CHECK(chain.wait() == GST_MESSAGE_EOS);
  return result;
}

std::vector<std::optional<AudioLevel>> encodedLevels(const std::string& mimeType,
                                                     const std::string& source,
                                                     EncoderSettings settings = withLevels()) {
  GstElement* sink = collector();
  return levels({bin(source), makeEncoderBin(mimeType, settings), payloaderOf(mimeType), sink},
                sink);
}

}  // namespace

TEST_CASE("every packet of encoded audio says how loud it is") {
  const std::string mimeType = GENERATE("audio/opus", "audio/PCMU", "audio/PCMA");
  const std::string buffers =
      GENERATE("num-buffers=100 samplesperbuffer=441", "num-buffers=10 samplesperbuffer=4410",
               "num-buffers=400 samplesperbuffer=110");
  const std::string format = GENERATE("S16LE,rate=48000,channels=1", "F32LE,rate=44100,channels=2");
  CAPTURE(mimeType, buffers, format);
  const auto loud = encodedLevels(
      mimeType, "audiotestsrc volume=0.5 " + buffers + " ! audio/x-raw,format=" + format);
  REQUIRE(loud.size() > 10);
  for (std::size_t i = 2; i < loud.size() - 2; ++i) {  // a resampler begins and ends in silence
    REQUIRE(loud[i]);
    CHECK(std::abs(loud[i]->dBov - -9) <= 1);
    CHECK((loud[i]->voice || i < 10));
  }
  CHECK(loud[loud.size() - 3]->voice);
}

TEST_CASE("silence has the level -127, and nobody speaks in it") {
  const std::string mimeType = GENERATE("audio/opus", "audio/PCMU", "audio/PCMA");
  CAPTURE(mimeType);
  const auto quiet = encodedLevels(mimeType,
                                   "audiotestsrc wave=silence num-buffers=40 samplesperbuffer=480"
                                   " ! audio/x-raw,rate=48000,channels=2");
  REQUIRE(quiet.size() > 10);
  for (const auto& level : quiet) CHECK(level == AudioLevel{-127, false});
}

TEST_CASE("a packet says nothing of a level that is not asked for") {
  for (const auto& level :
       encodedLevels("audio/opus", "audiotestsrc num-buffers=20", EncoderSettings())) {
    CHECK_FALSE(level);
  }
}

namespace {

std::vector<std::uint8_t> contentOf(GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  std::vector<std::uint8_t> content(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, content.data(), content.size());
  return content;
}

/// Feeds a track to a payloader by hand.
class Fed {
 public:
  Fed(const std::string& mimeType, const std::string& caps) : Fed(mimeType, capsFrom(caps)) {}
  Fed(const std::string& mimeType, Ref<GstCaps> caps, EncoderSettings settings = withLevels())
      : track(std::make_shared<Track>(MediaKind::audio)),
        caps_(std::move(caps)),
        pipeline_("fed"),
        payloader_(pipeline_.add(payloaderOf(mimeType))),
        sink_(pipeline_.add(collector())),
        feed(pipeline_, payloader_, mimeType, std::move(settings)) {
    g_object_set(sink_, "async", FALSE, nullptr);
    gst_element_link(payloader_, sink_);
    track->setCaps(caps_);
    feed.setTrack(track);
    feed.setMode(FeedMode::sends);
  }

  Task<> play() { return pipeline_.setState(GST_STATE_PLAYING, "play"); }
  Task<> stop() { return pipeline_.stop(); }

  /// Of the packet of a frame with this content, 20 ms after the one before.
  std::optional<AudioLevel> levelOf(const std::vector<std::uint8_t>& content) {
    Frame frame;
    frame.caps = caps_;
    frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(content.data(), content.size()));
    GST_BUFFER_DURATION(frame.buffer.get()) = 20 * GST_MSECOND;
    frame.time = gst_element_get_base_time(pipeline_.element()) + time_;
    time_ += 20 * GST_MSECOND;
    track->deliver(frame);
    const auto sample =
        Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink_), 20 * GST_SECOND));
    REQUIRE(sample);
    return levelOfPacket(sample.get());
  }

  std::shared_ptr<Track> track;

 private:
  Ref<GstCaps> caps_;
  Pipeline pipeline_;
  GstElement* payloader_;
  GstElement* sink_;
  GstClockTime time_ = GST_SECOND;

 public:
  TrackFeed feed;
};

}  // namespace

TEST_CASE("PCMU and PCMA that go out untouched say how loud they are") {
  runTest([]() -> Task<> {
    Fed mulaw("audio/PCMU", "audio/x-mulaw, rate=(int)8000, channels=(int)1");
    co_await mulaw.play();
    const std::vector<std::uint8_t> loud(160, 0x8f);
    const std::vector<std::uint8_t> quiet(160, 0xff);
    CHECK(mulaw.levelOf(loud) == AudioLevel{-6, false});
    for (int i = 0; i < 3; ++i) mulaw.levelOf(loud);
    CHECK(mulaw.levelOf(loud) == AudioLevel{-6, true});
    CHECK(mulaw.levelOf(quiet) == AudioLevel{-127, true});
    co_await mulaw.stop();
    Fed alaw("audio/PCMA", "audio/x-alaw, rate=(int)8000, channels=(int)1");
    co_await alaw.play();
    CHECK(alaw.levelOf(std::vector<std::uint8_t>(160, 0xba)) == AudioLevel{-6, false});
    co_await alaw.stop();
  }());
}

TEST_CASE("Opus that goes out untouched is decoded for its level only where that is asked for") {
  const auto caps = capsFrom(
      "audio/x-opus, rate=(int)48000, channels=(int)2, channel-mapping-family=(int)0, "
      "stream-count=(int)1, coupled-count=(int)1");
  GstElement* encoded = collector();
  Row chain({bin("audiotestsrc volume=0.5 num-buffers=40 samplesperbuffer=960"
                 " ! audio/x-raw,rate=48000,channels=2"),
             makeEncoderBin("audio/opus", EncoderSettings()), encoded});
  chain.play();
  const auto frames = collect(encoded);
  REQUIRE(frames.size() > 30);
  EncoderSettings settings = withLevels();
  settings.opusLevel = GENERATE(true, false);
  CAPTURE(settings.opusLevel);
  runTest([](std::vector<Ref<GstSample>> samples, Ref<GstCaps> format,
             EncoderSettings wanted) -> Task<> {
    Fed opus("audio/opus", format, wanted);
    co_await opus.play();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto level = opus.levelOf(contentOf(samples[i].get()));
      CHECK(level.has_value() == wanted.opusLevel);
      // The encoder fills the last one up with silence.
      if (level && i > 5 && i + 1 < samples.size()) CHECK(std::abs(level->dBov - -9) <= 1);
    }
    if (wanted.opusLevel) {
      CHECK_FALSE(opus.levelOf({0xff, 0xff, 0xff}));  // no packet of Opus
      CHECK(opus.levelOf(contentOf(samples.back().get())));
    }
    co_await opus.stop();
  }(frames, caps, settings));
}

TEST_CASE("a muted track has the level of silence, and that of its sound when it is unmuted") {
  runTest([]() -> Task<> {
    Fed raw("audio/PCMU",
            "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)8000, "
            "channels=(int)1");
    co_await raw.play();
    std::vector<std::uint8_t> loud(320, 0);
    for (std::size_t i = 1; i < loud.size(); i += 2) loud[i] = 0x40;  // 16384
    CHECK(raw.levelOf(loud)->dBov == -6);
    raw.feed.setMode(FeedMode::mutes);
    CHECK(raw.levelOf(loud)->dBov == -127);
    raw.feed.setMode(FeedMode::sends);
    CHECK(raw.levelOf(loud)->dBov == -6);
    co_await raw.stop();
  }());
}
