#include "cosoup/async/scope.hpp"

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/channel.hpp"
#include "cosoup/async/deferred.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::LogCapture;
using test::runTest;

namespace {

Task<> setAfter(std::chrono::milliseconds delay, bool& done) {
  co_await sleepFor(delay);
  done = true;
}

Task<> failAfter(std::chrono::milliseconds delay, std::string text) {
  co_await sleepFor(delay);
  throw Error(Error::Code::Media, text);
}

Task<> failAtOnce(std::string text) {
  throw Error(Error::Code::Media, text);
  co_return;
}

Task<> noteCancelled(bool& cancelled) {
  try {
    co_await sleepFor(1h);
  } catch (const Cancelled&) {
    cancelled = true;
    throw;
  }
}

/// Needs a while to stop, as what must say goodbye to a server does.
Task<> stopSlowly(bool& ended) {
  try {
    co_await sleepFor(1h);
  } catch (const Cancelled&) {
  }
  co_await shielded(setAfter(5ms, ended));
}

}  // namespace

TEST_CASE("join waits until all tasks have ended") {
  struct Body {
    static Task<> run(bool& first, bool& second) {
      Scope scope;
      scope.spawn(setAfter(5ms, first));
      scope.spawn(setAfter(1ms, second));
      CHECK(scope.running() == 2);
      co_await scope.join();
      CHECK(scope.running() == 0);
    }
  };
  bool first = false;
  bool second = false;
  const auto report = runTest(Body::run(first, second));
  CHECK(first);
  CHECK(second);
  CHECK(report.suspended);
}

TEST_CASE("a task runs at once when it is spawned, and join of ended tasks does not suspend") {
  struct Body {
    static Task<> set(bool& done) {
      done = true;
      co_return;
    }
    static Task<> run(bool& done) {
      Scope scope;
      scope.spawn(set(done));
      CHECK(done);
      CHECK(scope.running() == 0);
      co_await scope.join();
    }
  };
  bool done = false;
  CHECK_FALSE(runTest(Body::run(done)).suspended);
}

TEST_CASE("the first error stops the siblings and comes out of join") {
  struct Body {
    static Task<> run(bool& cancelled) {
      Scope scope;
      scope.spawn(noteCancelled(cancelled));
      scope.spawn(failAfter(1ms, "first"));
      scope.spawn(failAfter(30s, "second"));
      co_await scope.join();
    }
  };
  bool cancelled = false;
  CHECK_THROWS_WITH(runTest(Body::run(cancelled)), "first");
  CHECK(cancelled);
}

TEST_CASE("an error before the first suspension comes out of join, too") {
  struct Body {
    static Task<> run(bool& cancelled) {
      Scope scope;
      scope.spawn(failAtOnce("early"));
      CHECK(scope.stopRequested());
      scope.spawn(noteCancelled(cancelled));
      co_await scope.join();
    }
  };
  bool cancelled = false;
  CHECK_THROWS_WITH(runTest(Body::run(cancelled)), "early");
  CHECK(cancelled);
}

TEST_CASE("a task that ends by Cancelled ends quietly and leaves its siblings alone") {
  struct Body {
    static Task<> cancelItself() {
      throw Cancelled();
      co_return;
    }
    static Task<> run(bool& done) {
      Scope scope;
      scope.spawn(cancelItself());
      CHECK_FALSE(scope.stopRequested());
      scope.spawn(setAfter(1ms, done));
      co_await scope.join();
    }
  };
  bool done = false;
  runTest(Body::run(done));
  CHECK(done);
}

TEST_CASE("a task spawned after requestStop is cancelled at its first await") {
  struct Body {
    static Task<> run(bool& cancelled) {
      Scope scope;
      scope.requestStop();
      scope.spawn(noteCancelled(cancelled));
      CHECK(cancelled);
      co_await scope.join();
    }
  };
  bool cancelled = false;
  CHECK_FALSE(runTest(Body::run(cancelled)).suspended);
}

TEST_CASE("a task may spawn siblings, and join waits for them") {
  struct Body {
    static Task<> spawnMore(Scope& scope, int count, int& ended) {
      co_await sleepFor(1ms);
      if (count > 0) scope.spawn(spawnMore(scope, count - 1, ended));
      ++ended;
    }
    static Task<> run(int& ended) {
      Scope scope;
      scope.spawn(spawnMore(scope, 5, ended));
      co_await scope.join();
    }
  };
  int ended = 0;
  runTest(Body::run(ended));
  CHECK(ended == 6);
}

