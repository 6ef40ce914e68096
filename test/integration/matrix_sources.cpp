#include "integration/matrix.hpp"
#include "integration/stream_log.hpp"

namespace cosoup::test {
namespace {

constexpr const char* rawVideo =
    "video/x-raw,format=(string)I420,width=(int)160,height=(int)120,framerate=(fraction)15/1";
constexpr const char* rawAudio =
    "audio/x-raw,format=(string)S16LE,layout=(string)interleaved,channels=(int)1,rate=(int)";

std::string rateFor(const MatrixCodecs& codecs) {
  return codecs.audioMime == "audio/opus" ? "48000" : "8000";
}

std::string livePicture() { return std::string("videotestsrc is-live=true ! ") + rawVideo; }

std::string liveTone(const MatrixCodecs& codecs) {
  return std::string("audiotestsrc is-live=true ! ") + rawAudio + rateFor(codecs);
}

std::string encodedPicture(const MatrixCodecs& codecs) {
  return livePicture() + " ! " + codecs.videoChain;
}

std::string encodedTone(const MatrixCodecs& codecs) {
  return liveTone(codecs) + " ! " + codecs.audioChain;
}

/// A file of two seconds, made once.
std::string fileOf(const MatrixCodecs& codecs, const std::string& folder) {
  const std::string path = folder + "/" + codecs.video + "-" + codecs.audio + ".mkv";
  if (g_file_test(path.c_str(), G_FILE_TEST_EXISTS)) return path;
  const std::string parser = codecs.videoMime == "video/H264" ? " ! h264parse" : "";
  runLine("matroskamux name=m ! filesink location=" + path + " videotestsrc num-buffers=30 ! " +
          rawVideo + " ! " + codecs.videoChain + parser +
          " ! queue ! m. audiotestsrc num-buffers=100 samplesperbuffer=" +
          std::to_string(std::stoi(rateFor(codecs)) / 50) + " ! " + rawAudio + rateFor(codecs) +
          " ! " + codecs.audioChain + " ! queue ! m.");
  return path;
}

ProduceConfig fromFile(const MatrixCodecs& codecs, const std::string& folder, Scope&) {
  return ProduceConfig::file(fileOf(codecs, folder), FileSourceOptions(true));
}

ProduceConfig fromUri(const MatrixCodecs& codecs, const std::string& folder, Scope&) {
  return ProduceConfig::uri("file://" + fileOf(codecs, folder), UriSourceOptions(true));
}

ProduceConfig fromTest(const MatrixCodecs&, const std::string&, Scope&) {
  TestSourceOptions options;
  options.width = 160;
  options.height = 120;
  options.framerate = 15;
  return ProduceConfig::test(options);
}

ProduceConfig fromLaunch(const MatrixCodecs& codecs, const std::string&, Scope&) {
  ProduceConfig config = ProduceConfig::launch(encodedPicture(codecs));
  return config.add(ProduceConfig::launch(encodedTone(codecs)));
}

Ref<GstElement> parseBin(const std::string& line, bool ghost) {
  ensureGStreamer();
  return Ref<GstElement>::sink(gst_parse_bin_from_description(line.c_str(), ghost, nullptr));
}

ProduceConfig fromElement(const MatrixCodecs& codecs, const std::string&, Scope&) {
  const ProduceConfig::MakeSource make = [line = encodedPicture(codecs) + " ! identity " +
                                                 liveTone(codecs) + " ! identity"] {
    return makeElementSource(parseBin(line, false));
  };
  return ProduceConfig::from(make);
}

/// An app's pipeline with two tees, playing while it lives.
struct AppPipeline {
  explicit AppPipeline(const std::string& line)
      : pipeline(Ref<GstElement>::sink(gst_parse_launch(line.c_str(), nullptr))) {
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  }
  AppPipeline(const AppPipeline&) = delete;
  AppPipeline& operator=(const AppPipeline&) = delete;
  ~AppPipeline() { gst_element_set_state(pipeline.get(), GST_STATE_NULL); }

  Ref<GstPad> pad(const char* tee) const {
    const auto found = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), tee));
    return Ref<GstPad>::adopt(gst_element_request_pad_simple(found.get(), "src_%u"));
  }

  const Ref<GstElement> pipeline;
};

