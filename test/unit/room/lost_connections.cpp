// What becomes of data channels, consumers and texts when a connection is lost.
#include <optional>

#include "support/eventually.hpp"
#include "support/run_test.hpp"
#include "unit/room/call.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a lost association of the data channels is told, and followed by another session") {
  const std::size_t which = GENERATE(0, 1);
  runTest([](std::size_t transport) -> Task<> {
    Call ada;
    ada.wire->joined = [&ada] { ada.offerData("chat", "bob's chat"); };
    co_await ada.join();
    co_await eventually("it is there", [&] { return ada.dataConsumers.size() == 1; });
    ada.handler.connections().at(transport)->openDataChannels();
    ada.handler.connections().at(transport)->loseDataChannels();
    const auto lost = co_await ada.next<event::Reconnecting>();
    CHECK_THAT(lost.reason.what(), Catch::Matchers::ContainsSubstring("association has ended"));
    co_await ada.next<event::Reconnected>();
    co_await eventually("it is there again", [&] { return ada.dataConsumers.size() == 2; });
    CHECK_FALSE(ada.dataConsumers.back()->isClosed());
    CHECK(ada.failures.empty());
    co_await ada.client.close();
  }(which));
}

TEST_CASE("who is thrown out does not come back because the data channels ended first") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    ada.wire->steps = std::make_shared<testing::Steps>();
    ada.wire->steps->hold("getTransportStats");
    ada.handler.connections().at(1)->openDataChannels();
    ada.handler.connections().at(1)->loseDataChannels();
    co_await ada.wire->steps->untilHeld();
    ada.lose(4000);
    const auto ended = co_await ada.next<event::Disconnected>();
    CHECK_THAT(ended.reason.what(), Catch::Matchers::ContainsSubstring("4000"));
    ada.wire->steps->release();
    co_await ada.client.close();
  }());
}

TEST_CASE("without reconnection a lost association is told, and the call goes on") {
  runTest([]() -> Task<> {
    Call ada;
    ada.client.reconnect.enabled = false;
    co_await ada.join();
    ada.handler.connections().at(1)->openDataChannels();
    ada.handler.connections().at(1)->loseDataChannels();
    co_await ada.next<event::Failed>();
    co_await ada.client.changeDisplayName("Countess");  // throws outside a room
    co_await ada.client.close();
  }());
}

TEST_CASE("a consumer of an attempt to come back that failed is not left in the roster") {
  runTest([]() -> Task<> {
    Call ada;
    ada.wire->joined = [&ada] { ada.offer("voice", "bob's voice", MediaKind::audio, 1000); };
    co_await ada.join();
    co_await eventually("it is there", [&] { return ada.consumers.size() == 1; });
    ada.wire->steps = std::make_shared<testing::Steps>();
    ada.wire->steps->hold("produce");
    ada.wire->failures.emplace("produce", Error(Error::Code::Rejected, "no", 500));
    ada.lose();
    co_await ada.next<event::Reconnecting>();
    co_await eventually("it is there again", [&] { return ada.consumers.size() == 2; });
    ada.wire->steps->release();
    co_await ada.next<event::Reconnecting>();
    CHECK(ada.client.room()->peer("bob")->consumers().empty());
    ada.wire->failures.clear();
    co_await ada.next<event::Reconnected>();
    co_await eventually("it is there again", [&] { return ada.consumers.size() >= 3; });
    CHECK(ada.client.room()->peer("bob")->consumers().size() == 1);
    co_await ada.client.close();
  }());
}

TEST_CASE("a text that was under way when the connection was lost fails as disconnected") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    Scope chatting;
    const auto said = begin(chatting, ada.client.sendChat("hello"));
    co_await eventually("it is asked for", [&] { return ada.asked("produceData chat"); });
    CHECK(chatting.running() == 1);  // nobody takes it
    ada.lose();
    std::optional<Error::Code> code;
    try {
      co_await said.wait();
    } catch (const Error& error) {
      code = error.code();
    }
    CHECK(code == Error::Code::Disconnected);
    co_await chatting.join();
    co_await ada.client.close();
  }());
}
