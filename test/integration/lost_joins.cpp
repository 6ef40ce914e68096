// Joins whose connection dies at each of their moments.
#include "integration/gated_signaler.hpp"
#include "integration/returner.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<bool> sendsBoth(Member& member) {
  const Json seen = co_await member.asServerSees();
  co_return !seen.isNull() && seen.list("producers").size() == 2;
}

Task<> drop(Member& member) {
  try {
    co_await member.server.post("/test/rooms/" + member.room + "/peers/" + member.id + "/drop",
                                Json::object());
  } catch (const Error&) {  // it has not come so far
  }
}

/// Whether there is such a moment.
Task<bool> isLostAt(int moment) {
  const Gates gates(moment);
  Returner ada(sharedServer(), freshRoom(), "ada", std::make_unique<GatedSignaler>(gates));
  Scope joining;
  const auto join = begin(joining, ada.join(ProduceConfig::test(), ConsumeConfig::discard()));
  while (!gates.isReached() && joining.running() > 0) co_await sleepFor(5ms);
  const bool wasHeld = gates.isReached();
  if (wasHeld) co_await drop(ada);
  gates.open();
  bool joined = false;
  try {
    co_await withTimeout(20s, join.wait(), "the join");
    joined = true;
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Disconnected);
  }
  co_await joining.join();
  INFO("moment " << moment << ": " << gates.moments().back());
  // It comes back by itself, or there is nothing left of it that were in the way of another join.
  if (!joined) co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await eventually("ada sends both", [&] { return sendsBoth(ada); });
  co_await ada.leave();
  co_await ada.isGone();
  co_return wasHeld;
}

Task<> isLostAnywhere() {
  int moments = 0;
  while (co_await isLostAt(moments)) ++moments;
  CHECK(moments >= 18);
}

}  // namespace

TEST_CASE("a join whose connection dies at any moment ends or comes back") {
  runTest(isLostAnywhere(), 240s);
}
