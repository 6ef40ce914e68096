#include "cosoup/async/loop.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/deferred.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::LogCapture;
using test::runTest;
using test::TestContext;

namespace {

Task<> noteThread(Deferred<> deferred, std::thread::id& resumedOn) {
  co_await deferred.wait();
  resumedOn = std::this_thread::get_id();
}

Task<> waitAndSet(Deferred<> deferred, bool& done) {
  co_await deferred.wait();
  done = true;
}

Task<> sleepManyTimes(int count) {
  for (int i = 0; i < count; ++i) co_await sleepFor(1ms);
}

}  // namespace

TEST_CASE("post runs the function later, on the thread of the context") {
  TestContext context;
  std::thread::id ranOn;
  post(MainContext::current(), [&] { ranOn = std::this_thread::get_id(); });
  CHECK(ranOn == std::thread::id());
  context.drain();
  CHECK(ranOn == std::this_thread::get_id());
}

TEST_CASE("post from another thread wakes the waiting loop") {
  TestContext context;
  const MainContext here = MainContext::current();
  std::thread::id ranOn;
  std::thread other([&] {
    std::this_thread::sleep_for(5ms);
    post(here, [&] { ranOn = std::this_thread::get_id(); });
  });
  context.iterate();  // nothing else could wake it
  other.join();
  CHECK(ranOn == std::this_thread::get_id());
}

TEST_CASE("what is posted from several threads keeps the order of each") {
  TestContext context;
  const MainContext here = MainContext::current();
  constexpr int threads = 4;
  constexpr int each = 2000;
  std::vector<std::vector<int>> seen(threads);
  std::vector<std::thread> posting;
  for (int thread = 0; thread < threads; ++thread) {
    posting.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i) post(here, [&, thread, i] { seen[thread].push_back(i); });
    });
  }
  CHECK(context.runUntil([&] {
    return std::all_of(seen.begin(), seen.end(), [](const auto& s) { return s.size() == each; });
  }));
  for (std::thread& thread : posting) thread.join();
  for (const auto& numbers : seen) CHECK(std::is_sorted(numbers.begin(), numbers.end()));
}

TEST_CASE("a posted function is freed after its run, or with its context") {
  const auto token = std::make_shared<int>();
  {
    TestContext context;
    post(MainContext::current(), [token] { ++*token; });
    context.drain();
    CHECK(token.use_count() == 1);
    post(MainContext::current(), [token] { ++*token; });
  }
  CHECK(token.use_count() == 1);
  CHECK(*token == 1);
}

TEST_CASE("what a posted function throws is logged and does not reach the loop") {
  LogCapture log;
  TestContext context;
  post(MainContext::current(), [] { throw std::runtime_error("from afar"); });
  context.drain();
  CHECK(log.messages() == std::vector<std::string>{"post: from afar"});
}

TEST_CASE("a copied or assigned MainContext is the same context") {
  const TestContext context;
  const MainContext here = MainContext::current();
  MainContext other(here);
  other = here;
  const MainContext& itself = other;
  other = itself;
  CHECK(other.get() == context.get());
}

TEST_CASE("a coroutine resumes on the context where it waited, whoever is the default later") {
  bool done = false;
  Deferred<> deferred;
  Scope scope;
  TestContext first;
  scope.spawn(waitAndSet(deferred, done));
  {
    TestContext second;
    deferred.resolve();
    CHECK(second.drain() == 0);
    CHECK_FALSE(done);
  }
  first.drain();
  CHECK(done);
}

TEST_CASE("a cancelled coroutine resumes on the context where it waited") {
  Scope scope;
  TestContext first;
  scope.spawn(sleepManyTimes(1000));
  {
    TestContext second;
    scope.requestStop();
    CHECK(second.drain() == 0);
    CHECK(scope.running() == 1);
  }
  first.drain();
  CHECK(scope.running() == 0);
}

TEST_CASE("two contexts on two threads do not mix") {
  struct Body {
    static Task<> run(std::thread::id& resumedOn, int& rounds) {
      for (; rounds < 100; ++rounds) {
        Deferred<> deferred;
        Scope scope;
        scope.spawn(noteThread(deferred, resumedOn));
        co_await sleepFor(0ms);
        deferred.resolve();
        co_await scope.join();
        if (resumedOn != std::this_thread::get_id()) co_return;
      }
    }
    static void runThread(std::thread::id& resumedOn, int& rounds) {
      runTest(run(resumedOn, rounds));
    }
  };
  std::thread::id first;
  std::thread::id second;
  int firstRounds = 0;
  int secondRounds = 0;
  std::thread one([&] { Body::runThread(first, firstRounds); });
  std::thread two([&] { Body::runThread(second, secondRounds); });
  const std::thread::id oneId = one.get_id();
  const std::thread::id twoId = two.get_id();
  one.join();
  two.join();
  CHECK(firstRounds == 100);
  CHECK(secondRounds == 100);
  CHECK(first == oneId);
  CHECK(second == twoId);
}

TEST_CASE("the background tasks of two threads do not mix") {
  bool done = false;
  TestContext context;
  Deferred<> deferred;
  finishInBackground(waitAndSet(deferred, done));
  int runningThere = -1;
  std::thread other([&] { runningThere = detail::backgroundScope().running(); });
  other.join();
  CHECK(runningThere == 0);
  CHECK(detail::backgroundScope().running() == 1);
  deferred.resolve();
  context.drain();
  CHECK(detail::backgroundScope().running() == 0);
  CHECK(done);
}

TEST_CASE("many tasks that wait leave the loop its turns") {
  struct Body {
    static Task<> run() {
      Scope scope;
      for (int i = 0; i < 50; ++i) scope.spawn(sleepManyTimes(30));
      co_await scope.join();
    }
  };
  const auto report = runTest(Body::run());
  CHECK(report.suspended);
  CHECK(report.ticks >= 5);
}

TEST_CASE("the harness notices a task that blocks the loop") {
  struct Body {
    static Task<> run() {
      co_await sleepFor(1ms);
      std::this_thread::sleep_for(50ms);
    }
  };
  CHECK(runTest(Body::run()).longestStall >= 49ms);
}

TEST_CASE("the harness reports a task that did not suspend, and one that did") {
  struct Body {
    static Task<> nothing() { co_return; }
  };
  const auto atOnce = runTest(Body::nothing());
  CHECK_FALSE(atOnce.suspended);
  CHECK(atOnce.ticks == 0);
  CHECK(runTest(sleepManyTimes(1)).suspended);
}
