#include "cosoup/rtc/codec_options.hpp"

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using example::integer;

namespace {

// Both views of one producer, with options applied.
struct Views {
  RtpParameters local;
  RtpParameters remote;

  Views(MediaKind kind, const ProducerCodecOptions& options)
      : local(ortc::sendingRtpParameters(kind, example::extended())),
        remote(ortc::sendingRemoteRtpParameters(kind, example::extended())) {
    for (RtpParameters* view : {&local, &remote}) {
      view->codecs.front().rtcpFeedback.push_back({"nack", ""});
    }
    applyCodecOptions(local, remote, options);
  }

  const CodecParameters& ofLocal() const { return local.codecs.front().parameters; }
  const CodecParameters& ofRemote() const { return remote.codecs.front().parameters; }
};

bool hasNack(const RtpParameters& parameters) {
  const auto& feedback = parameters.codecs.front().rtcpFeedback;
  return std::find(feedback.begin(), feedback.end(), RtcpFeedback{"nack", ""}) != feedback.end();
}

}  // namespace

TEST_CASE("stereo is announced in the own view and asked for in the remote one") {
  ProducerCodecOptions options;
  options.opusStereo = true;
  const Views views(MediaKind::audio, options);
  CHECK(views.ofLocal() == CodecParameters{{"sprop-stereo", integer(1)}});
  CHECK(views.ofRemote() == CodecParameters{{"stereo", integer(1)}});
}

TEST_CASE("an option that is off is written as 0") {
  ProducerCodecOptions options;
  options.opusStereo = false;
  options.opusFec = false;
  const Views views(MediaKind::audio, options);
  CHECK(views.ofLocal() ==
        CodecParameters{{"sprop-stereo", integer(0)}, {"useinbandfec", integer(0)}});
}

TEST_CASE("fec, dtx, cbr and ptime stand in both views") {
  ProducerCodecOptions options;
  options.opusFec = true;
  options.opusDtx = true;
  options.opusCbr = true;
  options.opusPtime = 20;
  const Views views(MediaKind::audio, options);
  const CodecParameters expected = {{"useinbandfec", integer(1)},
                                    {"usedtx", integer(1)},
                                    {"cbr", integer(1)},
                                    {"ptime", integer(20)}};
  CHECK(views.ofLocal() == expected);
  CHECK(views.ofRemote() == expected);
}

TEST_CASE("limits of opus are the remote view's alone") {
  ProducerCodecOptions options;
  options.opusMaxPlaybackRate = 48000;
  options.opusMaxAverageBitrate = 128000;
  const Views views(MediaKind::audio, options);
  CHECK(views.ofLocal().empty());
  CHECK(views.ofRemote() == CodecParameters{{"maxplaybackrate", integer(48000)},
                                            {"maxaveragebitrate", integer(128000)}});
}

TEST_CASE("audio has no nack unless it is asked for") {
  ProducerCodecOptions options;
  const Views without(MediaKind::audio, options);
  CHECK_FALSE(hasNack(without.local));
  CHECK_FALSE(hasNack(without.remote));
  options.opusNack = true;
  const Views with(MediaKind::audio, options);
  CHECK(hasNack(with.local));
  CHECK(hasNack(with.remote));
}

TEST_CASE("video keeps its nack") {
  const Views views(MediaKind::video, ProducerCodecOptions{});
  CHECK(hasNack(views.local));
  CHECK(hasNack(views.remote));
}

TEST_CASE("bitrates of video are the remote view's alone, and not rtx's") {
  ProducerCodecOptions options;
  options.videoGoogleStartBitrate = 500;
  options.videoGoogleMaxBitrate = 900;
  options.videoGoogleMinBitrate = 100;
  const Views views(MediaKind::video, options);
  CHECK(views.ofLocal().empty());
  CHECK(views.ofRemote() == CodecParameters{{"x-google-start-bitrate", integer(500)},
                                            {"x-google-max-bitrate", integer(900)},
                                            {"x-google-min-bitrate", integer(100)}});
  CHECK(views.remote.codecs.at(1).parameters == CodecParameters{{"apt", integer(97)}});
}

TEST_CASE("options of one kind leave the other alone") {
  ProducerCodecOptions options;
  options.opusStereo = true;
  options.opusFec = true;
  const Views views(MediaKind::video, options);
  CHECK(views.ofLocal().empty());
  CHECK(views.ofRemote() == CodecParameters{{"x-google-start-bitrate", integer(1000)}});
}

TEST_CASE("the options of one producer do not leak into the next") {
  const ortc::ExtendedRtpCapabilities extended = example::extended();
  RtpParameters local = ortc::sendingRtpParameters(MediaKind::audio, extended);
  RtpParameters remote = ortc::sendingRemoteRtpParameters(MediaKind::audio, extended);
  ProducerCodecOptions options;
  options.opusStereo = true;
  applyCodecOptions(local, remote, options);
  CHECK(extended == example::extended());
  CHECK(ortc::sendingRemoteRtpParameters(MediaKind::audio, extended).codecs.front().parameters ==
        CodecParameters{});
}
