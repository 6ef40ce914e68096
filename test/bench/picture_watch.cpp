// usage: picture-watch URL ROOM PEER
// Joins a room and watches the known pictures (known_picture.hpp) and the sound that somebody sends
// there, until SIGTERM. Says as JSON, one object a line:
//   {"event": "joined"}, and {"event": "first", "kind"} with the first picture and the first sound
//   {"event": "seen", "video", "audio"} at the end: [ms, number, isBroken, width] of each picture
//   and ms of each frame of sound, when it came, on the monotonic clock. The number is -1 when the
//   picture does not say it.
#include <gst/video/video.h>

#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "bench/known_picture.hpp"
#include "cosoup/cosoup.hpp"

using namespace cosoup;
using namespace cosoup::bench;

namespace {

constexpr double kBrokenShare = 0.02;

void say(const Json& line) {
  std::printf("%s\n", line.text().c_str());
  std::fflush(stdout);
}

Json now() { return Json(static_cast<std::int64_t>(g_get_monotonic_time() / 1000)); }

/// Pictures decoded, sound as it comes: what a decoder makes up for lost sound does not count.
class PairSink final : public Sink {
 public:
  PairSink(std::shared_ptr<Sink> video, std::shared_ptr<Sink> audio)
      : video_(std::move(video)), audio_(std::move(audio)) {}

  void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override {
    Sink& sink = track->kind() == MediaKind::video ? *video_ : *audio_;
    sink.addTrack(std::move(origin), std::move(track));
  }
  void removeTrack(std::string consumerId) override {
    video_->removeTrack(consumerId);
    audio_->removeTrack(std::move(consumerId));
  }
  Task<> close() override {
    co_await video_->close();
    co_await audio_->close();
  }

 private:
  std::shared_ptr<Sink> video_;
  std::shared_ptr<Sink> audio_;
};

/// [number, isBroken, width]; a frame that cannot be mapped says nothing.
struct Seen {
  int number = -1;
  bool isBroken = true;
  int width = 0;
};

Seen look(const Frame& frame) {
  Seen seen;
  GstVideoInfo info;
  GstVideoFrame mapped;
  if (!gst_video_info_from_caps(&info, frame.caps.get())) return seen;
  if (!gst_video_frame_map(&mapped, &info, frame.buffer.get(), GST_MAP_READ)) return seen;
  SeenLuma luma;
  luma.width = seen.width = GST_VIDEO_FRAME_WIDTH(&mapped);
  luma.height = GST_VIDEO_FRAME_HEIGHT(&mapped);
  luma.stride = GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, 0);
  luma.bytes = {static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&mapped, 0)),
                static_cast<std::size_t>(luma.stride * luma.height)};
  seen.number = readNumber(luma);
  seen.isBroken = seen.number < 0 || brokenShare(seen.number, luma) > kBrokenShare;
  gst_video_frame_unmap(&mapped);
  return seen;
}

class Watch {
 public:
  std::shared_ptr<Sink> sink() const { return std::make_shared<PairSink>(video_, audio_); }

  Task<> watchVideo() {
    while (auto received = co_await video_->next()) {
      tellFirst(hasPicture_, "video");
      const Json came = now();
      const Seen seen = look(received->frame);
      Json entry = Json::array();
      entry.push(came);
      entry.push(Json(static_cast<std::int64_t>(seen.number)));
      entry.push(Json(seen.isBroken));
      entry.push(Json(static_cast<std::int64_t>(seen.width)));
      pictures_.push(entry);
    }
  }

  Task<> hearAudio() {
    while (const auto sound = co_await audio_->next()) {
      tellFirst(hasSound_, "audio");
      sounds_.push(now());
    }
  }

  void tellAll() const {
    say(Json::object({{"event", "seen"}, {"video", pictures_}, {"audio", sounds_}}));
  }

 private:
  static std::shared_ptr<FrameSink> sinkFor(FrameSinkOptions::Form form) {
    FrameSinkOptions options(form);
    return makeFrameSink(std::move(options));
  }
  static void tellFirst(bool& isTold, const char* kind) {
    if (std::exchange(isTold, true)) return;
    say(Json::object({{"event", "first"}, {"kind", kind}}));
  }

  std::shared_ptr<FrameSink> video_ = sinkFor(FrameSinkOptions::Form::raw);
  std::shared_ptr<FrameSink> audio_ = sinkFor(FrameSinkOptions::Form::encoded);
  bool hasPicture_ = false;
  bool hasSound_ = false;
  Json pictures_ = Json::array();
  Json sounds_ = Json::array();
};

Task<int> run(std::string url, std::string room, std::string peer) {
  MediasoupClient client;
  Scope scope;
  Watch watch;
  int status = 0;
  try {
    RoomAddress address(std::move(url), std::move(room));
    PeerInfo me(peer, peer);
    ConsumeConfig consume = ConsumeConfig::into(watch.sink());
    scope.spawn(watch.watchVideo());
    scope.spawn(watch.hearAudio());
    co_await client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                             std::move(consume));
    say(Json::object({{"event", "joined"}}));
    co_await client.untilLeft();
  } catch (const Cancelled&) {  // SIGTERM
  } catch (const Error& error) {
    std::fprintf(stderr, "picture-watch: %s\n", error.what());
    status = 1;
  }
  co_await shielded(client.close());
  co_await shielded(scope.close());
  watch.tellAll();
  co_return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: picture-watch URL ROOM PEER\n");
    return 2;
  }
  return runMain(run(argv[1], argv[2], argv[3]));
}
