#include "cosoup/async/deferred.hpp"

#include <string>
#include <vector>

#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

Task<> collect(Deferred<std::string> deferred, std::vector<std::string>& seen) {
  try {
    seen.push_back(co_await deferred.wait());
  } catch (const Error& error) {
    seen.push_back(error.what());
  }
}

Task<> waitFor(Deferred<> deferred) { co_await deferred.wait(); }

std::exception_ptr someError() {
  return std::make_exception_ptr(Error(Error::Code::Rejected, "refused"));
}

}  // namespace

TEST_CASE("all who await a deferred result get a copy of it") {
  struct Body {
    static Task<> run(std::vector<std::string>& seen) {
      Deferred<std::string> deferred;
      Scope scope;
      scope.spawn(collect(deferred, seen));
      scope.spawn(collect(deferred, seen));
      deferred.resolve("value");
      CHECK(seen.empty());
      co_await scope.join();
      co_await collect(deferred, seen);
    }
  };
  std::vector<std::string> seen;
  CHECK(runTest(Body::run(seen)).suspended);
  CHECK(seen == std::vector<std::string>(3, "value"));
}

TEST_CASE("all who await a rejected result get its error") {
  struct Body {
    static Task<> run(std::vector<std::string>& seen) {
      Deferred<std::string> deferred;
      Scope scope;
      scope.spawn(collect(deferred, seen));
      scope.spawn(collect(deferred, seen));
      deferred.reject(someError());
      co_await scope.join();
      co_await collect(deferred, seen);
    }
  };
  std::vector<std::string> seen;
  CHECK(runTest(Body::run(seen)).suspended);
  CHECK(seen == std::vector<std::string>(3, "refused"));
}

TEST_CASE("a result that is settled already does not suspend") {
  Deferred<> deferred;
  deferred.resolve();
  CHECK_FALSE(runTest(waitFor(deferred)).suspended);
}

TEST_CASE("the first settlement counts") {
  Deferred<std::string> resolved;
  resolved.resolve("one");
  resolved.resolve("two");
  resolved.reject(someError());
  Deferred<std::string> rejected;
  CHECK_FALSE(rejected.isSettled());
  rejected.reject(someError());
  rejected.resolve("late");
  CHECK(rejected.isSettled());
  std::vector<std::string> seen;
  runTest(collect(resolved, seen));
  runTest(collect(rejected, seen));
  CHECK(seen == std::vector<std::string>{"one", "refused"});
}

TEST_CASE("waiting for a deferred result is cancelled, before and meanwhile") {
  runTest(test::checkCancelling(waitFor(Deferred<>())));
  runTest(test::checkCancelledBefore(waitFor(Deferred<>())));
}

TEST_CASE("in a cancelled task even a settled result throws Cancelled") {
  Deferred<> deferred;
  deferred.resolve();
  runTest(test::checkCancelledBefore(waitFor(deferred)));
}

TEST_CASE("a result that comes in the turn of the cancellation does not count") {
  const bool stopped = GENERATE(true, false);
  runTest([](bool stopFirst) -> Task<> {
    Deferred<> deferred;
    test::Ending ending;
    Scope scope;
    scope.spawn(test::detail::watch(waitFor(deferred), ending));
    if (stopFirst) scope.requestStop();
    deferred.resolve();
    scope.requestStop();
    co_await scope.join();
    CHECK(ending.cancelled);
  }(stopped));
}

TEST_CASE("settling wakes nobody who was destroyed") {
  test::TestContext context;
  Deferred<> deferred;
  test::checkDestroying(context, waitFor(deferred), [&] { deferred.resolve(); });
}

TEST_CASE("a deferred result may be of a type without default constructor") {
  struct Value {
    explicit Value(int n) : number(n) {}
    int number;
  };
  struct Body {
    static Task<> run(int& number) {
      Deferred<Value> deferred;
      deferred.resolve(Value(4));
      const Value value = co_await deferred.wait();
      number = value.number;
    }
  };
  int number = 0;
  runTest(Body::run(number));
  CHECK(number == 4);
}
