#include <future>
#include <memory>
#include <string>
#include <thread>

#include "cosoup/webrtc/promise.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

GstStructure* answerOf(int number) {
  return gst_structure_new("answer", "number", G_TYPE_INT, number, nullptr);
}

int numberOf(const GstStructure* reply) {
  int number = 0;
  if (reply) gst_structure_get_int(reply, "number", &number);
  return number;
}

/// Keeps the promise of `ask()` for whoever answers.
struct Question {
  Ref<GstPromise> promise;
  int starts = 0;

  Task<int> ask() {
    const Ref<GstPromise> answered = co_await awaitPromise([&](GstPromise* lent) {
      ++starts;
      promise = Ref<GstPromise>::share(lent);
    });
    co_return numberOf(replyOf(answered, "ask"));
  }
  Task<> askAndDrop() { co_await ask(); }
  void answer(int number) {
    gst_promise_reply(std::exchange(promise, nullptr).get(), answerOf(number));
  }
};

/// Asks and lets `answer(promise)` deal with it at once, inside start.
template <class Answer>
Task<int> askAtOnce(Answer answer) {
  const Ref<GstPromise> answered = co_await awaitPromise([&](GstPromise* lent) { answer(lent); });
  co_return numberOf(replyOf(answered, "ask"));
}

template <class Answer>
Task<> store(int& number, Answer answer) {
  number = co_await askAtOnce(answer);
}

void replyWithError(GstPromise* promise, GQuark domain, int code) {
  GError* error = g_error_new_literal(domain, code, "no");
  gst_promise_reply(promise, gst_structure_new("error", "error", G_TYPE_ERROR, error, nullptr));
  g_error_free(error);
}

[[maybe_unused]] const bool gstreamerIsReady = [] {
  gst_init(nullptr, nullptr);
  return true;
}();

}  // namespace

TEST_CASE("a promise answered on another thread resumes on the thread of the context") {
  struct Body {
    static Task<> turnAndAllow(std::promise<void> allowed) {
      co_await test::letLoopTurn();
      allowed.set_value();
    }
    static Task<> run(int& number, std::thread::id& resumedOn) {
      std::promise<void> allowed;
      std::future<void> mayAnswer = allowed.get_future();
      Scope scope;
      scope.spawn(turnAndAllow(std::move(allowed)));
      std::thread other;
      const Ref<GstPromise> answered = co_await awaitPromise([&](GstPromise* lent) {
        other = std::thread([&mayAnswer, promise = Ref<GstPromise>::share(lent)] {
          mayAnswer.wait();
          gst_promise_reply(promise.get(), answerOf(42));
        });
      });
      resumedOn = std::this_thread::get_id();
      other.join();
      co_await scope.join();
      number = numberOf(replyOf(answered, "ask"));
    }
  };
  int number = 0;
  std::thread::id resumedOn;
  const auto report = runTest(Body::run(number, resumedOn));
  CHECK(number == 42);
  CHECK(resumedOn == std::this_thread::get_id());
  CHECK(report.suspended);
  CHECK(report.ticks >= test::ticksOfLetLoopTurn);
}

TEST_CASE("a promise answered before start has returned is awaited all the same") {
  int number = 0;
  const auto report =
      runTest(store(number, [](GstPromise* promise) { gst_promise_reply(promise, answerOf(5)); }));
  CHECK(number == 5);
  CHECK(report.suspended);
}

TEST_CASE("a promise may be answered without a reply") {
  int number = -1;
  runTest(store(number, [](GstPromise* promise) { gst_promise_reply(promise, nullptr); }));
  CHECK(number == 0);
}

TEST_CASE("a promise that expired, or was interrupted, is an Error(Media)") {
  int number = 0;
  CHECK_THROWS_WITH(runTest(store(number, [](GstPromise* p) { gst_promise_expire(p); })),
                    "ask: not answered");
  CHECK_THROWS_WITH(runTest(store(number, [](GstPromise* p) { gst_promise_interrupt(p); })),
                    "ask: not answered");
}

TEST_CASE("a promise that everybody drops without an answer is an Error(Media), no endless wait") {
  const test::LogCapture log;  // GStreamer complains of it
  int number = 0;
  CHECK_THROWS_WITH(runTest(store(number, [](GstPromise*) {})), "ask: not answered");
  CHECK_THROWS_WITH(runTest(store(number,
                                  [](GstPromise* lent) {
                                    std::thread([promise = Ref<GstPromise>::share(lent)] {
                                      std::this_thread::sleep_for(2ms);
                                    }).detach();
                                  })),
                    "ask: not answered");
}

TEST_CASE("a promise answered with an error is an Error(Media) with its text") {
  int number = 0;
  try {
    runTest(store(number, [](GstPromise* promise) {
      replyWithError(promise, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED);
    }));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Media);
    CHECK(std::string(error.what()) == "ask: no");
  }
}

TEST_CASE("an error field of another type is an error, too") {
  int number = 0;
  CHECK_THROWS_WITH(
      runTest(store(number,
                    [](GstPromise* promise) {
                      gst_promise_reply(
                          promise, gst_structure_new("error", "error", G_TYPE_INT, 1, nullptr));
                    })),
      "ask: unknown error");
}

TEST_CASE("a cancelled task waits for the answer of its promise, then throws Cancelled") {
  runTest([]() -> Task<> {
    Question question;
    test::Ending ending;
    Scope scope;
    scope.spawn(test::detail::watch(question.askAndDrop(), ending));
    scope.requestStop();
    co_await sleepFor(5ms);
    CHECK_FALSE(ending.wentOn);
    question.answer(1);
    co_await scope.join();
    CHECK(ending.cancelled);
    CHECK(ending.wentOn);
  }());
}

TEST_CASE("a promise answered in the turn of the cancellation counts as cancelled") {
  runTest([]() -> Task<> {
    Question question;
    test::Ending ending;
    Scope scope;
    scope.spawn(test::detail::watch(question.askAndDrop(), ending));
    question.answer(1);
    scope.requestStop();
    co_await scope.join();
    CHECK(ending.cancelled);
  }());
}

TEST_CASE("a task that is cancelled already asks nothing") {
  Question question;
  runTest(test::checkCancelledBefore(question.askAndDrop()));
  CHECK(question.starts == 0);
}

TEST_CASE("a promise answered after its task has gone touches nothing") {
  test::TestContext context;
  Question question;
  test::checkDestroying(context, question.askAndDrop(), [&] { question.answer(1); });
}

TEST_CASE("a task may be destroyed between the answer and its turn") {
  test::TestContext context;
  Question question;
  {
    const test::Destroyable waiting(question.askAndDrop());
    question.answer(1);
  }
  context.drain();
}

TEST_CASE("a promise answered after its loop has gone leaks nothing") {
  Question question;
  std::weak_ptr<int> watched;
  {
    test::TestContext context;
    bool wentOn = false;
    const auto token = std::make_shared<int>();
    watched = token;
    const test::Destroyable waiting(test::holdWhile(question.askAndDrop(), token, wentOn));
  }
  CHECK(watched.expired());
  question.answer(1);  // LeakSanitizer sees the rest
}

TEST_CASE("the reply is owned by the promise that was awaited") {
  struct Body {
    static Task<> run(int& number) {
      const Ref<GstPromise> answered = co_await awaitPromise(
          [](GstPromise* promise) { gst_promise_reply(promise, answerOf(9)); });
      const GstStructure* reply = replyOf(answered, "ask");
      co_await sleepFor(1ms);
      number = numberOf(reply);
    }
  };
  int number = 0;
  runTest(Body::run(number));
  CHECK(number == 9);
}