ProduceConfig fromPad(const MatrixCodecs& codecs, const std::string&, Scope&) {
  ensureGStreamer();
  const auto app = std::make_shared<AppPipeline>(
      encodedPicture(codecs) + " ! tee name=v allow-not-linked=true " + liveTone(codecs) +
      " ! tee name=a allow-not-linked=true");
  const ProduceConfig::MakeSource video = [app] { return makePadSource(app->pad("v")); };
  const ProduceConfig::MakeSource audio = [app] { return makePadSource(app->pad("a")); };
  ProduceConfig config = ProduceConfig::from(video);
  return config.add(ProduceConfig::from(audio));
}

/// Gives an app source the frames of another source until that one or it ends.
class Pusher final : public FrameReceiver {
 public:
  explicit Pusher(std::shared_ptr<Channel<Frame>> frames) : frames_(std::move(frames)) {}
  void onFrame(const Frame& frame) override {
    post(context_, [frames = frames_, frame] { frames->push(frame); });
  }

 private:
  const MainContext context_ = MainContext::current();
  const std::shared_ptr<Channel<Frame>> frames_;
};

Task<> pass(std::shared_ptr<Channel<Frame>> frames, std::shared_ptr<AppSource> source,
            std::size_t stream) {
  try {
    while (auto frame = co_await frames->next()) {
      co_await source->push(std::move(*frame), stream);
    }
  } catch (const Error&) {
    // the source is closed
  }
}

Task<> feed(std::string line, std::shared_ptr<AppSource> source, std::size_t stream,
            std::string accepted) {
  const auto origin = makeLaunchSource(line);
  const auto frames = std::make_shared<Channel<Frame>>();
  auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(accepted.c_str()));
  co_await origin->open(std::move(caps));
  origin->tracks().at(0)->addReceiver(std::make_shared<Pusher>(frames));
  co_await origin->play();
  std::exception_ptr failure;
  try {
    co_await pass(frames, source, stream);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await shielded(origin->close());
  if (failure) std::rethrow_exception(failure);
}

ProduceConfig push(std::string picture, std::string tone, std::vector<std::string> caps,
                   Scope& scope) {
  const auto source = std::make_shared<AppSource>(AppSourceOptions(caps));
  scope.spawn(feed(std::move(picture), source, 0, caps[0]));
  scope.spawn(feed(std::move(tone), source, 1, caps[1]));
  return ProduceConfig::from(source);
}

ProduceConfig fromAppRaw(const MatrixCodecs& codecs, const std::string&, Scope& scope) {
  return push(livePicture(), liveTone(codecs), {rawVideo, rawAudio + rateFor(codecs)}, scope);
}

ProduceConfig fromAppEncoded(const MatrixCodecs& codecs, const std::string&, Scope& scope) {
  return push(encodedPicture(codecs), encodedTone(codecs), {codecs.videoCaps, codecs.audioCaps},
              scope);
}

constexpr const char* opusChain = "opusenc complexity=0";
constexpr const char* opusCaps = "audio/x-opus, channel-mapping-family=(int)0";

MatrixCodecs h264(const char* name, const char* profile) {
  const std::string caps =
      std::string(
          "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au, "
          "profile=(string)") +
      profile;
  return {name,
          "opus",
          "video/H264",
          "audio/opus",
          std::string("openh264enc gop-size=15 ! video/x-h264,profile=") + profile,
          opusChain,
          caps,
          opusCaps};
}

}  // namespace

std::vector<MatrixCodecs> matrixCodecs() {
  return {
      {"vp8", "opus", "video/VP8", "audio/opus",
       "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=15", opusChain, "video/x-vp8", opusCaps},
      {"vp9", "pcmu", "video/VP9", "audio/PCMU",
       "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist=15", "mulawenc",
       "video/x-vp9, profile=(string)0", "audio/x-mulaw, rate=(int)8000, channels=(int)1"},
      {"h264", "pcma", "video/H264", "audio/PCMA",
       "openh264enc gop-size=15 ! video/x-h264,profile=constrained-baseline", "alawenc",
       "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au, "
       "profile=(string)constrained-baseline",
       "audio/x-alaw, rate=(int)8000, channels=(int)1"},
      h264("h264-main", "main"),
      h264("h264-high", "constrained-high"),
      h264("h264-mode0", "constrained-baseline"),
  };
}

std::vector<MatrixSource> matrixSources() {
  return {
      {"test", &fromTest},       {"file", &fromFile},
      {"uri", &fromUri},         {"launch", &fromLaunch},
      {"element", &fromElement}, {"pad", &fromPad},
      {"app-raw", &fromAppRaw},  {"app-encoded", &fromAppEncoded},
  };
}

}  // namespace cosoup::test
