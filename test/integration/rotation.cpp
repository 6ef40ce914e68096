// Phones that were held upright: pictures that travel with their rotation.
#include <algorithm>
#include <map>
#include <mutex>

#include "integration/forwarding_signaler.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/corners.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOrientation = "urn:3gpp:video-orientation";

/// Hides a header extension of the router, as if the room did not have it.
class ForgetfulSignaler final : public ForwardingSignaler {
 public:
  explicit ForgetfulSignaler(std::string uri) : uri_(std::move(uri)) {}

  Task<RtpCapabilities> getRouterRtpCapabilities() override {
    RtpCapabilities capabilities = co_await protoo_.getRouterRtpCapabilities();
    std::erase_if(capabilities.headerExtensions,
                  [&](const auto& extension) { return extension.uri == uri_; });
    co_return capabilities;
  }

 private:
  const std::string uri_;
};

/// The rotations of the encoded frames of a track, each change once. Thread-safe.
class Rotations final : public FrameReceiver {
 public:
  void onFrame(const Frame& frame) override {
    const std::lock_guard lock(mutex_);
    if (changes_.empty() || changes_.back() != frame.rotation) changes_.push_back(frame.rotation);
  }
  std::vector<int> changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<int> changes_;
};

/// Bob's look at what he gets.
struct View {
  std::string corners;
  std::string mimeType;
  std::vector<int> rotations;
};

/// Takes pictures until one is clear.
Task<std::string> clearPicture(std::shared_ptr<FrameSink> sink) {
  while (auto received = co_await sink->next()) {
    if (received->kind != MediaKind::video) continue;
    const Frame& frame = received->frame;
    const std::string corners = cornersOf(frame.buffer.get(), frame.caps.get());
    if (corners.find('?') == std::string::npos) co_return corners;
  }
  co_return "none";
}

Task<> watch(ProduceConfig produce, std::unique_ptr<Signaler> signaler, View& view) {
  Member ada(sharedServer(), freshRoom(), "ada", std::move(signaler));
  Member bob(sharedServer(), ada.room, "bob");
  const auto rotations = std::make_shared<Rotations>();
  const Connection onConsuming =
      bob.client.events().on<event::Consuming>([&](const event::Consuming& consuming) {
        if (consuming.consumer->kind() != MediaKind::video) return;
        view.mimeType = consuming.consumer->mimeType();
        consuming.consumer->track()->addReceiver(rotations);
      });
  const auto sink = makeFrameSink(FrameSinkOptions(FrameSinkOptions::Form::raw));
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::into(sink));
  co_await ada.join(std::move(produce), ConsumeConfig::none());
  view.corners = co_await withTimeout(20s, clearPicture(sink), "a picture");
  view.rotations = rotations->changes();
  CHECK(ada.failures.empty());
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob);
}

ProduceConfig phoneClip(const TemporaryFolder& folder) {
  const std::string path = folder.path() + "/phone.mp4";
  makePhoneClip(path, 90, quarterTurn);
  return ProduceConfig::file(path, FileSourceOptions(true));
}

Task<bool> holds(bool condition) { co_return condition; }

/// The picture of a recording, as a player shows it.
Task<> look(std::string path, std::string& corners) {
  const auto source = makeFileSource(path);
  class LastPicture final : public FrameReceiver {
   public:
    void onFrame(const Frame& frame) override {
      const std::lock_guard lock(mutex);
      corners = cornersOf(frame.buffer.get(), frame.caps.get());
    }
    std::mutex mutex;
    std::string corners;
  };
  const auto picture = std::make_shared<LastPicture>();
  bool ended = false;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  co_await source->open(nullptr);
  for (const auto& track : source->tracks()) {
    if (track->kind() == MediaKind::video) track->addReceiver(picture);
  }
  co_await source->play();
  co_await eventually("the end of the recording", [&] { return holds(ended); });
  co_await source->close();
  corners = picture->corners;
}

