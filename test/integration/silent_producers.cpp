// Producers of which nothing comes.
#include "integration/stage.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPicture =
    "video/x-raw, format=(string)I420, width=(int)64, height=(int)64, framerate=(fraction)15/1";

Task<> pushPictures(std::shared_ptr<AppSource> source) {
  constexpr gsize kBytes = 64 * 64 * 3 / 2;
  while (true) {
    Frame frame;
    frame.buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, kBytes, nullptr));
    gst_buffer_memset(frame.buffer.get(), 0, 128, kBytes);
    co_await source->push(std::move(frame));
    co_await sleepFor(66ms);
  }
}

Task<> tellsOfSilence() {
  Member ada(sharedServer(), freshRoom(), "ada");
  AppSourceOptions options({kPicture});
  const auto source = std::make_shared<AppSource>(std::move(options));
  std::vector<std::shared_ptr<Producer>> silent;
  const Connection onSilent = ada.client.events().on<event::NothingSent>(
      [&](const event::NothingSent& nothing) { silent.push_back(nothing.producer); });
  const ProduceConfig produce = ProduceConfig::from(source);
  co_await ada.join(produce, ConsumeConfig::none());
  co_await eventually("the silence is told", [&] { return silent.size() == 1; });
  REQUIRE(ada.producers.size() == 1);
  const auto producer = ada.producers.front();
  CHECK(silent.front() == producer);
  producer->pause();
  producer->resume();
  co_await eventually("it is told once more", [&] { return silent.size() == 2; });
  {
    Scope pushing;
    pushing.spawn(pushPictures(source));
    producer->pause();
    producer->resume();
    const std::uint64_t before = producer->counters().packets;
    // Longer than the silence lasted that was told.
    co_await eventually("packets go out",
                        [&] { return producer->counters().packets > before + 120; });
    co_await pushing.close();
  }
  CHECK(silent.size() == 2);
  co_await ada.leave();
  CHECK(ada.failures.empty());
}

}  // namespace

TEST_CASE("a producer of which nothing goes out says so, after each resuming, and no other does") {
  runTest(tellsOfSilence(), 90s);
}
