#include "cosoup/async/signal.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/log_capture.hpp"

#include "cosoup/async/emit_signal.hpp"

using cosoup::Connection;
using cosoup::Signal;
using cosoup::test::LogCapture;

namespace {

/// A callback that notes its name.
std::function<void()> note(std::vector<std::string>& order, std::string name) {
  return [&order, name] { order.push_back(name); };
}

}  // namespace

TEST_CASE("callbacks run in the order of their connection, with the arguments") {
  Signal<int, const std::string&> signal;
  std::vector<std::string> order;
  const Connection first = signal.connect(
      [&](int n, const std::string& text) { order.push_back("1 " + text + std::to_string(n)); });
  const Connection second = signal.connect(
      [&](int n, const std::string& text) { order.push_back("2 " + text + std::to_string(n)); });
  emitSignal(signal, 7, "x");
  CHECK(order == std::vector<std::string>{"1 x7", "2 x7"});
}

TEST_CASE("a connection ends with its owner") {
  Signal<> signal;
  int calls = 0;
  {
    const Connection connection = signal.connect([&] { ++calls; });
    emitSignal(signal);
  }
  emitSignal(signal);
  CHECK(calls == 1);
}

TEST_CASE("a released connection stays for the life of the signal") {
  Signal<> signal;
  int calls = 0;
  signal.connect([&] { ++calls; }).release();
  emitSignal(signal);
  CHECK(calls == 1);
}

TEST_CASE("disconnecting frees the callback") {
  Signal<> signal;
  const auto held = std::make_shared<int>();
  Connection connection = signal.connect([held] { ++*held; });
  CHECK(held.use_count() == 2);
  connection.disconnect();
  CHECK(held.use_count() == 1);
  connection.disconnect();
  emitSignal(signal);
  CHECK(*held == 0);
}

TEST_CASE("destroying the signal frees its callbacks, though connections outlive it") {
  const auto held = std::make_shared<int>();
  Connection connection;
  {
    Signal<> signal;
    connection = signal.connect([held] { ++*held; });
  }
  CHECK(held.use_count() == 1);
  connection.disconnect();
}

TEST_CASE("a moved connection keeps its callback, an overwritten one loses it") {
  Signal<> signal;
  std::vector<std::string> order;
  Connection first = signal.connect(note(order, "first"));
  Connection second = signal.connect(note(order, "second"));
  Connection moved(std::move(first));
  emitSignal(signal);
  CHECK(order == std::vector<std::string>{"first", "second"});
  order.clear();
  moved = std::move(second);
  emitSignal(signal);
  CHECK(order == std::vector<std::string>{"second"});
}

TEST_CASE("a connection moved to itself keeps its callback") {
  Signal<> signal;
  int calls = 0;
  Connection connection = signal.connect([&] { ++calls; });
  Connection& itself = connection;
  connection = std::move(itself);
  emitSignal(signal);
  CHECK(calls == 1);
}

TEST_CASE("a callback connected in mid-emission is called from the next emission on") {
  Signal<> signal;
  int calls = 0;
  bool isAdded = false;
  Connection added;
  const Connection adding = signal.connect([&] {
    if (!std::exchange(isAdded, true)) added = signal.connect([&] { ++calls; });
  });
  emitSignal(signal);
  CHECK(calls == 0);
  emitSignal(signal);
  CHECK(calls == 1);
}

TEST_CASE("a callback disconnected in mid-emission is not called any more") {
  Signal<> signal;
  std::vector<std::string> order;
  Connection later;
  const Connection first = signal.connect([&] { later.disconnect(); });
  later = signal.connect(note(order, "later"));
  const Connection last = signal.connect(note(order, "last"));
  emitSignal(signal);
  CHECK(order == std::vector<std::string>{"last"});
}

TEST_CASE("a callback may disconnect itself and still use what it holds") {
  Signal<> signal;
  const auto held = std::make_shared<int>();
  Connection connection;
  connection = signal.connect([&connection, held] {
    connection.disconnect();
    ++*held;
  });
  emitSignal(signal);
  emitSignal(signal);
  CHECK(*held == 1);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a callback may disconnect the owner of its own connection") {
  struct Owner {
    Connection connection;
    int calls = 0;
  };
  Signal<> signal;
  std::weak_ptr<Owner> watched;
  {
    auto owner = std::make_shared<Owner>();
    watched = owner;
    owner->connection = signal.connect([owner] {
      ++owner->calls;
      owner->connection.disconnect();
    });
  }
  CHECK_FALSE(watched.expired());
  emitSignal(signal);
  CHECK(watched.expired());
}

TEST_CASE("disconnecting from outside may end the owner of the connection") {
  struct Owner {
    Connection connection;
  };
  Signal<> signal;
  auto owner = std::make_shared<Owner>();
  const std::weak_ptr<Owner> watched = owner;
  owner->connection = signal.connect([owner] { static_cast<void>(owner); });
  Owner* borrowed = std::exchange(owner, nullptr).get();
  borrowed->connection.disconnect();
  CHECK(watched.expired());
}

TEST_CASE("a signal destroyed in mid-emission calls nobody any more") {
  auto signal = std::make_unique<Signal<>>();
  std::vector<std::string> order;
  const Connection first = signal->connect([&] {
    order.push_back("first");
    signal.reset();
  });
  const Connection second = signal->connect(note(order, "second"));
  emitSignal(*signal);
  CHECK(order == std::vector<std::string>{"first"});
}

TEST_CASE("a callback may emit again") {
  Signal<int> signal;
  std::vector<int> seen;
  const Connection connection = signal.connect([&](int depth) {
    seen.push_back(depth);
    if (depth < 3) emitSignal(signal, depth + 1);
  });
  emitSignal(signal, 1);
  CHECK(seen == std::vector<int>{1, 2, 3});
}

TEST_CASE("what a callback throws is logged and keeps nobody from being called") {
  LogCapture log;
  Signal<> signal;
  std::vector<std::string> order;
  const Connection first = signal.connect([] { throw std::runtime_error("bad callback"); });
  const Connection second = signal.connect([] { throw 7; });
  const Connection third = signal.connect(std::function<void()>());
  const Connection last = signal.connect(note(order, "last"));
  CHECK_NOTHROW(emitSignal(signal));
  CHECK(order == std::vector<std::string>{"last"});
  const std::vector<std::string> messages = log.messages();
  REQUIRE(messages.size() == 3);
  CHECK(messages[0] == "Signal: a callback threw: bad callback");
  CHECK(messages[1] == "Signal: a callback threw: something that is no std::exception");
}