TEST_CASE("a cancelled join stops the tasks, awaits their end, then throws Cancelled") {
  struct Body {
    static Task<> joining(bool& childEnded, bool& endedFirst) {
      Scope scope;
      scope.spawn(stopSlowly(childEnded));
      try {
        co_await scope.join();
      } catch (const Cancelled&) {
        endedFirst = childEnded && scope.running() == 0;
        throw;
      }
    }
  };
  bool childEnded = false;
  bool endedFirst = false;
  runTest(test::checkCancelling(Body::joining(childEnded, endedFirst)));
  CHECK(endedFirst);
}

TEST_CASE("join in a cancelled task still awaits the tasks") {
  struct Body {
    static Task<> joining(bool& childEnded) {
      Scope scope;
      scope.spawn(stopSlowly(childEnded));
      co_await scope.join();
    }
  };
  bool childEnded = false;
  runTest([](bool& ended) -> Task<> {
    const test::Ending ending = co_await test::cancelBefore(Body::joining(ended));
    CHECK(ending.cancelled);
  }(childEnded));
  CHECK(childEnded);
}

TEST_CASE("close stops the tasks, awaits them and drops their errors") {
  struct Body {
    static Task<> failWhenStopped() {
      try {
        co_await sleepFor(1h);
      } catch (const Cancelled&) {
      }
      throw Error(Error::Code::Media, "while stopping");
    }
    static Task<> run(bool& childEnded) {
      Scope scope;
      scope.spawn(stopSlowly(childEnded));
      scope.spawn(failWhenStopped());
      scope.spawn(failAtOnce("before"));
      co_await scope.close();
      CHECK(scope.running() == 0);
    }
  };
  LogCapture log;
  bool childEnded = false;
  CHECK_NOTHROW(runTest(Body::run(childEnded)));
  CHECK(childEnded);
  CHECK(log.messages().empty());
}

TEST_CASE("close awaits the tasks and does not throw in a cancelled task") {
  struct Body {
    static Task<> run(bool& childEnded, bool& closed) {
      Scope scope;
      scope.spawn(stopSlowly(childEnded));
      co_await scope.close();
      closed = childEnded;
    }
  };
  bool childEnded = false;
  bool closed = false;
  runTest([](bool& ended, bool& done) -> Task<> {
    const test::Ending ending = co_await test::cancelBefore(Body::run(ended, done));
    CHECK_FALSE(ending.cancelled);
  }(childEnded, closed));
  CHECK(closed);
}

TEST_CASE("several tasks may join one scope") {
  struct Body {
    static Task<> joinAndCount(Scope& scope, int& joined) {
      co_await scope.join();
      ++joined;
    }
    static Task<> run(int& joined) {
      bool done = false;
      Scope scope;
      Scope joiners;
      scope.spawn(setAfter(2ms, done));
      joiners.spawn(joinAndCount(scope, joined));
      joiners.spawn(joinAndCount(scope, joined));
      co_await joiners.join();
    }
  };
  int joined = 0;
  runTest(Body::run(joined));
  CHECK(joined == 2);
}

TEST_CASE("an error in a nested scope comes out of the outer one and stops everything") {
  struct Body {
    static Task<> inner(bool& cancelled) {
      Scope scope;
      scope.spawn(noteCancelled(cancelled));
      scope.spawn(failAfter(1ms, "inner"));
      co_await scope.join();
    }
    static Task<> run(bool& innerCancelled, bool& outerCancelled) {
      Scope scope;
      scope.spawn(inner(innerCancelled));
      scope.spawn(noteCancelled(outerCancelled));
      co_await scope.join();
    }
  };
  bool innerCancelled = false;
  bool outerCancelled = false;
  CHECK_THROWS_WITH(runTest(Body::run(innerCancelled, outerCancelled)), "inner");
  CHECK(innerCancelled);
  CHECK(outerCancelled);
}

TEST_CASE("stopping an outer scope stops the tasks of the scopes in it, innermost ended first") {
  struct Body {
    static Task<> inner(bool& innermostEnded, std::vector<std::string>& order) {
      Scope scope;
      scope.spawn(stopSlowly(innermostEnded));
      try {
        co_await scope.join();
      } catch (const Cancelled&) {
        order.push_back(innermostEnded ? "innermost" : "too early");
        throw;
      }
    }
    static Task<> run(bool& innermostEnded, std::vector<std::string>& order) {
      Scope scope;
      scope.spawn(inner(innermostEnded, order));
      co_await scope.close();
      order.push_back("outer");
    }
  };
  bool innermostEnded = false;
  std::vector<std::string> order;
  runTest(Body::run(innermostEnded, order));
  CHECK(order == std::vector<std::string>{"innermost", "outer"});
}
