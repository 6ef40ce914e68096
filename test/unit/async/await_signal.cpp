#include <string>

#include "cosoup/glib/await.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

/// An object with a signal: GSimpleAction's "activate", which carries a GVariant.
Ref<GSimpleAction> newAction() {
  return Ref<GSimpleAction>::adopt(g_simple_action_new("action", G_VARIANT_TYPE_STRING));
}

void activate(const Ref<GSimpleAction>& action, const char* text) {
  g_action_activate(G_ACTION(action.get()), g_variant_new_string(text));
}

bool hasHandler(const Ref<GSimpleAction>& action) {
  return g_signal_has_handler_pending(action.get(),
                                      g_signal_lookup("activate", G_TYPE_SIMPLE_ACTION), 0, TRUE);
}

Task<> waitForActivation(Ref<GSimpleAction> action) {
  co_await awaitSignal(action.get(), "activate");
}

Task<> readText(Ref<GSimpleAction> action, std::string& text) {
  const SignalArguments arguments = co_await awaitSignal(action.get(), "activate");
  CHECK(arguments.size() == 1);
  text = g_variant_get_string(g_value_get_variant(arguments[0]), nullptr);
}

}  // namespace

TEST_CASE("awaitSignal gives copies of the arguments of the next emission") {
  struct Body {
    static Task<> run(std::string& text) {
      const Ref<GSimpleAction> action = newAction();
      activate(action, "too early");
      Scope scope;
      scope.spawn(readText(action, text));
      activate(action, "in time");
      activate(action, "too late");
      CHECK(text.empty());
      co_await scope.join();
      CHECK_FALSE(hasHandler(action));
    }
  };
  std::string text;
  CHECK(runTest(Body::run(text)).suspended);
  CHECK(text == "in time");
}

TEST_CASE("the detail of a signal is heeded") {
  struct Body {
    static Task<> waitForEnabled(Ref<GSimpleAction> action, bool& changed) {
      co_await awaitSignal(action.get(), "notify::enabled");
      changed = true;
    }
    static Task<> run() {
      const Ref<GSimpleAction> action = newAction();
      bool changed = false;
      Scope scope;
      scope.spawn(waitForEnabled(action, changed));
      g_object_notify(G_OBJECT(action.get()), "state");
      co_await sleepFor(2ms);
      CHECK_FALSE(changed);
      g_simple_action_set_enabled(action.get(), FALSE);
      co_await scope.join();
      CHECK(changed);
    }
  };
  runTest(Body::run());
}

TEST_CASE("waiting for a signal is cancelled, before and meanwhile, and leaves no handler") {
  const Ref<GSimpleAction> action = newAction();
  runTest(test::checkCancelling(waitForActivation(action)));
  runTest(test::checkCancelledBefore(waitForActivation(action)));
  CHECK_FALSE(hasHandler(action));
  CHECK(G_OBJECT(action.get())->ref_count == 1);
}

TEST_CASE("a signal emitted in the turn of the cancellation does not count") {
  const bool stopped = GENERATE(true, false);
  runTest([](bool stopFirst) -> Task<> {
    const Ref<GSimpleAction> action = newAction();
    test::Ending ending;
    Scope scope;
    scope.spawn(test::detail::watch(waitForActivation(action), ending));
    if (stopFirst) scope.requestStop();
    activate(action, "x");
    scope.requestStop();
    co_await scope.join();
    CHECK(ending.cancelled);
  }(stopped));
}

TEST_CASE("the object lives while its signal is awaited") {
  struct Body {
    static Task<> awaitBorrowed(GSimpleAction* action) { co_await awaitSignal(action, "activate"); }
    static Task<> run() {
      Ref<GSimpleAction> action = newAction();
      GSimpleAction* borrowed = action.get();
      Scope scope;
      scope.spawn(awaitBorrowed(borrowed));
      action.reset();
      g_action_activate(G_ACTION(borrowed), g_variant_new_string("x"));
      co_await scope.join();
    }
  };
  runTest(Body::run());
}

TEST_CASE("a signal emitted after the task was destroyed touches nothing") {
  test::TestContext context;
  const Ref<GSimpleAction> action = newAction();
  test::checkDestroying(context, waitForActivation(action), [&] { activate(action, "late"); });
  CHECK_FALSE(hasHandler(action));
}

TEST_CASE("a task may be destroyed between the signal and its turn") {
  test::TestContext context;
  const Ref<GSimpleAction> action = newAction();
  {
    const test::Destroyable waiting(waitForActivation(action));
    activate(action, "x");
  }
  context.drain();
  CHECK_FALSE(hasHandler(action));
}

TEST_CASE("a task may be destroyed in the middle of the emission that it waited for") {
  struct Destroyer {
    std::unique_ptr<test::Destroyable> waiting;
    static void onActivate(GSimpleAction*, GVariant*, gpointer self) {
      static_cast<Destroyer*>(self)->waiting.reset();
    }
  };
  test::TestContext context;
  const Ref<GSimpleAction> action = newAction();
  Destroyer destroyer;
  g_signal_connect(action.get(), "activate", G_CALLBACK(&Destroyer::onActivate), &destroyer);
  destroyer.waiting = std::make_unique<test::Destroyable>(waitForActivation(action));
  activate(action, "x");
  context.drain();
  CHECK_FALSE(destroyer.waiting);
}

TEST_CASE("signal arguments that are assigned to free the old ones") {
  GValue text = G_VALUE_INIT;
  g_value_init(&text, G_TYPE_STRING);
  g_value_set_string(&text, "first");
  SignalArguments arguments(&text, 1);
  g_value_set_string(&text, "second");
  arguments = SignalArguments(&text, 1);
  g_value_unset(&text);
  CHECK(std::string(g_value_get_string(arguments[0])) == "second");
  SignalArguments moved(std::move(arguments));
  CHECK(moved.size() == 1);
  CHECK_THROWS(moved[1]);
}

TEST_CASE("the loop keeps running while a signal is awaited") {
  struct Body {
    static Task<> run() {
      const Ref<GSimpleAction> action = newAction();
      Scope scope;
      scope.spawn(waitForActivation(action));
      co_await test::letLoopTurn();
      activate(action, "x");
      co_await scope.join();
    }
  };
  CHECK(runTest(Body::run()).ticks >= test::ticksOfLetLoopTurn);
}
