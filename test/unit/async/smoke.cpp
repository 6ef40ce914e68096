#include "cosoup/async/channel.hpp"
#include "cosoup/async/deferred.hpp"
#include "cosoup/async/signal.hpp"
#include "cosoup/glib/await.hpp"
#include "cosoup/webrtc/promise.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

Task<int> answer() { co_return 42; }

Task<> addUp(int count, int& sum) {
  for (int i = 0; i < count; ++i) sum += co_await answer();
}

}  // namespace

TEST_CASE("300,000 tasks that finish at once do not grow the stack") {
  int sum = 0;
  const auto report = runTest(addUp(300000, sum));
  CHECK(sum == 300000 * 42);
  CHECK_FALSE(report.suspended);
}

TEST_CASE("a task that takes too long is cancelled and reported as a time-out") {
  struct Body {
    static Task<> sleepLong() { co_await sleepFor(1h); }
    static Task<> run() { co_await withTimeout(10ms, sleepLong(), "nap"); }
  };
  CHECK_THROWS_WITH(runTest(Body::run()), "nap: no answer within 10 ms");
}
