#include "cosoup/async/channel.hpp"

#include <memory>
#include <vector>

#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

Task<> readAll(Channel<int> channel, std::vector<int>& read) {
  while (const std::optional<int> item = co_await channel.next()) read.push_back(*item);
}

Task<> readOne(Channel<int> channel) { co_await channel.next(); }

Task<> pushSlowly(Channel<int> channel, int count) {
  for (int i = 0; i < count; ++i) {
    co_await sleepFor(1ms);
    channel.push(i);
  }
  channel.close();
}

}  // namespace

TEST_CASE("a reader gets what another task pushes, in order, until the channel is closed") {
  struct Body {
    static Task<> run(std::vector<int>& read) {
      const Channel<int> channel;
      Scope scope;
      scope.spawn(pushSlowly(channel, 4));
      co_await readAll(channel, read);
      co_await scope.join();
    }
  };
  std::vector<int> read;
  CHECK(runTest(Body::run(read)).suspended);
  CHECK(read == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("300,000 items that are there already are read without suspending or stack growth") {
  Channel<int> channel;
  for (int i = 0; i < 300000; ++i) channel.push(i);
  channel.close();
  std::vector<int> read;
  CHECK_FALSE(runTest(readAll(channel, read)).suspended);
  CHECK(read.size() == 300000);
}

TEST_CASE("a channel closed while awaited gives nothing, again and again") {
  struct Body {
    static Task<> run(std::vector<int>& read) {
      Channel<int> channel;
      Scope scope;
      scope.spawn(readAll(channel, read));
      channel.close();
      co_await scope.join();
      const auto last = co_await channel.next();
      CHECK_FALSE(last);
      CHECK(channel.isClosed());
    }
  };
  std::vector<int> read;
  CHECK(runTest(Body::run(read)).suspended);
  CHECK(read.empty());
}

TEST_CASE("what was pushed before the close is delivered, what comes after is dropped") {
  Channel<int> channel;
  channel.push(1);
  channel.close();
  channel.push(2);
  CHECK(channel.size() == 1);
  std::vector<int> read;
  runTest(readAll(channel, read));
  CHECK(read == std::vector<int>{1});
}

TEST_CASE("two readers share the items of a channel, each item to one of them") {
  struct Body {
    static Task<> run(std::vector<int>& first, std::vector<int>& second) {
      Channel<int> channel;
      Scope scope;
      scope.spawn(readAll(channel, first));
      scope.spawn(readAll(channel, second));
      for (int i = 0; i < 10; ++i) {
        channel.push(i);
        if (i % 3 == 0) co_await sleepFor(1ms);
      }
      channel.close();
      co_await scope.join();
    }
  };
  std::vector<int> first;
  std::vector<int> second;
  runTest(Body::run(first, second));
  std::vector<int> all = first;
  all.insert(all.end(), second.begin(), second.end());
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("cancelling a reader ends its wait") {
  runTest(test::checkCancelling(readOne(Channel<int>())));
}

TEST_CASE("a cancelled reader takes no item, even when one is there") {
  Channel<int> channel;
  channel.push(1);
  runTest(test::checkCancelledBefore(readOne(channel)));
  CHECK(channel.size() == 1);
}

TEST_CASE("a reader cancelled in the turn in which an item came leaves it to the next reader") {
  const bool stopped = GENERATE(true, false);
  runTest([](Channel<int> channel, bool stopFirst) -> Task<> {
    Scope scope;
    scope.spawn(readOne(channel));
    if (stopFirst) scope.requestStop();
    channel.push(9);
    scope.requestStop();
    co_await scope.join();
    CHECK(channel.size() == 1);
    const std::optional<int> item = co_await channel.next();
    CHECK(item == 9);
  }(Channel<int>(), stopped));
}

TEST_CASE("of two readers the other one gets the item when the first is cancelled") {
  struct Body {
    static Task<> run(std::vector<int>& read) {
      Channel<int> channel;
      Scope first;
      Scope second;
      first.spawn(readOne(channel));
      second.spawn(readAll(channel, read));
      channel.push(3);
      first.requestStop();
      channel.close();
      co_await first.join();
      co_await second.join();
    }
  };
  std::vector<int> read;
  runTest(Body::run(read));
  CHECK(read == std::vector<int>{3});
}

TEST_CASE("a channel carries what can only be moved") {
  struct Body {
    static Task<> run(int& value) {
      Channel<std::unique_ptr<int>> channel;
      channel.push(std::make_unique<int>(8));
      const std::optional<std::unique_ptr<int>> item = co_await channel.next();
      value = **item;
    }
  };
  int value = 0;
  runTest(Body::run(value));
  CHECK(value == 8);
}

TEST_CASE("the loop keeps running while a reader waits") {
  struct Body {
    static Task<> run(std::vector<int>& read) {
      const Channel<int> channel;
      Scope scope;
      scope.spawn(pushSlowly(channel, 30));
      co_await readAll(channel, read);
      co_await scope.join();
    }
  };
  std::vector<int> read;
  const auto report = runTest(Body::run(read));
  CHECK(read.size() == 30);
  CHECK(report.ticks >= 10);
}

TEST_CASE("a push wakes no reader that was destroyed") {
  test::TestContext context;
  Channel<int> channel;
  test::checkDestroying(context, readOne(channel), [&] { channel.push(1); });
  CHECK(channel.size() == 1);
}

TEST_CASE("a reader may be destroyed between the push and its turn") {
  test::TestContext context;
  Channel<int> channel;
  {
    const test::Destroyable reader(readOne(channel));
    channel.push(1);
  }
  context.drain();
  CHECK(channel.size() == 1);
}

TEST_CASE("a condition wakes all who wait, and only those") {
  struct Body {
    static Task<> waitOnce(Condition& condition, int& woken) {
      co_await condition.wait();
      ++woken;
    }
    static Task<> run(int& woken) {
      Condition condition;
      condition.notify();
      Scope scope;
      scope.spawn(waitOnce(condition, woken));
      scope.spawn(waitOnce(condition, woken));
      co_await sleepFor(2ms);
      CHECK(woken == 0);
      condition.notify();
      CHECK(woken == 0);
      scope.spawn(waitOnce(condition, woken));
      co_await sleepFor(2ms);
      CHECK(woken == 2);
      condition.notify();
      co_await scope.join();
    }
  };
  int woken = 0;
  runTest(Body::run(woken));
  CHECK(woken == 3);
}

TEST_CASE("a wait on a condition is cancelled, before and meanwhile") {
  struct Body {
    static Task<> waitOnce(Condition& condition) { co_await condition.wait(); }
  };
  Condition condition;
  runTest(test::checkCancelling(Body::waitOnce(condition)));
  runTest(test::checkCancelledBefore(Body::waitOnce(condition)));
}
