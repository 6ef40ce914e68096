#include "cosoup/async/mutex.hpp"

#include <optional>
#include <vector>

#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

Task<> lockOnce(Mutex& mutex) { const auto turn = co_await mutex.lock(); }

Task<> work(Mutex& mutex, int number, std::vector<int>& log) {
  const auto turn = co_await mutex.lock();
  log.push_back(number);
  co_await sleepFor(1ms);
  log.push_back(number);
}

}  // namespace

TEST_CASE("a free mutex is locked without suspending, again and again") {
  struct Body {
    static Task<> run(Mutex& mutex) {
      for (int i = 0; i < 3; ++i) co_await lockOnce(mutex);
    }
  };
  Mutex mutex;
  CHECK_FALSE(runTest(Body::run(mutex)).suspended);
}

TEST_CASE("tasks hold a mutex one after another, in the order of their calls") {
  struct Body {
    static Task<> run(std::vector<int>& log) {
      Mutex mutex;
      Scope scope;
      for (const int number : {1, 2, 3}) scope.spawn(work(mutex, number, log));
      co_await scope.join();
    }
  };
  std::vector<int> log;
  runTest(Body::run(log));
  CHECK(log == std::vector<int>{1, 1, 2, 2, 3, 3});
}

TEST_CASE("who locks again at once does not overtake those who wait") {
  struct Body {
    static Task<> hog(Mutex& mutex, std::vector<int>& log) {
      for (int i = 0; i < 3; ++i) co_await work(mutex, 1, log);
    }
    static Task<> run(std::vector<int>& log) {
      Mutex mutex;
      Scope scope;
      scope.spawn(hog(mutex, log));
      scope.spawn(work(mutex, 2, log));
      co_await scope.join();
    }
  };
  std::vector<int> log;
  runTest(Body::run(log));
  CHECK(log == std::vector<int>{1, 1, 2, 2, 1, 1, 1, 1});
}

TEST_CASE("waiting for a mutex is cancelled, before and meanwhile, and passes the turn by") {
  runTest([]() -> Task<> {
    Mutex mutex;
    {
      const auto turn = co_await mutex.lock();
      co_await test::checkCancelling(lockOnce(mutex));
    }
    co_await test::checkCancelledBefore(lockOnce(mutex));
    co_await lockOnce(mutex);
  }());
}

TEST_CASE("a task cancelled in the turn in which the mutex is passed to it passes it on") {
  struct Body {
    static Task<> run(std::vector<int>& log) {
      Mutex mutex;
      Scope first;
      Scope second;
      {
        const auto turn = co_await mutex.lock();
        first.spawn(lockOnce(mutex));
        second.spawn(work(mutex, 2, log));
      }
      first.requestStop();
      co_await first.join();
      co_await second.join();
      co_await lockOnce(mutex);
    }
  };
  std::vector<int> log;
  runTest(Body::run(log));
  CHECK(log == std::vector<int>{2, 2});
}

TEST_CASE("a task destroyed while it waits for a mutex does not keep it") {
  test::TestContext context;
  Mutex mutex;
  std::optional<test::Destroyable> holding;
  struct Body {
    static Task<> hold(Mutex& locked) {
      const auto turn = co_await locked.lock();
      co_await sleepFor(1h);
    }
  };
  holding.emplace(Body::hold(mutex));
  test::checkDestroying(context, lockOnce(mutex), [&] { holding.reset(); });
  const test::Destroyable again(lockOnce(mutex));
  CHECK(again.ended());
}
