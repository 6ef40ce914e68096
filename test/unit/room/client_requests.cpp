// What a client asks the server for.
#include "cosoup/cosoup.hpp"
#include "support/run_test.hpp"
#include "unit/room/fake_signaler.hpp"
#include "unit/room/joined.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<> join(MediasoupClient& client) {
  RoomAddress address("ws://nowhere", "room");
  PeerInfo me("ada", "Ada");
  return client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                         ConsumeConfig::none());
}

}  // namespace

TEST_CASE("a new display name is told to the server and stands in the room") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    MediasoupClient client(std::make_unique<FakeSignaler>(wire));
    co_await join(client);
    co_await client.changeDisplayName("Countess");
    CHECK(wire->requests.back() == "changeDisplayName Countess");
    CHECK(client.room()->me().displayName == "Countess");
    co_await client.close();
  }());
}

TEST_CASE("a display name that the server refuses is not ours") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    wire->failures.emplace("changeDisplayName", Error(Error::Code::Rejected, "too long", 500));
    MediasoupClient client(std::make_unique<FakeSignaler>(wire));
    co_await join(client);
    const Error error = co_await thrownBy(client.changeDisplayName("Countess"));
    CHECK(error.code() == Error::Code::Rejected);
    CHECK(client.room()->me().displayName == "Ada");
    co_await client.close();
  }());
}

TEST_CASE("outside a room nothing can be asked of the server") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    MediasoupClient client(std::make_unique<FakeSignaler>(wire));
    const Error early = co_await thrownBy(client.changeDisplayName("Countess"));
    CHECK(early.code() == Error::Code::InvalidState);
    CHECK(std::string(early.what()) == "changeDisplayName: not in a room");
    co_await join(client);
    co_await client.exitRoom();
    const Error late = co_await thrownBy(client.pauseProducer(nullptr));
    CHECK(std::string(late.what()) == "pauseProducer: not in a room");
    co_await client.close();
  }());
}

TEST_CASE("nothing cannot be paused") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    MediasoupClient client(std::make_unique<FakeSignaler>(wire));
    co_await join(client);
    const Error producer = co_await thrownBy(client.pauseProducer(nullptr));
    CHECK(producer.code() == Error::Code::InvalidState);
    const Error consumer = co_await thrownBy(client.setPriority(nullptr, 1));
    CHECK(std::string(consumer.what()) == "setPriority: nothing given");
    co_await client.close();
  }());
}

TEST_CASE("a server without network throttling says so") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    MediasoupClient client(std::make_unique<FakeSignaler>(wire));
    co_await join(client);
    NetworkThrottle throttle("secret");
    const Error error = co_await thrownBy(client.applyNetworkThrottle(std::move(throttle)));
    CHECK(error.code() == Error::Code::Unsupported);
    co_await client.close();
  }());
}
