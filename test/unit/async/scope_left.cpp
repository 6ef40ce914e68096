// The ends that a scope's owner did not wait for: destruction, and finishInBackground().
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cosoup/async/scope.hpp"
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

/// Needs a while to stop, as what must say goodbye to a server does.
Task<> stopSlowly(bool& ended) {
  try {
    co_await sleepFor(1h);
  } catch (const Cancelled&) {
  }
  co_await shielded(setAfter(5ms, ended));
}

Task<> keepAlive(std::shared_ptr<int> token) {
  co_await sleepFor(1h);
  ++*token;
}

}  // namespace

TEST_CASE("a scope destroyed with running tasks is reported, and the loop finishes them") {
  LogCapture log;
  test::TestContext context;
  const auto token = std::make_shared<int>();
  bool ended = false;
  {
    Scope scope;
    scope.spawn(keepAlive(token));
    scope.spawn(stopSlowly(ended));
  }
  REQUIRE(log.messages().size() == 1);
  CHECK(log.messages()[0] == "Scope: destroyed with 2 tasks still running");
  CHECK(context.runUntil([&] { return ended && token.use_count() == 1; }));
  CHECK(*token == 0);
}

TEST_CASE("join goes on when its scope is destroyed meanwhile") {
  struct Body {
    static Task<> joinThen(Task<> joining, bool& joined) {
      co_await std::move(joining);
      joined = true;
    }
    static Task<> run(bool& joined) {
      auto scope = std::make_unique<Scope>();
      bool done = false;
      scope->spawn(stopSlowly(done));
      Scope joiners;
      joiners.spawn(joinThen(scope->join(), joined));
      scope.reset();
      co_await joiners.join();
    }
  };
  LogCapture log;
  bool joined = false;
  runTest(Body::run(joined));
  CHECK(joined);
  CHECK(log.messages().size() == 1);
}

TEST_CASE("an error that nobody joined is logged when the scope is destroyed") {
  LogCapture log;
  {
    Scope scope;
    scope.spawn(failAtOnce("unseen"));
  }
  CHECK(log.messages() == std::vector<std::string>{"Scope: destroyed without join(): unseen"});
}

TEST_CASE("what finishInBackground runs outlives its caller and reports its errors") {
  struct Body {
    static Task<> leaveBehind(bool& done) {
      finishInBackground(setAfter(5ms, done));
      finishInBackground(failAfter(1ms, "goodbye: not heard"));
      co_return;
    }
  };
  LogCapture log;
  bool done = false;
  CHECK_FALSE(runTest(Body::leaveBehind(done)).suspended);
  CHECK(done);
  CHECK(log.messages() == std::vector<std::string>{"finishInBackground: goodbye: not heard"});
}

TEST_CASE("a foreign exception in the background does not stop what else runs there") {
  struct Body {
    static Task<> throwForeign() {
      throw std::out_of_range("foreign");
      co_return;
    }
    static Task<> leaveBehind(bool& first, bool& second) {
      finishInBackground(setAfter(5ms, first));
      finishInBackground(throwForeign());
      finishInBackground(setAfter(5ms, second));
      co_return;
    }
  };
  LogCapture log;
  bool first = false;
  bool second = false;
  runTest(Body::leaveBehind(first, second));
  CHECK(first);
  CHECK(second);
  CHECK(log.messages() == std::vector<std::string>{"finishInBackground: foreign"});
}
