// Header extensions of packets that have come through the room.
#include <gst/rtp/rtp.h>

#include <mutex>

#include "cosoup/media/codec_caps.hpp"
#include "integration/device_peer.hpp"
#include "integration/frame_watch.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/corners.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kCaptureTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

std::uint8_t idOf(const RtpParameters& parameters, const std::string& uri) {
  for (const auto& extension : parameters.headerExtensions) {
    if (extension.uri == uri) return extension.id;
  }
  return 0;
}

/// 32.32 fixed point.
double ntpSeconds(const guint8* bytes) {
  std::uint64_t time = 0;
  for (int i = 0; i < 8; ++i) time = time << 8 | bytes[i];
  return static_cast<double>(time) / 4294967296.0;
}

/// The capture times in the packets of a stream, in s of Unix time, each with when it came.
/// Thread-safe.
class CaptureTimes {
 public:
  struct Reading {
    double captured;
    double arrived;
  };

  explicit CaptureTimes(std::uint8_t id) : id_(id) {}

  static void watch(std::shared_ptr<CaptureTimes> times, GstPad* pad) {
    using Holder = std::shared_ptr<CaptureTimes>;
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
          (*static_cast<Holder*>(data))->read(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        new Holder(std::move(times)), [](gpointer data) { delete static_cast<Holder*>(data); });
  }

  std::vector<Reading> readings() const {
    const std::lock_guard lock(mutex_);
    return readings_;
  }
  std::size_t packets() const {
    const std::lock_guard lock(mutex_);
    return packets_;
  }

 private:
  void read(GstBuffer* packet) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp)) return;
    gpointer data = nullptr;
    guint size = 0;
    const std::lock_guard lock(mutex_);
    ++packets_;
    // mediasoup makes the long form of it, with its clock's offset behind the time.
    if (gst_rtp_buffer_get_extension_onebyte_header(&rtp, id_, 0, &data, &size) &&
        (size == 8 || size == 16)) {
      const double time = ntpSeconds(static_cast<const guint8*>(data)) - 2208988800.0;
      readings_.push_back({time, static_cast<double>(g_get_real_time()) / 1e6});
    }
    gst_rtp_buffer_unmap(&rtp);
  }

  const std::uint8_t id_;
  mutable std::mutex mutex_;
  std::vector<Reading> readings_;
  std::size_t packets_ = 0;
};

using TimesByKind = std::map<MediaKind, std::shared_ptr<CaptureTimes>>;

void watchWith(DevicePeer& peer, TimesByKind& times) {
  peer.beforeConsume = [&times](ConsumeOptions& options) {
    auto& own = times[options.kind];
    own = std::make_shared<CaptureTimes>(idOf(options.rtpParameters, kCaptureTime));
    options.onRtpReceiver = [own](GstPad* pad) { CaptureTimes::watch(own, pad); };
  };
}

/// Packets that nobody takes are dropped before an app sees them.
Task<bool> takesAll(DevicePeer& peer, std::size_t streams) {
  if (peer.consumers.size() < streams) co_return false;
  for (const auto& consumer : peer.consumers) {
    consumer->track()->addReceiver(std::make_shared<FrameWatch>());
  }
  co_return true;
}

Task<bool> haveReadings(const TimesByKind& times, std::size_t count) {
  if (times.size() < 2) co_return false;
  for (const auto& [kind, own] : times) {
    if (own->readings().size() < count) co_return false;
  }
  co_return true;
}

Task<bool> havePackets(const TimesByKind& times, std::size_t count) {
  co_return !times.empty() && times.begin()->second->packets() >= count;
}

Task<> tellsCaptureTimes() {
  DeviceCall call(sharedServer());
  TimesByKind times;
  watchWith(call.bob, times);
  co_await call.begin();
  for (const auto& producer : call.ada.producers) {
    CHECK(idOf(producer->rtpParameters(), kCaptureTime) > 0);
  }
  co_await eventually("bob takes both streams", [&] { return takesAll(call.bob, 2); });
  co_await eventually("three capture times of each stream", [&] { return haveReadings(times, 3); });
  co_await call.end();
  for (const auto& [kind, own] : times) {
    INFO(toString(kind));
    double before = 0;
    for (const CaptureTimes::Reading& reading : own->readings()) {
      CHECK(reading.captured > before);
      CHECK(reading.captured < reading.arrived);
      before = reading.captured;
    }
    // It is a time of this clock, however slow the machine is.
    CHECK(own->readings().back().arrived - before < 30);
    CHECK(own->readings().size() < own->packets() / 10);
  }
}

