#include "cosoup/async/task.hpp"

#include <memory>
#include <string>
#include <vector>

#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

/// Counts the living, to see when a coroutine's parameters and locals are freed.
class Counted {
 public:
  explicit Counted(int& living) : living_(&living) { ++*living_; }
  Counted(const Counted& other) : living_(other.living_) { ++*living_; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --*living_; }

 private:
  int* living_;
};

Task<int> answer() { co_return 42; }

Task<int> nested(int depth) {
  if (depth == 0) co_return co_await answer();
  co_return co_await nested(depth - 1);
}

Task<> addUp(int count, int depth, int& sum) {
  for (int i = 0; i < count; ++i) sum += co_await nested(depth);
}

Task<> sleepOnce() { co_await sleepFor(1ms); }

Task<int> nestedSleep(int depth) {
  if (depth == 0) {
    co_await sleepFor(1ms);
    co_return 7;
  }
  co_return co_await nestedSleep(depth - 1);
}

Task<> fail(int depth, bool late) {
  if (late) co_await sleepFor(1ms);
  if (depth > 0) {
    co_await fail(depth - 1, false);
  } else {
    throw Error(Error::Code::Media, "deep");
  }
}

Task<> failLate(int depth) {
  if (depth > 0) {
    co_await failLate(depth - 1);
  } else {
    co_await sleepFor(1ms);
    throw Error(Error::Code::Media, "deep and late");
  }
}

Task<> setWhenRun(bool& run, Counted parameter) {
  static_cast<void>(parameter);
  run = true;
  co_return;
}

Task<std::unique_ptr<int>> makeUnique() {
  auto result = std::make_unique<int>(5);
  co_return result;
}

}  // namespace

TEST_CASE("300,000 tasks that finish at once do not grow the stack") {
  int sum = 0;
  const auto report = runTest(addUp(300000, 0, sum));
  CHECK(sum == 300000 * 42);
  CHECK_FALSE(report.suspended);
}

TEST_CASE("300,000 nested tasks that finish at once do not grow the stack") {
  int sum = 0;
  const auto report = runTest(addUp(300000, 2, sum));
  CHECK(sum == 300000 * 42);
  CHECK_FALSE(report.suspended);
}

TEST_CASE("300,000 tasks that finish at once do not grow the stack after a wait") {
  struct Body {
    static Task<> run(int& sum) {
      co_await sleepOnce();
      co_await addUp(300000, 1, sum);
    }
  };
  int sum = 0;
  const auto report = runTest(Body::run(sum), 60s);
  CHECK(sum == 300000 * 42);
  CHECK(report.suspended);
}

TEST_CASE("a value comes through many tasks that all had to wait") {
  struct Body {
    static Task<> run(int& value) { value = co_await nestedSleep(1000); }
  };
  int value = 0;
  CHECK(runTest(Body::run(value)).suspended);
  CHECK(value == 7);
}

TEST_CASE("an exception comes through several tasks") {
  CHECK_THROWS_WITH(runTest(fail(5, false)), "deep");
}

TEST_CASE("an exception comes through several tasks that had to wait") {
  CHECK_THROWS_WITH(runTest(failLate(5)), "deep and late");
  CHECK_THROWS_WITH(runTest(fail(5, true)), "deep");
}

TEST_CASE("an exception caught half-way leaves the task usable") {
  struct Body {
    static Task<> run(std::vector<std::string>& seen) {
      for (int i = 0; i < 3; ++i) {
        try {
          co_await failLate(2);
        } catch (const Error& error) {
          seen.push_back(error.what());
        }
      }
    }
  };
  std::vector<std::string> seen;
  runTest(Body::run(seen));
  CHECK(seen == std::vector<std::string>(3, "deep and late"));
}

TEST_CASE("a task destroyed before it is awaited runs nothing and frees its parameters") {
  int living = 0;
  bool run = false;
  {
    const Task<> task = setWhenRun(run, Counted(living));
    CHECK(living == 1);
  }
  CHECK(living == 0);
  CHECK_FALSE(run);
}

TEST_CASE("a task that another one is assigned to is freed without having run") {
  int living = 0;
  bool firstRun = false;
  bool secondRun = false;
  Task<> task = setWhenRun(firstRun, Counted(living));
  task = setWhenRun(secondRun, Counted(living));
  CHECK(living == 1);
  runTest(std::move(task));
  CHECK(living == 0);
  CHECK_FALSE(firstRun);
  CHECK(secondRun);
}

