// runMain in a process of its own: each hidden test case "child: …" is one, run by the test that
// names it.
#include <glib.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

struct Outcome {
  int status = -1;  ///< the exit status, or -1 when a signal ended it
  std::string end;  ///< how GLib words an end that was no success
  std::string out;
  std::string err;
};

Outcome runChild(const char* name) {
  gchar* path = g_file_read_link("/proc/self/exe", nullptr);
  gchar noReport[] = "--out=/dev/null";
  gchar* arguments[] = {path, const_cast<gchar*>(name), noReport, nullptr};
  gchar* out = nullptr;
  gchar* err = nullptr;
  int waitStatus = 0;
  REQUIRE(g_spawn_sync(nullptr, arguments, nullptr, G_SPAWN_DEFAULT, nullptr, nullptr, &out, &err,
                       &waitStatus, nullptr));
  Outcome outcome;
  outcome.out = out;
  outcome.err = err;
  GError* error = nullptr;
  if (g_spawn_check_wait_status(waitStatus, &error)) {
    outcome.status = 0;
  } else {
    outcome.end = error->message;
    if (error->domain == G_SPAWN_EXIT_ERROR) outcome.status = error->code;
    g_error_free(error);
  }
  g_free(path);
  g_free(out);
  g_free(err);
  return outcome;
}

void say(const char* text) {
  std::puts(text);
  std::fflush(stdout);
}

Task<> interruptAndWait(int signal) {
  std::raise(signal);
  try {
    co_await sleepFor(10s);
  } catch (const Cancelled&) {
    say("cancelled");
    throw;
  }
}

Task<> sayAfter(std::chrono::milliseconds delay, std::string text) {
  co_await sleepFor(delay);
  say(text.c_str());
}

}  // namespace

TEST_CASE("child: gives a status", "[.child]") {
  struct Body {
    static Task<int> run() {
      co_await sleepFor(1ms);
      co_return 7;
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: gives a negative status", "[.child]") {
  struct Body {
    static Task<int> run() { co_return -2; }
  };
  const int status = runMain(Body::run());
  std::printf("%d\n", status);
  std::exit(0);
}

TEST_CASE("child: throws an error", "[.child]") {
  struct Body {
    static Task<> run() {
      co_await sleepFor(1ms);
      throw Error(Error::Code::Rejected, "joinRoom: the room is full");
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: throws no exception class", "[.child]") {
  struct Body {
    static Task<> run() {
      co_await sleepFor(1ms);
      throw 7;
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: is interrupted", "[.child]") { std::exit(runMain(interruptAndWait(SIGINT))); }

TEST_CASE("child: is terminated", "[.child]") { std::exit(runMain(interruptAndWait(SIGTERM))); }

TEST_CASE("child: says goodbye when interrupted", "[.child]") {
  struct Body {
    static Task<int> run() {
      try {
        co_await interruptAndWait(SIGINT);
      } catch (const Cancelled&) {
      }
      co_await shielded(sayAfter(5ms, "goodbye"));
      co_return 0;
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: does not stop when interrupted", "[.child]") {
  struct Body {
    static Task<> run() {
      try {
        co_await interruptAndWait(SIGINT);
      } catch (const Cancelled&) {
      }
      std::raise(SIGINT);
      co_await shielded(sayAfter(10s, "still here"));
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: is interrupted twice while it blocks", "[.child]") {
  struct Body {
    static Task<> run() {
      co_await sleepFor(1ms);
      std::raise(SIGTERM);
      std::raise(SIGTERM);
      say("still there");
    }
  };
  std::exit(runMain(Body::run()));
}

TEST_CASE("child: leaves something in the background", "[.child]") {
  struct Body {
    static Task<> more() {
      co_await sleepFor(2ms);
      finishInBackground(sayAfter(5ms, "second"));
    }
    static Task<> run() {
      finishInBackground(more());
      finishInBackground(sayAfter(1ms, "first"));
      co_return;
    }
  };
  const int status = runMain(Body::run());
  say("ended");
  std::exit(status);
}

TEST_CASE("child: runs twice", "[.child]") {
  runMain(sayAfter(1ms, "one"));
  std::exit(runMain(sayAfter(1ms, "two")));
}

TEST_CASE("runMain gives the status of its task") {
  CHECK(runChild("child: gives a status").status == 7);
  CHECK(runChild("child: gives a negative status").out == "-2\n");
}

TEST_CASE("runMain may be called again, and gives 0 for a task without a value") {
  const Outcome outcome = runChild("child: runs twice");
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "one\ntwo\n");
}

TEST_CASE("runMain prints an escaping error on stderr and gives 1") {
  const Outcome outcome = runChild("child: throws an error");
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: joinRoom: the room is full\n");
  CHECK(outcome.out.empty());
}

TEST_CASE("runMain ends even by an exception of an unknown type") {
  const Outcome outcome = runChild("child: throws no exception class");
  CHECK(outcome.status == 1);
  CHECK(outcome.err == "error: unknown exception\n");
}

TEST_CASE("an interrupt or SIGTERM cancels the main task, whose status is then 130") {
  for (const char* child : {"child: is interrupted", "child: is terminated"}) {
    const Outcome outcome = runChild(child);
    CHECK(outcome.status == 130);
    CHECK(outcome.out == "cancelled\n");
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("a main task may say goodbye when it is interrupted") {
  const Outcome outcome = runChild("child: says goodbye when interrupted");
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "cancelled\ngoodbye\n");
}

TEST_CASE("a second interrupt ends the program at once") {
  const Outcome outcome = runChild("child: does not stop when interrupted");
  CHECK(outcome.status == -1);
  CHECK(outcome.end == "Child process killed by signal " + std::to_string(SIGINT));
  CHECK(outcome.out == "cancelled\n");
}

TEST_CASE("a second signal ends the program although the first has not reached the loop") {
  const Outcome outcome = runChild("child: is interrupted twice while it blocks");
  CHECK(outcome.end == "Child process killed by signal " + std::to_string(SIGTERM));
  CHECK(outcome.out.empty());
}

TEST_CASE("runMain ends only when the background tasks have ended") {
  const Outcome outcome = runChild("child: leaves something in the background");
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "first\nsecond\nended\n");
}
