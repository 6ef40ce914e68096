// Recordings of real calls.
#include <array>

#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> kOpus{"audio/x-opus"};
const std::vector<std::string> kVp8AndOpus{"audio/x-opus", "video/x-vp8"};

Task<bool> isSet(const bool& flag) { co_return flag; }

Task<bool> hasRecordings(Member& member, std::size_t count) {
  co_return member.recordings.size() >= count;
}

Task<> closesOnLeaving(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.receives(2, 1500ms);
  co_await ada.leave();
  co_await eventually("the recording is final", [&] { return hasRecordings(bob, 1); });
  CHECK(bob.recordings.at(0).peerId == "ada");
  const MediaSummary file = inspect(bob.recordings.at(0).path);
  CHECK(file.codecs == kVp8AndOpus);
  CHECK(file.width == 640);
  CHECK(file.height == 480);
  CHECK(file.seconds > 1.4);
  // Bob is still there for the next one.
  Member eve(sharedServer(), ada.room, "eve");
  co_await eve.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.receives(2, 500ms);
  co_await bob.client.exitRoom();
  CHECK(bob.recordings.size() == 2);
  CHECK(inspect(bob.recordings.at(1).path).codecs == kVp8AndOpus);
  CHECK(bob.failures.empty());
  co_await leaveAll(eve, bob);
}

Task<> survivesTheServer(TemporaryFolder& folder) {
  RoomServer server;
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  co_await bob.receives(2, 500ms);
  server.kill();
  const std::array<Member*, 2> members{&ada, &bob};
  for (Member* member : members) {
    std::string reason;
    try {
      co_await withTimeout(15s, member->client.untilLeft(), "closed");
    } catch (const Error& error) {
      CHECK(error.code() == Error::Code::Disconnected);
      reason = error.what();
    }
    CHECK(reason.starts_with("room: the connection to the server ended"));
  }
  CHECK(bob.recordings.size() == 1);
  CHECK(inspect(bob.recordings.at(0).path).codecs == kVp8AndOpus);
  co_await leaveAll(ada, bob);
}

Task<> recordsTwoPeers(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  Member eve(sharedServer(), ada.room, "eve");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::test(TestSourceOptions(true, false)), ConsumeConfig::none());
  co_await eve.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  co_await eve.receives(3, 500ms);
  co_await eve.leave();
  CHECK(eve.recordings.size() == 2);
  for (const Recording& recording : eve.recordings) {
    const MediaSummary file = inspect(recording.path);
    if (recording.peerId == "ada") CHECK(file.codecs == kVp8AndOpus);
    if (recording.peerId == "bob") CHECK(file.codecs == kOpus);
  }
  co_await leaveAll(ada, bob);
}

/// A recording with many key frames: a file is sent as it is, so that whoever comes in the middle
/// of it sees nothing before the next one.
Task<std::string> recordKeyFrames(TemporaryFolder& folder) {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  ProduceConfig produce = ProduceConfig::launch(
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! "
      "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=10");
  produce.add(ProduceConfig::test(TestSourceOptions(true, false)));
  co_await ada.join(std::move(produce), ConsumeConfig::none());
  co_await bob.receives(2, 4s);
  co_await leaveAll(ada, bob);
  co_return bob.recordings.at(0).path;
}

Task<> sendsAFileUntouched(TemporaryFolder& folder) {
  const std::string path = co_await recordKeyFrames(folder);
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  bool ended = false;
  const Connection connection =
      ada.client.events().on<event::SourceEnded>([&](const auto&) { ended = true; });
  co_await ada.join(ProduceConfig::file(path), ConsumeConfig::none());
  CHECK(ada.producers.at(0)->track()->caps());
  co_await bob.receives(2);
  co_await eventually("the file has ended", [&] { return isSet(ended); });
  co_await eventually("its recording is final", [&] { return hasRecordings(bob, 1); });
  const MediaSummary copy = inspect(bob.recordings.at(0).path);
  CHECK(copy.codecs == kVp8AndOpus);
  CHECK(copy.seconds > inspect(path).seconds - 1.5);
  CHECK(copy.seconds < inspect(path).seconds + 0.5);
  co_await leaveAll(ada, bob);
}

}  // namespace

TEST_CASE("a peer that leaves has its recording closed properly while the call goes on") {
  TemporaryFolder folder;
  runTest(closesOnLeaving(folder), 60s);
}

TEST_CASE("a server that dies ends the call with an error and leaves the recordings playable") {
  TemporaryFolder folder;
  runTest(survivesTheServer(folder), 60s);
}

TEST_CASE("each peer has a recording of its own") {
  TemporaryFolder folder;
  runTest(recordsTwoPeers(folder), 60s);
}

TEST_CASE("a WebM file is sent as it is, to its end, and then its producers close") {
  TemporaryFolder folder;
  runTest(sendsAFileUntouched(folder), 60s);
}
