// A room in which everything comes and goes, again and again: what the process holds must not grow.
// Prints a line of JSON for each round and, at the end, how the last quarter of them compares with
// the second. Lengths come from the environment; see run.sh.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "integration/device_peer.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/memory.hpp"
#include "support/open_files.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPace = 4s;  ///< from one round to the next, at least

// ---- figures -----------------------------------------------------------------------------------

struct Sample {
  double residentKb = 0;
  double heapKb = 0;
  double threads = 0;
  double descriptors = 0;
  double turns = 0;  ///< of the loop in a quiet second: a timer that was left behind turns it
};

/// Counts the turns of the loop while it lives.
class TurnCounter {
 public:
  TurnCounter() {
    static GSourceFuncs functions = {
        &TurnCounter::onPrepare, nullptr, nullptr, nullptr, nullptr, nullptr};
    source_ = g_source_new(&functions, sizeof(Source));
    reinterpret_cast<Source*>(source_)->counter = this;
    g_source_attach(source_, MainContext::current().get());
  }
  TurnCounter(const TurnCounter&) = delete;
  TurnCounter& operator=(const TurnCounter&) = delete;
  ~TurnCounter() {
    g_source_destroy(source_);
    g_source_unref(source_);
  }
  int turns = 0;

 private:
  struct Source {
    GSource base;
    TurnCounter* counter;
  };
  static gboolean onPrepare(GSource* source, gint* timeout) {
    ++reinterpret_cast<Source*>(source)->counter->turns;
    *timeout = -1;
    return FALSE;
  }
  GSource* source_;
};

Task<Sample> measure() {
  Sample sample;
  {
    const TurnCounter counter;
    co_await sleepFor(1s);
    sample.turns = counter.turns;
  }
  g_thread_pool_stop_unused_threads();
  malloc_trim(0);
  sample.residentKb = residentKb();
  sample.heapKb = static_cast<double>(allocatedBytes()) / 1024;
  sample.threads = runningThreads();
  sample.descriptors = openFiles();
  co_return sample;
}

struct Figure {
  const char* name;
  double Sample::*value;
};
constexpr Figure kFigures[] = {{"residentKb", &Sample::residentKb},
                               {"heapKb", &Sample::heapKb},
                               {"threads", &Sample::threads},
                               {"descriptors", &Sample::descriptors},
                               {"turns", &Sample::turns}};

void print(const Sample& sample, std::size_t round, Clock::duration since) {
  std::printf(R"({"round":%zu,"seconds":%.0f)", round,
              std::chrono::duration<double>(since).count());
  for (const Figure& figure : kFigures) {
    std::printf(R"(,"%s":%.0f)", figure.name, sample.*figure.value);
  }
  std::printf("}\n");
  std::fflush(stdout);
}

/// Of the figures from one fraction of the rounds to another.
double mean(const std::vector<Sample>& samples, double Sample::*value, double from, double to) {
  const auto count = static_cast<double>(samples.size());
  const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(from * count);
  const auto end = samples.begin() + static_cast<std::ptrdiff_t>(to * count);
  const double sum = std::accumulate(
      begin, end, 0.0, [&](double so, const Sample& sample) { return so + sample.*value; });
  return sum / static_cast<double>(std::max<std::ptrdiff_t>(end - begin, 1));
}

void compare(const std::vector<Sample>& samples) {
  std::printf(R"({"rounds":%zu)", samples.size());
  for (const Figure& figure : kFigures) {
    const double early = mean(samples, figure.value, 0.25, 0.5);
    const double late = mean(samples, figure.value, 0.75, 1);
    std::printf(R"(,"%sGrowth":%.3f)", figure.name, late / early - 1);
    CAPTURE(figure.name, early, late);
    // Of small whole numbers one more is more than that, and happens by chance.
    CHECK(late <= std::max(1.05 * early, early + 1));
  }
  std::printf("}\n");
}

// ---- what comes and goes -----------------------------------------------------------------------

/// Small, since the figures are about what is kept, not about pictures.
TestSourceOptions smallPicture() {
  TestSourceOptions options;
  options.width = 160;
  options.height = 120;
  options.framerate = 15;
  return options;
}