TEST_CASE("an awaited task is freed as soon as it has given its result") {
  struct Body {
    static Task<> run(int& living, int& livingAfter) {
      bool ran = false;
      Task<> task = setWhenRun(ran, Counted(living));
      co_await std::move(task);
      livingAfter = living;
    }
  };
  int living = 0;
  int livingAfter = -1;
  runTest(Body::run(living, livingAfter));
  CHECK(livingAfter == 0);
}

TEST_CASE("a task frees its parameters and locals when it throws") {
  struct Body {
    static Task<> run(Counted parameter, int& living) {
      const Counted local = parameter;
      co_await sleepOnce();
      CHECK(living >= 2);
      throw Error(Error::Code::Media, "thrown");
    }
  };
  int living = 0;
  CHECK_THROWS_AS(runTest(Body::run(Counted(living), living)), Error);
  CHECK(living == 0);
}

TEST_CASE("a task that waits survives the object that it was moved out of") {
  struct Owner {
    explicit Owner(Task<> task) : pending(std::move(task)) {}
    Task<> pending;
  };
  struct Body {
    static Task<> awaitPending(Owner& owner, bool& ended) {
      co_await std::move(owner.pending);
      ended = true;
    }
    static Task<> run(bool& ended) {
      auto owner = std::make_unique<Owner>(sleepOnce());
      Scope scope;
      scope.spawn(awaitPending(*owner, ended));
      owner.reset();
      co_await scope.join();
    }
  };
  bool ended = false;
  runTest(Body::run(ended));
  CHECK(ended);
}

TEST_CASE("a task gives a value that can only be moved") {
  struct Body {
    static Task<> run(int& value) {
      const std::unique_ptr<int> result = co_await makeUnique();
      value = *result;
    }
  };
  int value = 0;
  runTest(Body::run(value));
  CHECK(value == 5);
}

TEST_CASE("the stop token passes to awaited tasks") {
  struct Body {
    static Task<bool> isStopped() { co_return (co_await currentStopToken()).stop_requested(); }
    static Task<> run(Scope& scope, bool& before, bool& after) {
      before = co_await isStopped();
      scope.requestStop();
      after = co_await isStopped();
    }
    static Task<> body(bool& before, bool& after) {
      Scope scope;
      scope.spawn(run(scope, before, after));
      co_await scope.join();
    }
  };
  bool before = true;
  bool after = false;
  CHECK_FALSE(runTest(Body::body(before, after)).suspended);
  CHECK_FALSE(before);
  CHECK(after);
}

TEST_CASE("checkCancelled throws only in a cancelled task") {
  runTest(checkCancelled());
  runTest(test::checkCancelledBefore(checkCancelled()));
}

TEST_CASE("a shielded task runs to its end when its caller is cancelled") {
  struct Body {
    static Task<> undo(bool& undone) {
      co_await sleepFor(5ms);
      undone = true;
    }
    static Task<> run(bool& undone, bool& cancelledAfter) {
      co_await shielded(undo(undone));
      try {
        co_await sleepFor(1h);
      } catch (const Cancelled&) {
        cancelledAfter = true;
        throw;
      }
    }
  };
  bool undone = false;
  bool cancelledAfter = false;
  runTest(test::checkCancelling(Body::run(undone, cancelledAfter)));
  CHECK(undone);
  CHECK(cancelledAfter);
}

TEST_CASE("a shielded task gives its value and its errors") {
  struct Body {
    static Task<> run(int& value) {
      value = co_await shielded(answer());
      co_await shielded(fail(1, true));
    }
  };
  int value = 0;
  CHECK_THROWS_WITH(runTest(Body::run(value)), "deep");
  CHECK(value == 42);
}

TEST_CASE("destroying a task that waits frees all that it awaits") {
  struct Body {
    static Task<> deep(Counted held, int depth) {
      if (depth == 0) {
        co_await sleepFor(1h);
      } else {
        co_await deep(held, depth - 1);
      }
    }
  };
  test::TestContext context;
  int living = 0;
  {
    test::Destroyable waiting(Body::deep(Counted(living), 3));
    CHECK(living >= 4);
    CHECK_FALSE(waiting.ended());
  }
  CHECK(living == 0);
  CHECK(context.becomesEmpty(1s));
}
