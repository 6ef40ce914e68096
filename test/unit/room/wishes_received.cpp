// What an app has switched off of what others send stays off, over as many connections as it takes.
#include <algorithm>

#include "cosoup/room/wishes.hpp"
#include "support/eventually.hpp"
#include "support/run_test.hpp"
#include "unit/room/call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// Where in the list of requests; -1 when it was not asked.
int placeOf(const Call& call, const std::string& request) {
  const auto& requests = call.wire->requests;
  const auto found = std::find(requests.begin(), requests.end(), request);
  return found == requests.end() ? -1 : static_cast<int>(found - requests.begin());
}

}  // namespace

TEST_CASE("a paused consumer gives no frame in the next session, and the server is told at once") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.joinBob();
    const auto face = ada.consumer("face");
    co_await ada.client.pauseConsumer(face);
    const Error negative = co_await thrownBy(ada.client.setPreferredLayers(face, -1, std::nullopt));
    CHECK(negative.code() == Error::Code::InvalidArgument);
    co_await ada.client.setPreferredLayers(face, 1, std::nullopt);
    co_await ada.client.setPriority(face, 7);
    co_await ada.comeBack();
    co_await eventually("both are there", [&] { return ada.answers.size() == 2; });
    co_await eventually("all is told", [&] { return ada.asked("setConsumerPriority face 7"); });
    const auto next = ada.consumer("face");
    REQUIRE(next);
    CHECK(next != face);
    CHECK(next->isPaused());
    CHECK(placeOf(ada, "pauseConsumer face") == placeOf(ada, "answer face 0") + 1);
    CHECK(ada.asked("setConsumerPreferredLayers face 1"));
    CHECK_FALSE(ada.consumer("voice")->isPaused());
    co_await ada.client.resumeConsumer(face);
    CHECK_FALSE(next->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("a consumer that the app has closed is refused in the next session") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.joinBob();
    ada.consumer("face")->close();
    CHECK_FALSE(ada.consumer("face"));
    co_await ada.comeBack();
    co_await eventually("both are answered", [&] { return ada.answers.size() == 2; });
    CHECK(ada.asked("answer face 403"));
    CHECK(ada.asked("answer voice 0"));
    CHECK_FALSE(ada.consumer("face"));
    co_await ada.client.close();
  }());
}

TEST_CASE("a paused stream stays paused when its sender comes back under other ids, too") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.joinBob();
    co_await ada.client.pauseConsumer(ada.consumer("face"));
    ada.wire->joined = [&ada] {
      ada.offer("voice 2", "another voice", MediaKind::audio, 1001);
      ada.offer("face 2", "another face", MediaKind::video, 2002);
    };
    co_await ada.comeBack();
    co_await eventually("both are there", [&] { return ada.consumers.size() == 2; });
    CHECK(ada.consumer("face 2")->isPaused());
    CHECK_FALSE(ada.consumer("voice 2")->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("what a sender begins anew while both are there is not what was paused before") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.joinBob();
    co_await ada.client.pauseConsumer(ada.consumer("face"));
    notification::ConsumerClosed ended;
    ended.consumerId = "face";
    ada.wire->notify(ended);
    ada.offer("screen", "bob's second face", MediaKind::video, 3000);
    co_await eventually("it is there", [&] { return ada.consumers.size() == 3; });
    CHECK_FALSE(ada.consumer("screen")->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("the sender's resume does not lift the pause of the one who receives") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.joinBob();
    const auto face = ada.consumer("face");
    notification::ConsumerPaused paused;
    paused.consumerId = "face";
    ada.wire->notify(paused);
    co_await ada.next<event::ConsumerPaused>();
    face->pause();
    notification::ConsumerResumed resumed;
    resumed.consumerId = "face";
    ada.wire->notify(resumed);
    co_await ada.next<event::ConsumerResumed>();
    CHECK(face->isPaused());
    face->resume();
    CHECK_FALSE(face->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("a data consumer that is paused or closed stays so in the next session") {
  runTest([]() -> Task<> {
    for (const bool closes : {false, true}) {
      Call ada;
      ada.wire->joined = [&ada] { ada.offerData("chat", "bob's chat"); };
      co_await ada.join();
      co_await eventually("it is there", [&] { return ada.dataConsumers.size() == 1; });
      const auto chat = ada.dataConsumers.at(0);
      if (closes) chat->close();
      if (!closes) chat->pause();
      co_await ada.comeBack();
      co_await eventually("it is answered", [&] { return ada.answers.size() == 1; });
      CHECK(ada.answers.at(0) == (closes ? "chat 403" : "chat 0"));
      if (!closes) CHECK(ada.client.room()->dataConsumer("chat")->isPaused());
      co_await ada.client.close();
    }
  }());
}

TEST_CASE("of streams that have ended nothing is kept, unless something was asked of them") {
  ConsumerWishes<Consumer> wishes;
  const auto bob = std::make_shared<Peer>(PeerDescription());
  const auto claim = [&](int number) {
    const std::string id = std::to_string(number);
    return wishes.claim("producer" + id, "stream" + id, bob, 1);
  };
  for (int i = 0; i < 100; ++i) claim(i)->taken = false;
  CHECK(wishes.size() == 1);  // the last one, until the next comes
  for (int i = 0; i < 100; ++i) {
    const auto wish = claim(i);
    wish->paused = i < 3;
    wish->taken = false;
  }
  CHECK(wishes.size() == 4);
  CHECK(claim(1)->paused);
}
