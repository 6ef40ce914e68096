// What an app has switched off of what it sends stays off, over as many connections as it takes.
#include "support/run_test.hpp"
#include "unit/room/call.hpp"

using namespace cosoup;
using namespace cosoup::test;

TEST_CASE("a muted producer is muted in the next session before it sends anything") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    co_await ada.client.pauseProducer(ada.producer(MediaKind::audio));
    co_await ada.comeBack();
    const auto audio = ada.producer(MediaKind::audio);
    REQUIRE(audio);
    CHECK(audio->isPaused());
    CHECK(ada.asked("pauseProducer " + audio->id()));
    const auto video = ada.producer(MediaKind::video);
    REQUIRE(video);
    CHECK_FALSE(video->isPaused());
    co_await ada.client.resumeProducer(audio);
    co_await ada.comeBack();
    CHECK_FALSE(ada.producer(MediaKind::audio)->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("a producer that was paused by itself begins paused in the next session") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    ada.producer(MediaKind::video)->pause();
    co_await ada.comeBack();
    CHECK(ada.producer(MediaKind::video)->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("a closed producer stays closed in the next session, by whichever way it was closed") {
  runTest([]() -> Task<> {
    for (const bool told : {true, false}) {
      Call ada;
      co_await ada.join();
      const auto video = ada.producer(MediaKind::video);
      if (told) co_await ada.client.closeProducer(video);
      video->close();
      co_await ada.comeBack();
      CHECK(ada.producers.size() == 1);
      CHECK_FALSE(ada.producer(MediaKind::video));
      CHECK(ada.failures.empty());
      co_await ada.client.close();
    }
  }());
}

TEST_CASE("a client whose producers are all closed comes back without any") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    const auto before = ada.producers;
    for (const auto& producer : before) co_await ada.client.closeProducer(producer);
    co_await ada.comeBack();
    CHECK(ada.producers.empty());
    co_await ada.client.close();
  }());
}

TEST_CASE("a replaced track, limits and appData of a producer are those of the next one") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    const auto video = ada.producer(MediaKind::video);
    const auto other = silentTrack(MediaKind::video);
    RtpEncodingParameters off;
    off.active = false;
    video->replaceTrack(other);
    video->setMaxSpatialLayer(0);
    video->setRtpEncodingParameters(off);
    video->setAppData(Json::object({{"color", "blue"}}));
    ada.producer(MediaKind::audio)->replaceTrack(nullptr);
    const auto ofSource = ada.source->tracks();
    co_await ada.comeBack();
    const auto next = ada.producer(MediaKind::video);
    CHECK(next->track() == other);
    CHECK(next->maxSpatialLayer() == 0);
    CHECK(next->encodings().at(0).active == false);
    CHECK(next->appData() == Json::object({{"color", "blue"}}));
    CHECK(ada.producer(MediaKind::audio)->track() == nullptr);
    CHECK_FALSE(ada.producer(MediaKind::audio)->isPaused());
    for (const auto& track : ofSource) CHECK_FALSE(track->hasReceivers());
    co_await ada.client.close();
  }());
}

TEST_CASE("what is muted or closed while there is no connection is so in the next session") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    const auto audio = ada.producer(MediaKind::audio);
    const auto video = ada.producer(MediaKind::video);
    ada.wire->failures.emplace("connect", Error(Error::Code::Disconnected, "no server"));
    ada.lose();
    co_await ada.next<event::Reconnecting>();
    co_await ada.client.pauseProducer(audio);
    co_await ada.client.closeProducer(video);
    const Error twice = co_await thrownBy(ada.client.closeProducer(video));
    CHECK(std::string(twice.what()) == "closeProducer: it is closed");
    ada.producers.clear();
    ada.wire->failures.clear();
    co_await ada.next<event::Reconnected>();
    REQUIRE(ada.producers.size() == 1);
    CHECK(ada.producers[0]->kind() == MediaKind::audio);
    CHECK(ada.producers[0]->isPaused());
    co_await ada.client.close();
  }());
}

TEST_CASE("what is muted while the server is asked for the next producer is muted") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    const auto audio = ada.producer(MediaKind::audio);
    ada.wire->steps = std::make_shared<testing::Steps>();
    ada.wire->steps->hold("produce");
    ada.producers.clear();
    ada.lose();
    co_await ada.wire->steps->untilHeld();
    co_await ada.client.pauseProducer(audio);
    ada.wire->steps->release();
    co_await ada.next<event::Reconnected>();
    CHECK(ada.producer(MediaKind::audio)->isPaused());
    CHECK(ada.asked("pauseProducer " + ada.producer(MediaKind::audio)->id()));
    co_await ada.client.close();
  }());
}

TEST_CASE("a producer of before stands for its successor") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    const auto first = ada.producer(MediaKind::audio);
    std::shared_ptr<Producer> followed;
    const Connection produced =
        ada.client.events().on<event::Produced>([&](const event::Produced& told) {
          if (told.previous == first) followed = told.producer;
        });
    co_await ada.comeBack();
    CHECK(followed);
    CHECK(followed == ada.producer(MediaKind::audio));
    co_await ada.comeBack();
    const auto third = ada.producer(MediaKind::audio);
    co_await ada.client.pauseProducer(first);
    CHECK(third->isPaused());
    CHECK(ada.asked("pauseProducer " + third->id()));
    co_await ada.client.getServerStats(first);
    CHECK(ada.asked("getProducerStats " + third->id()));
    co_await ada.client.closeProducer(first);
    CHECK(third->isClosed());
    co_await ada.client.close();
  }());
}

TEST_CASE("the app's data producers are opened again, those that it has closed are not") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    DataProduceOptions first("telemetry");
    DataProduceOptions second("drawing");
    const auto telemetry = co_await ada.client.produceData(std::move(first));
    const auto drawing = co_await ada.client.produceData(std::move(second));
    telemetry->setBufferedAmountLowThreshold(1000);
    drawing->close();
    std::vector<std::shared_ptr<DataProducer>> again;
    const Connection made =
        ada.client.events().on<event::DataProduced>([&](const event::DataProduced& told) {
          if (told.previous == telemetry) again.push_back(told.dataProducer);
        });
    co_await ada.comeBack();
    CHECK(ada.asked("produceData telemetry"));
    CHECK_FALSE(ada.asked("produceData drawing"));
    REQUIRE(again.size() == 1);
    CHECK(again[0]->bufferedAmountLowThreshold() == 1000);
    CHECK_FALSE(again[0]->isClosed());
    co_await ada.client.close();
  }());
}

TEST_CASE("the name of ours is that of the next session") {
  runTest([]() -> Task<> {
    Call ada;
    co_await ada.join();
    co_await ada.client.changeDisplayName("Countess");
    co_await ada.comeBack();
    CHECK(ada.asked("join as Countess"));
    co_await ada.client.close();
  }());
}
