// What a client sends and what it does with what it receives.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/client/producer.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/media/record/record_sink.hpp"
#include "cosoup/media/sink/element_sink.hpp"
#include "cosoup/media/sink/frame_sink.hpp"
#include "cosoup/media/sink/sink.hpp"
#include "cosoup/media/source/app_source.hpp"
#include "cosoup/media/source/media_devices.hpp"
#include "cosoup/media/source/source.hpp"

namespace cosoup {

/// How tracks are sent that have to be encoded; those that are encoded already stay as they are.
struct EncodingConfig {
  EncodingConfig() = default;

  std::string videoCodec;    ///< "video/VP9"; empty: the room's first that can be encoded here
  std::string audioCodec;    ///< "audio/PCMU"; empty: likewise
  std::string videoEncoder;  ///< GStreamer's name of it, "x264enc"; empty: the best one
  std::string audioEncoder;  ///< likewise
  /// How raw video is encoded, by ProduceOptions::encodings: several are simulcast, and
  /// `video.resize(3)` is enough to have three layers. Video that is encoded already goes out as it
  /// is.
  std::vector<RtpEncodingParameters> video;
  /// An absent opusNack means yes here, also for Opus that is encoded already.
  ProducerCodecOptions codecOptions;
  /// As of ProduceOptions: of Opus that is encoded already.
  bool levelOfEncodedOpus = false;
};

/// What to send. Every join makes its sources again.
class COSOUP_API ProduceConfig {
 public:
  using MakeSource = std::function<std::shared_ptr<Source>()>;

  /// One of the sources, and the appData of its producers.
  struct Item {
    MakeSource make;
    Json appData = Json::object();
  };

  /// Nothing.
  ProduceConfig() = default;
  static ProduceConfig none() { return ProduceConfig(); }
  static ProduceConfig test(TestSourceOptions options = TestSourceOptions());
  static ProduceConfig file(std::string path, FileSourceOptions options = FileSourceOptions());
  /// Of anything that GStreamer can read; see makeUriSource().
  static ProduceConfig uri(std::string uri, UriSourceOptions options = UriSourceOptions());
  static ProduceConfig camera(CameraOptions options = CameraOptions());
  static ProduceConfig microphone(MicrophoneOptions options = MicrophoneOptions());
  static ProduceConfig screen(ScreenOptions options = ScreenOptions());
  static ProduceConfig launch(std::string description);
  /// Your own source; the function is called for every join.
  static ProduceConfig from(MakeSource make);
  /// This source, for one join: one that you push frames into, for example.
  static ProduceConfig from(std::shared_ptr<Source> source);

  /// Sends what `other` sends, too; its other settings do not count.
  ProduceConfig& add(const ProduceConfig& other);

  /// What the server and the other peers are told with the producers of the sources that are there
  /// so far; an object, else producing throws Error(InvalidArgument). That of screen() is
  /// {"share": true}, by which the demo's app knows a screen; of the others it is empty.
  ProduceConfig& setAppData(const Json& appData);

  /// Produce as part of joinRoom(), else when play() is called.
  bool autoProduce = true;

  /// Of all sources.
  EncodingConfig encoding;

  /// As ProduceOptions::playoutDelay, of all sources.
  std::optional<PlayoutDelay> playoutDelay;

  const std::vector<Item>& sources() const { return sources_; }

 private:
  std::vector<Item> sources_;
};

/// What to do with what the other peers send.
class COSOUP_API ConsumeConfig {
 public:
  using MakeSink = std::function<std::shared_ptr<Sink>()>;

  /// Receive nothing at all.
  static ConsumeConfig none() {
    ConsumeConfig config(nullptr);
    config.data = false;
    return config;
  }
  /// Receive messages, but neither audio nor video.
  static ConsumeConfig dataOnly() { return ConsumeConfig(nullptr); }
  /// Receive everything, keep nothing.
  static ConsumeConfig discard() { return ConsumeConfig(&makeDiscardSink); }
  /// One file per peer below the directory; see makeRecordSink().
  static ConsumeConfig record(std::string directory);
  static ConsumeConfig record(RecordOptions options);
  /// On the screen and the speakers; see makePlaySink().
  static ConsumeConfig play() { return ConsumeConfig(&makePlaySink); }
  /// Each track into a GStreamer bin of this description; see makeLaunchSink().
  static ConsumeConfig launch(std::string description);
  /// Your own sink; the function is called for every join.
  static ConsumeConfig into(MakeSink make) { return ConsumeConfig(std::move(make)); }
  /// This sink, for one join: frames that you take, for example.
  static ConsumeConfig into(std::shared_ptr<Sink> sink);

  /// Null: neither audio nor video is consumed.
  const MakeSink& sink() const { return sink_; }

  /// Whether to receive the data producers of the others and of the server's bot.
  bool data = true;
  /// See ConsumeOptions::latency.
  std::optional<std::chrono::milliseconds> latency;

 private:
  explicit ConsumeConfig(MakeSink make) : sink_(std::move(make)) {}
  MakeSink sink_;
};

}  // namespace cosoup