class Soak {
 public:
  Soak() : talker_(server_, room_, "talker"), recorder_(server_, room_, "recorder"), low_(server_) {
    for (Member* member : {&talker_, &recorder_}) {
      member->client.reconnect.enabled = true;
      watching_.push_back(member->client.events().on<event::Reconnected>(
          [this](const event::Reconnected&) { ++reconnections_; }));
    }
    watching_.push_back(recorder_.client.events().on<event::Recorded>(
        [](const event::Recorded& recorded) { std::filesystem::remove(recorded.recording.path); }));
  }

  /// All flow.
  Task<> begin() {
    co_await talker_.join(ProduceConfig::test(smallPicture()), ConsumeConfig::discard());
    RecordOptions options(folder_.path());
    options.splitAfter = 60s;
    co_await recorder_.join(ProduceConfig::none(), ConsumeConfig::record(options));
    co_await recorder_.receives(2);
    low_.ada.picture = smallPicture();
    co_await low_.begin();
    co_await low_.flows();
  }

  Task<> round(std::size_t number) {
    co_await visit(number);
    co_await mute();
    co_await restartIce();
    if (number % 3 == 1) co_await drop("talker");
    if (number % 3 == 2) co_await drop("recorder");
    if (number % 4 == 3) co_await pausePlaying();
    co_await recorder_.receives(2);
    std::erase_if(talker_.producers, [](const auto& each) { return each->isClosed(); });
    recorder_.recordings.clear();
  }

  Task<> end() {
    co_await low_.end();
    co_await leaveAll(talker_, recorder_);
    CHECK(talker_.failures.empty());
    CHECK(recorder_.failures.empty());
  }

 private:
  Task<> visit(std::size_t number) {
    Member visitor(server_, room_, "visitor" + std::to_string(number % 5));
    co_await visitor.join(ProduceConfig::test(smallPicture()), ConsumeConfig::discard());
    co_await visitor.receives(2);
    co_await recorder_.receives(4);
    co_await visitor.client.sendChat("hello, it is " + visitor.id);
    co_await talker_.client.sendChat("hello, " + visitor.id);
    co_await visitor.client.changeDisplayName("somebody else");
    co_await visitor.leave();
  }
  Task<> mute() {
    const auto producers = talker_.producers;
    for (const auto& producer : producers) co_await talker_.client.pauseProducer(producer);
    for (const auto& producer : producers) co_await talker_.client.resumeProducer(producer);
  }
  Task<> restartIce() {
    co_await low_.ada.restartSend();
    co_await low_.bob.restartRecv();
    co_await low_.flows();
  }
  Task<> drop(std::string id) {
    const int before = reconnections_;
    co_await server_.post("/test/rooms/" + room_ + "/peers/" + id + "/drop", Json::object());
    while (reconnections_ == before) co_await sleepFor(10ms);
  }
  Task<> pausePlaying() {
    co_await talker_.client.stop();
    co_await talker_.client.play();
  }

  RoomServer server_;
  const std::string room_ = freshRoom();
  TemporaryFolder folder_;
  Member talker_;
  Member recorder_;
  DeviceCall low_;
  std::vector<Connection> watching_;
  int reconnections_ = 0;
};

std::chrono::seconds length() {
  const char* minutes = std::getenv("COSOUP_SOAK_MINUTES");
  return std::chrono::minutes(minutes ? std::atoi(minutes) : 60);
}

Task<> soak() {
  Soak soak;
  co_await soak.begin();
  std::vector<Sample> samples;
  const Clock::time_point begin = Clock::now();
  while (Clock::now() - begin < length()) {
    const Clock::time_point next = Clock::now() + kPace;
    co_await soak.round(samples.size());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    co_await sleepFor(std::max(left, 0ms));
    samples.push_back(co_await measure());
    print(samples.back(), samples.size(), Clock::now() - begin);
  }
  compare(samples);
  co_await soak.end();
}

}  // namespace

TEST_CASE("what a busy room holds does not grow") { runTest(soak(), length() + 10min); }