Task<> recordsMp4(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  RecordOptions options(folder.path());
  options.container = RecordOptions::Container::mp4;
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(std::move(options)));
  ProduceConfig produce = phoneClip(folder);
  co_await ada.join(std::move(produce), ConsumeConfig::none());
  co_await bob.receives(1, 2s);
  co_await leaveAll(ada, bob);
  REQUIRE(bob.recordings.size() == 1);
  std::string corners;
  co_await look(bob.recordings[0].path, corners);
  CHECK(corners == "BRWG");
  CHECK(bob.failures.empty());
}

/// Pushes key frames of a picture, first as it is, then turned.
Task<> pushTurning(std::shared_ptr<AppSource> source, Frame picture, const bool& turned) {
  try {
    while (true) {
      Frame frame = picture;
      frame.rotation = turned ? 270 : 0;
      co_await source->push(std::move(frame));
      co_await sleepFor(33ms);
    }
  } catch (const Error&) {
    // the source is closed
  }
}

Task<bool> showsLast(std::shared_ptr<Rotations> rotations, int rotation) {
  const std::vector<int> changes = rotations->changes();
  co_return !changes.empty() && changes.back() == rotation;
}

Task<> turnsMidway(TemporaryFolder& folder, Frame picture) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  const auto rotations = std::make_shared<Rotations>();
  const Connection onConsuming =
      bob.client.events().on<event::Consuming>([&](const event::Consuming& consuming) {
        consuming.consumer->track()->addReceiver(rotations);
      });
  std::vector<std::string> streams = {"video/x-vp8"};
  const auto source = std::make_shared<AppSource>(AppSourceOptions(std::move(streams)));
  const ProduceConfig::MakeSource make = [source] { return source; };
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  co_await ada.join(ProduceConfig::from(make), ConsumeConfig::none());
  bool turned = false;
  Scope scope;
  scope.spawn(pushTurning(source, std::move(picture), turned));
  co_await bob.receives(1, 1500ms);
  co_await eventually("it stands", [&] { return showsLast(rotations, 0); });
  turned = true;
  co_await eventually("it has turned", [&] { return showsLast(rotations, 270); });
  co_await eventually("the first file is final", [&] { return holds(!bob.recordings.empty()); });
  CHECK(rotations->changes() == std::vector<int>{0, 270});
  co_await leaveAll(ada, bob);
  co_await scope.close();
  CHECK(bob.recordings.size() == 2);
  CHECK(bob.failures.empty());
}

/// One frame of VP8, which is a key frame.
Frame encodedPicture(const TemporaryFolder& folder) {
  const std::string path = folder.path() + "/one.vp8";
  runToEnd(cornersLine(folder.path() + "/raw", 160, 120, 1) +
           "vp8enc deadline=1 ! filesink location=" + path);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Frame frame;
  frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
  gst_buffer_fill(frame.buffer.get(), 0, bytes.data(), bytes.size());
  return frame;
}

}  // namespace

TEST_CASE("a phone's file goes out as it is, and is shown upright") {
  TemporaryFolder folder;
  View view;
  runTest(watch(phoneClip(folder), std::make_unique<ProtooSignaler>(), view), 90s);
  CHECK(view.mimeType == "video/H264");
  CHECK(view.rotations == std::vector<int>{90});
  CHECK(view.corners == "BRWG");
}

TEST_CASE("in a room without video-orientation a phone's file is turned before it is encoded") {
  TemporaryFolder folder;
  View view;
  runTest(watch(phoneClip(folder), std::make_unique<ForgetfulSignaler>(kOrientation), view), 90s);
  CHECK(view.rotations == std::vector<int>{0});
  CHECK(view.corners == "BRWG");
}

TEST_CASE("the MP4 of a phone's picture that came through the room plays upright") {
  TemporaryFolder folder;
  runTest(recordsMp4(folder), 90s);
}

TEST_CASE("a picture that turns midway turns for the receiver, and begins a next recording") {
  TemporaryFolder folder;
  runTest(turnsMidway(folder, encodedPicture(folder)), 90s);
}