/// A file is of no moment.
Task<> tellsNoneOfFiles(TemporaryFolder& folder) {
  const std::string path = folder.path() + "/clip.webm";
  runToEnd(cornersLine(folder.path() + "/raw", 320, 240, 120) +
           "vp8enc deadline=1 keyframe-max-dist=15 ! webmmux ! filesink location=" + path);
  const std::string room = freshRoom();
  DevicePeer ada(sharedServer(), room, "ada");
  DevicePeer bob(sharedServer(), room, "bob");
  TimesByKind times;
  watchWith(bob, times);
  co_await ada.connect();
  co_await bob.connect();
  co_await bob.join();
  co_await ada.join();
  const auto source = makeFileSource(path, FileSourceOptions(true));
  co_await source->open(encodedCaps(ada.device.sendRtpCapabilities()));
  ProduceOptions options(source->tracks().at(0));
  CHECK_FALSE(options.track->isLive());
  const auto producer = co_await ada.send->produce(std::move(options));
  CHECK(idOf(producer->rtpParameters(), kCaptureTime) > 0);
  co_await source->play();
  co_await eventually("bob takes the stream", [&] { return takesAll(bob, 1); });
  co_await eventually("packets", [&] { return havePackets(times, 100); });
  CHECK(times.at(MediaKind::video)->readings().empty());
  co_await source->close();
  co_await ada.leave();
  co_await bob.leave();
}

Task<bool> knowDelay(const std::vector<std::shared_ptr<Consumer>>& consumers,
                     std::optional<PlayoutDelay> delay) {
  if (consumers.size() < 2) co_return false;
  for (const auto& consumer : consumers) {
    if (consumer->playoutDelay() != delay) co_return false;
  }
  co_return true;
}

Task<> tellsPlayoutDelay() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  Member late(sharedServer(), ada.room, "late");
  const PlayoutDelay wanted(100ms, 2500ms);
  ProduceConfig produce = ProduceConfig::test();
  produce.playoutDelay = wanted;
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.join(std::move(produce), ConsumeConfig::discard());
  co_await eventually("bob knows", [&] { return knowDelay(bob.consumers, wanted); });
  co_await ada.receives(2);
  CHECK_FALSE(ada.consumers.at(0)->playoutDelay());
  CHECK_FALSE(ada.consumers.at(1)->playoutDelay());
  // Who comes when it is not in every packet any more.
  co_await bob.receives(2, 3s);
  co_await bob.leave();
  co_await late.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await eventually("the late one knows", [&] { return knowDelay(late.consumers, wanted); });
  co_await leaveAll(ada, late);
}

Task<> refusesDelay() {
  Member ada(sharedServer(), freshRoom(), "ada");
  ProduceConfig produce = ProduceConfig::test();
  produce.playoutDelay.emplace(500ms, 100ms);
  std::string text;
  try {
    co_await ada.join(std::move(produce), ConsumeConfig::none());
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::InvalidArgument);
    text = error.what();
  }
  CHECK(text.find("playout delay: the least is more than the most") != std::string::npos);
  co_await ada.leave();
}

}  // namespace

// mediasoup 3.8 has no abs-capture-time.
TEST_CASE("packets of what is captured now say when, once a second", "[newer-mediasoup]") {
  runTest(tellsCaptureTimes(), 60s);
}

TEST_CASE("packets of a file say nothing of a time of capture", "[newer-mediasoup]") {
  TemporaryFolder folder;
  runTest(tellsNoneOfFiles(folder), 60s);
}

// mediasoup 3.12 has no playout-delay.
TEST_CASE("receivers are told the playout delay that a producer asks for, late ones too",
          "[newer-mediasoup]") {
  runTest(tellsPlayoutDelay(), 60s);
}

TEST_CASE("a playout delay that makes no sense is refused before the server hears of it") {
  runTest(refusesDelay(), 60s);
}
