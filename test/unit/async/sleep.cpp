#include <string>
#include <thread>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

using Clock = std::chrono::steady_clock;

Task<> sleep(std::chrono::milliseconds delay) { co_await sleepFor(delay); }

Task<int> answerAfter(std::chrono::milliseconds delay) {
  co_await sleepFor(delay);
  co_return 42;
}

Task<> failAfter(std::chrono::milliseconds delay) {
  co_await sleepFor(delay);
  throw Error(Error::Code::Rejected, "refused", 403);
}

/// Takes its time to stop once it is cancelled.
Task<> stopSlowly(bool& ended) {
  try {
    co_await sleepFor(1h);
  } catch (const Cancelled&) {
  }
  co_await shielded(sleep(5ms));
  ended = true;
  throw Cancelled();
}

}  // namespace

TEST_CASE("sleepFor takes at least its time, and the loop keeps running meanwhile") {
  const Clock::time_point start = Clock::now();
  const auto report = runTest(sleep(60ms));
  CHECK(Clock::now() - start >= 59ms);
  CHECK(report.suspended);
  CHECK(report.ticks >= 1);
}

TEST_CASE("sleepFor of nothing or less still lets the loop turn") {
  CHECK(runTest(sleep(0ms)).suspended);
  CHECK(runTest(sleep(-5ms)).suspended);
}

TEST_CASE("who sleeps long does not hold up who sleeps shortly") {
  runTest([]() -> Task<> {
    Scope scope;
    scope.spawn(sleep(1h));
    co_await sleepFor(1ms);
    CHECK(scope.running() == 1);
    co_await scope.close();
  }());
}

TEST_CASE("a sleeper is cancelled, before and meanwhile") {
  runTest(test::checkCancelling(sleep(1h)));
  runTest(test::checkCancelledBefore(sleep(1h)));
}

TEST_CASE("a sleeper cancelled in the turn in which its time is up is cancelled") {
  runTest([]() -> Task<> {
    test::Ending ending;
    Scope scope;
    scope.spawn(test::detail::watch(sleep(1ms), ending));
    std::this_thread::sleep_for(5ms);  // due in the next turn of the loop
    scope.requestStop();
    co_await scope.join();
    CHECK(ending.cancelled);
  }());
}

TEST_CASE("a sleeper that is destroyed leaves no timer") {
  test::TestContext context;
  test::checkDestroying(context, sleep(1h), [] {});
}

TEST_CASE("a timer may be ended by its own callback") {
  test::TestContext context;
  int calls = 0;
  const auto token = std::make_shared<int>();
  std::optional<detail::Timer> timer;
  timer.emplace(1ms, [&, token] {
    timer.reset();
    ++calls;
    ++*token;
  });
  CHECK(context.runUntil([&] { return calls > 0; }));
  CHECK(context.becomesEmpty(1s));
  CHECK(calls == 1);
  CHECK(token.use_count() == 1);
}

TEST_CASE("withTimeout gives the value that comes in time, without waiting for the limit") {
  struct Body {
    static Task<> run(int& value) {
      value = co_await withTimeout(1h, answerAfter(1ms), "question");
    }
  };
  int value = 0;
  CHECK(runTest(Body::run(value)).suspended);
  CHECK(value == 42);
}

TEST_CASE("withTimeout of a task that finishes at once does not suspend") {
  struct Body {
    static Task<int> atOnce() { co_return 1; }
    static Task<> run(int& value) { value = co_await withTimeout(0ms, atOnce(), "question"); }
  };
  int value = 0;
  CHECK_FALSE(runTest(Body::run(value)).suspended);
  CHECK(value == 1);
}

TEST_CASE("a task that takes too long is cancelled and reported as a time-out") {
  struct Body {
    static Task<> run(bool& ended) { co_await withTimeout(5ms, stopSlowly(ended), "nap"); }
  };
  bool ended = false;
  try {
    runTest(Body::run(ended));
    FAIL("no time-out");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Timeout);
    CHECK(std::string(error.what()) == "nap: no answer within 5 ms");
  }
  CHECK(ended);
}

TEST_CASE("an error in time passes through withTimeout unchanged") {
  struct Body {
    static Task<> run() { co_await withTimeout(1h, failAfter(1ms), "request"); }
  };
  try {
    runTest(Body::run());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Rejected);
    CHECK(error.errorCode() == 403);
    CHECK(std::string(error.what()) == "refused");
  }
}

TEST_CASE("a result that comes although the time is up counts") {
  struct Body {
    static Task<int> insist() { co_return co_await shielded(answerAfter(20ms)); }
    static Task<> run(int& value) { value = co_await withTimeout(1ms, insist(), "question"); }
  };
  int value = 0;
  runTest(Body::run(value));
  CHECK(value == 42);
}

TEST_CASE("cancelling from outside passes through withTimeout as Cancelled") {
  struct Body {
    static Task<> run(bool& ended) { co_await withTimeout(1h, stopSlowly(ended), "nap"); }
  };
  bool ended = false;
  runTest(test::checkCancelling(Body::run(ended)));
  CHECK(ended);
  runTest(test::checkCancelledBefore(withTimeout(std::chrono::milliseconds(1h), sleep(1h), "nap")));
}

TEST_CASE("cancelling from outside wins over a time-out that is just being dealt with") {
  struct Body {
    static Task<> run(bool& ended) { co_await withTimeout(1ms, stopSlowly(ended), "nap"); }
    static Task<> outer(test::Ending& ending, bool& ended) {
      Scope scope;
      scope.spawn(test::detail::watch(run(ended), ending));
      std::this_thread::sleep_for(3ms);
      co_await sleepFor(0ms);  // the time-out has fired, the task is stopping slowly
      CHECK_FALSE(ended);
      scope.requestStop();
      co_await scope.join();
    }
  };
  test::Ending ending;
  bool ended = false;
  runTest(Body::outer(ending, ended));
  CHECK(ending.cancelled);
  CHECK(ended);
}

TEST_CASE("a task that cancels itself is no time-out") {
  struct Body {
    static Task<> cancelItself() {
      throw Cancelled();
      co_return;
    }
    static Task<> run() { co_await withTimeout(1h, cancelItself(), "nap"); }
  };
  CHECK_THROWS_AS(runTest(Body::run()), Cancelled);
}

TEST_CASE("time-outs nest, and the inner one is an error for the outer task") {
  struct Body {
    static Task<> inner() { co_await withTimeout(2ms, sleep(1h), "inner"); }
    static Task<> run() { co_await withTimeout(1h, inner(), "outer"); }
    static Task<> innerLonger() { co_await withTimeout(1h, sleep(1h), "inner"); }
    static Task<> runOuter() { co_await withTimeout(2ms, innerLonger(), "outer"); }
  };
  CHECK_THROWS_WITH(runTest(Body::run()), "inner: no answer within 2 ms");
  CHECK_THROWS_WITH(runTest(Body::runOuter()), "outer: no answer within 2 ms");
}

TEST_CASE("a time-out that is destroyed while it waits leaves no timer") {
  test::TestContext context;
  test::checkDestroying(context, withTimeout(std::chrono::milliseconds(1h), sleep(1h), "nap"),
                        [] {});
}
