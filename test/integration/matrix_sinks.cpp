#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "integration/matrix.hpp"

#include "cosoup/async/emit_signal.hpp"

namespace cosoup::test {
namespace {

class Discarding : public MatrixSink {
 public:
  ConsumeConfig consume() override { return ConsumeConfig::discard(); }
};

// "video/x-vp8" for "video/VP8".
std::string capsNameOf(const std::string& mimeType) {
  if (mimeType == "audio/PCMU") return "audio/x-mulaw";
  if (mimeType == "audio/PCMA") return "audio/x-alaw";
  std::string name = mimeType;
  std::transform(name.begin(), name.end(), name.begin(), &g_ascii_tolower);
  return name.insert(name.find('/') + 1, "x-");
}

class Recording : public MatrixSink {
 public:
  Recording(RecordOptions options, const MatrixCodecs& codecs)
      : options_(std::move(options)), codecs_(codecs) {}

  ConsumeConfig consume() override { return ConsumeConfig::record(options_); }
  std::string faultOf(const Member& receiver, const std::string& peer) override {
    std::set<std::string> recorded;
    for (const cosoup::Recording& recording : receiver.recordings) {
      if (recording.peerId != peer) continue;
      if (!recording.path.ends_with(extension())) return "recorded into " + recording.path;
      for (const std::string& codec : inspect(recording.path).codecs) recorded.insert(codec);
    }
    if (!recorded.count(capsNameOf(codecs_.videoMime))) return "no picture was recorded";
    if (!recorded.count(capsNameOf(codecs_.audioMime))) return "no sound was recorded";
    return "";
  }

 protected:
  std::string extension() const {
    if (codecs_.audioMime != "audio/opus") return ".mkv";
    if (codecs_.videoMime != "video/H264") return ".webm";
    return options_.container == RecordOptions::Container::mp4 ? ".mp4" : ".mkv";
  }

 private:
  const RecordOptions options_;
  const MatrixCodecs codecs_;
};

/// All peers in one file, or at least once all are there.
class RecordingRoom final : public Recording {
 public:
  RecordingRoom(RecordOptions options, const MatrixCodecs& codecs, std::size_t peers)
      : Recording(std::move(options), codecs), streams_(2 * peers) {}

  std::string faultOf(const Member& receiver, const std::string&) override {
    if (!fault_) fault_ = faultIn(receiver);
    return *fault_;
  }

 private:
  std::string faultIn(const Member& receiver) const {
    std::size_t most = 0;
    for (const cosoup::Recording& recording : receiver.recordings) {
      if (!recording.path.ends_with(extension())) return "recorded into " + recording.path;
      most = std::max(most, inspect(recording.path).codecs.size());
    }
    return most == streams_ ? "" : "at most " + std::to_string(most) + " streams in a file";
  }

  const std::size_t streams_;
  std::optional<std::string> fault_;
};

class Taking final : public MatrixSink {
 public:
  Taking(FrameSinkOptions::Form form, const MatrixCodecs& codecs)
      : sink_(makeFrameSink(FrameSinkOptions(form))) {
    const bool raw = form == FrameSinkOptions::Form::raw;
    expected_[MediaKind::audio] = raw ? "audio/x-raw" : capsNameOf(codecs.audioMime);
    expected_[MediaKind::video] = raw ? "video/x-raw" : capsNameOf(codecs.videoMime);
  }

  ConsumeConfig consume() override { return ConsumeConfig::into(sink_); }
  Task<> run() override {
    while (const auto received = co_await sink_->next()) {
      const std::string& peer = received->origin->peerId;
      ++counts_[{peer, received->kind}];
      const char* format =
          gst_structure_get_name(gst_caps_get_structure(received->frame.caps.get(), 0));
      if (expected_[received->kind] != format) faults_[peer] = std::string("got ") + format;
    }
  }
  bool hasEnoughOf(const std::string& peer) override {
    return counts_[{peer, MediaKind::audio}] >= 10 && counts_[{peer, MediaKind::video}] >= 10;
  }
  std::string faultOf(const Member&, const std::string& peer) override { return faults_[peer]; }

 private:
  const std::shared_ptr<FrameSink> sink_;
  std::map<MediaKind, std::string> expected_;
  std::map<std::pair<std::string, MediaKind>, int> counts_;
  std::map<std::string, std::string> faults_;
};

bool isWritten(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return !error && size > 1000;
}

/// A launch line for each peer, which writes raw pictures.
class Launching final : public MatrixSink {
 public:
  explicit Launching(std::string folder) : folder_(std::move(folder)) {}

