// What is left of consumers and of clients that have come and gone: nothing. The benchmark "churn"
// does the same for longer and prints figures.
#include <algorithm>

#include "integration/churn.hpp"
#include "integration/launched_talker.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// How long, and how much of the heap a round may cost for good.
struct Measure {
  std::size_t warmUp;
  std::size_t window;
  double bytesPerRound;
};

double allowanceOf(double Holdings::*value) {
  if (value == &Holdings::sdpBytes) return 4;     // descriptions count how often they were written
  if (value == &Holdings::srtpStreams) return 1;  // of the last one a packet may still have come
  return 0;
}

void checkThatNothingGrew(const Holdings& before, const Holdings& after) {
  for (const HoldingsField& field : kHoldingsFields) {
    const bool isMemory = field.value == &Holdings::residentKb || field.value == &Holdings::heapKb;
    if (isMemory) continue;
    CAPTURE(field.name);
    CHECK(after.*field.value <= before.*field.value + allowanceOf(field.value));
  }
}

/// What is made once, and kept, falls into one window or the other; what is lost, into both.
Task<> staysFlat(Churn& churn, Measure measure) {
  co_await churn.begin();
  co_await churn.rounds(measure.warmUp);
  const Holdings warm = co_await churn.holdings();
  co_await churn.rounds(measure.window);
  const Holdings middle = co_await churn.holdings();
  co_await churn.rounds(measure.window);
  const Holdings after = co_await churn.holdings();
  checkThatNothingGrew(warm, after);
  const double grown = std::min(middle.heapKb - warm.heapKb, after.heapKb - middle.heapKb);
  UNSCOPED_INFO("the heap: " << warm.heapKb << " KiB, " << middle.heapKb << " KiB, " << after.heapKb
                             << " KiB");
  CHECK(grown * 1024 <= measure.bytesPerRound * static_cast<double>(measure.window));
  co_await churn.end();
}

template <class Kind>
Task<> staysFlatBesideATalker(Measure measure) {
  // Ten joins at once may take long on a slow machine.
  RoomServer server({"--insecure-ws", "--join-deadline", "0"});
  LaunchedTalker talker(server, freshRoom());
  co_await talker.isThere();
  Kind churn(server, talker.room());
  co_await staysFlat(churn, measure);
  co_await talker.leave();
}

}  // namespace

TEST_CASE("consumers that come and go on a transport leave nothing behind") {
  runTest(staysFlatBesideATalker<ConsumerChurn>({40, 40, 1500}), 120s);
}

TEST_CASE("clients that come and go leave nothing behind") {
  runTest(staysFlatBesideATalker<ClientChurn>({4, 4, 40000}), 120s);
}
