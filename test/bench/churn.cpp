// Consumers that come and go on one transport, and clients that come and go in one process: what is
// held before, after a warm-up, and after each of two windows; and what it costs. A line of JSON
// for each. Lengths come from the environment; see run.sh.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "integration/churn.hpp"
#include "integration/launched_talker.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// Of the time since it was made.
class Meter {
 public:
  double wallMs() const { return Milliseconds(Clock::now() - began_).count(); }
  /// CPU time of this process.
  double cpuMs() const { return usedCpuMs() - used_; }

 private:
  static double usedCpuMs() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
  }

  Clock::time_point began_ = Clock::now();
  double used_ = usedCpuMs();
};

std::string member(const char* name, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), R"("%s":%.6g)", name, value);
  return text.data();
}

std::string describe(const Holdings& holdings) {
  std::string text;
  for (const HoldingsField& field : kHoldingsFields) {
    text += (text.empty() ? "{" : ",") + member(field.name, holdings.*field.value);
  }
  return text + "}";
}

std::string growth(const Holdings& from, const Holdings& to, double parts) {
  Holdings grown;
  for (const HoldingsField& field : kHoldingsFields) {
    grown.*field.value = (to.*field.value - from.*field.value) / parts;
  }
  return describe(grown);
}

std::size_t number(const char* variable, std::size_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? static_cast<std::size_t>(std::atol(text)) : otherwise;
}

/// What goes on without any churn, such as receiving what stays.
Task<double> idleCores() {
  const Meter meter;
  co_await sleepFor(2s);
  co_return meter.cpuMs() / meter.wallMs();
}

Task<double> cpuMsOfAnEmptyRound(Churn& churn, double idle) {
  constexpr int kRounds = 50;
  const Meter meter;
  for (int i = 0; i < kRounds; ++i) co_await churn.emptyRound();
  co_return (meter.cpuMs() - idle * meter.wallMs()) / kRounds;
}

/// Of one consumer or client.
struct Costs {
  double ms = 0;
  double cpuMs = 0;
};

struct Windows {
  Holdings before;
  Holdings warm;
  Holdings middle;
  Holdings after;
  Costs costs;
};

/// How many rounds there are; in each `perRound` of what is counted come and go.
struct Rounds {
  std::size_t warmUp;
  std::size_t window;  ///< of which there are two
  std::size_t perRound;

  double counted() const { return static_cast<double>(window * perRound); }
};

Task<Windows> measure(Churn& churn, Rounds rounds) {
  Windows windows;
  co_await churn.begin();
  windows.before = co_await churn.holdings();
  const double idle = co_await idleCores();
  const double empty = co_await cpuMsOfAnEmptyRound(churn, idle);
  co_await churn.rounds(rounds.warmUp);
  windows.warm = co_await churn.holdings();
  const Meter meter;
  co_await churn.rounds(rounds.window);
  const double wall = meter.wallMs();
  const double cpu = meter.cpuMs() - idle * wall - empty * static_cast<double>(rounds.window);
  windows.costs.ms = wall / rounds.counted();
  windows.costs.cpuMs = cpu / rounds.counted();
  windows.middle = co_await churn.holdings();
  co_await churn.rounds(rounds.window);
  windows.after = co_await churn.holdings();
  co_await churn.end();
  co_return windows;
}

void print(const char* name, const Windows& windows, Rounds rounds, const std::string& costs) {
  const double hundreds = rounds.counted() / 100;
  std::printf(R"({"churn":"%s",%s,"before":%s,"warm":%s,"after":%s,"per100":[%s,%s],%s})"
              "\n",
              name, member("count", 2 * rounds.counted()).c_str(), describe(windows.before).c_str(),
              describe(windows.warm).c_str(), describe(windows.after).c_str(),
              growth(windows.warm, windows.middle, hundreds).c_str(),
              growth(windows.middle, windows.after, hundreds).c_str(), costs.c_str());
  std::fflush(stdout);
}

Task<> churnConsumers() {
  // The signaler remembers the last thousand of those that are closed.
  const Rounds rounds{1000, std::max<std::size_t>(number("COSOUP_CHURN_CONSUMERS", 1000) / 2, 1),
                      1};
  LaunchedTalker talker(sharedServer(), freshRoom());
  co_await talker.isThere();
  ConsumerChurn churn(sharedServer(), talker.room());
  const Windows windows = co_await measure(churn, rounds);
  co_await talker.leave();
  print("consumers", windows, rounds,
        member("msPerConsumer", windows.costs.ms) + "," +
            member("cpuMsPerConsumer", windows.costs.cpuMs));
}

Task<> churnClients() {
  constexpr std::size_t kWarmUp = 10;
  const Rounds rounds{kWarmUp, std::max<std::size_t>(number("COSOUP_CHURN_ROUNDS", 100) / 2, 1),
                      ClientChurn::clients};
  // Ten joins at once may take long on a slow machine.
  RoomServer server({"--insecure-ws", "--join-deadline", "0"});
  LaunchedTalker talker(server, freshRoom());
  co_await talker.isThere();
  ClientChurn churn(server, talker.room());
  const Windows windows = co_await measure(churn, rounds);
  co_await talker.leave();
  print("clients", windows, rounds,
        member("msPerJoin", churn.meanJoinMs()) + "," +
            member("cpuMsPerClient", windows.costs.cpuMs));
}

}  // namespace

TEST_CASE("consumers that come and go on one transport") { runTest(churnConsumers(), 30min); }

TEST_CASE("clients that come and go in one process") { runTest(churnClients(), 60min); }