  ConsumeConfig consume() override {
    return ConsumeConfig::into([folder = folder_] { return std::make_shared<Lines>(folder); });
  }
  bool hasEnoughOf(const std::string& peer) override { return isWritten(pathOf(folder_, peer)); }
  std::string faultOf(const Member&, const std::string& peer) override {
    const auto size = std::filesystem::file_size(pathOf(folder_, peer));
    constexpr std::uintmax_t frameBytes = 160 * 120 * 3 / 2;
    return size % frameBytes == 0 ? "" : "wrote part of a picture";
  }

 private:
  /// One sink for each peer, since all instances of one line write to one file.
  class Lines final : public Sink {
   public:
    explicit Lines(std::string folder) : folder_(std::move(folder)) {}
    void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override {
      auto& line = lines_[origin.peerId];
      if (!line) {
        line = makeLaunchSink(
            "video/x-raw,format=I420,width=160,height=120 ! "
            "filesink buffer-mode=unbuffered location=\"" +
            pathOf(folder_, origin.peerId) + "\"");
        connections_.push_back(
            line->failed.connect([this](const Error& error) { emitSignal(failed, error); }));
      }
      line->addTrack(std::move(origin), std::move(track));
    }
    void removeTrack(std::string consumerId) override {
      for (const auto& [peer, line] : lines_) line->removeTrack(consumerId);
    }
    Task<> close() override {
      for (const auto& [peer, line] : lines_) co_await line->close();
    }

   private:
    const std::string folder_;
    std::map<std::string, std::shared_ptr<Sink>> lines_;
    std::vector<Connection> connections_;
  };

  static std::string pathOf(const std::string& folder, const std::string& peer) {
    return folder + "/" + peer + ".i420";
  }

  const std::string folder_;
};

/// An element of the app for each stream, which writes what it is given.
class IntoElements final : public MatrixSink {
 public:
  explicit IntoElements(std::string folder) : folder_(std::move(folder)) {}

  ConsumeConfig consume() override {
    const MakeSinkElement make = [folder = folder_](const TrackOrigin& origin, MediaKind kind) {
      GstElement* sink = gst_element_factory_make("filesink", nullptr);
      g_object_set(sink, "location", pathOf(folder, origin.peerId, kind).c_str(), nullptr);
      gst_util_set_object_arg(G_OBJECT(sink), "buffer-mode", "unbuffered");
      return sink;
    };
    return ConsumeConfig::into([make] { return makeElementSink(make); });
  }
  bool hasEnoughOf(const std::string& peer) override {
    return isWritten(pathOf(folder_, peer, MediaKind::audio)) &&
           isWritten(pathOf(folder_, peer, MediaKind::video));
  }

 private:
  static std::string pathOf(const std::string& folder, const std::string& peer, MediaKind kind) {
    return folder + "/" + peer + "." + toString(kind);
  }

  const std::string folder_;
};

/// On sinks of GStreamer that need neither screen nor sound card.
class Playing final : public MatrixSink {
 public:
  Playing() {
    for (const char* name : {"fakevideosink", "fakeaudiosink"}) {
      GstPluginFeature* feature = gst_registry_lookup_feature(gst_registry_get(), name);
      gst_plugin_feature_set_rank(feature, GST_RANK_PRIMARY + 1000);
      gst_object_unref(feature);
    }
  }
  ConsumeConfig consume() override { return ConsumeConfig::play(); }
};

using Codecs = const MatrixCodecs&;
using Made = std::unique_ptr<MatrixSink>;

Made makeMp4(Codecs codecs, std::string folder, std::size_t) {
  RecordOptions options(std::move(folder));
  options.container = RecordOptions::Container::mp4;
  return std::make_unique<Recording>(std::move(options), codecs);
}

Made makeRoom(Codecs codecs, std::string folder, std::size_t peers) {
  RecordOptions options(std::move(folder));
  options.wholeRoom = true;
  return std::make_unique<RecordingRoom>(std::move(options), codecs, peers);
}

template <class Kind>
Made makeInto(Codecs, std::string folder, std::size_t) {
  return std::make_unique<Kind>(std::move(folder));
}

}  // namespace

std::vector<MatrixColumn> matrixSinks() {
  using Form = FrameSinkOptions::Form;
  return {
      {"discard", [](auto&&...) { return std::make_unique<Discarding>(); }},
      {"record",
       [](Codecs codecs, std::string folder, std::size_t) {
         return std::make_unique<Recording>(RecordOptions(std::move(folder)), codecs);
       }},
      {"mp4", &makeMp4},
      {"room", &makeRoom},
      {"frames",
       [](Codecs codecs, auto&&...) { return std::make_unique<Taking>(Form::encoded, codecs); }},
      {"decoded",
       [](Codecs codecs, auto&&...) { return std::make_unique<Taking>(Form::raw, codecs); }},
      {"launch", &makeInto<Launching>},
      {"element", &makeInto<IntoElements>},
      {"play", [](auto&&...) { return std::make_unique<Playing>(); }},
  };
}

}  // namespace cosoup::test
