#include "support/loop_watch.hpp"

#include <dirent.h>
#include <execinfo.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>

#include "support/sanitizers.hpp"

namespace cosoup::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

nanoseconds timeOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

// ---- stacks ------------------------------------------------------------------------------------

constexpr int kStackSignal = SIGUSR2;

void printOwnStack(int) {
  const int error = errno;
  std::array<char, 16> name{};
  prctl(PR_GET_NAME, name.data());
  std::array<char, 64> title;
  const int size = std::snprintf(title.data(), title.size(), "\nthread %ld (%s)\n",
                                 syscall(SYS_gettid), name.data());
  std::array<void*, 64> frames;
  const int depth = backtrace(frames.data(), static_cast<int>(frames.size()));
  if (write(STDERR_FILENO, title.data(), static_cast<std::size_t>(size)) > 0) {
    backtrace_symbols_fd(frames.data(), depth, STDERR_FILENO);
  }
  errno = error;
}

void printAllStacks() {
  DIR* tasks = opendir("/proc/self/task");
  if (!tasks) return;
  while (const dirent* task = readdir(tasks)) {
    const int id = std::atoi(task->d_name);
    if (id <= 0) continue;
    syscall(SYS_tgkill, getpid(), id, kStackSignal);
    std::this_thread::sleep_for(milliseconds(50));  // one after the other
  }
  closedir(tasks);
}

/// Looks after the turn that is under way, on a thread of its own.
class Alarm {
 public:
  static Alarm& get() {
    static Alarm alarm;
    return alarm;
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  /// 0: the loop waits for events.
  void setTurn(nanoseconds begin) { begin_ = begin.count(); }

 private:
  static constexpr std::chrono::seconds kPatience{30};

  Alarm() {
    struct sigaction action {};
    action.sa_handler = &printOwnStack;
    action.sa_flags = SA_RESTART;
    sigaction(kStackSignal, &action, nullptr);
    // The first call loads a library, which is no work for a signal handler.
    std::array<void*, 1> frame;
    backtrace(frame.data(), 1);
    thread_ = std::thread(&Alarm::run, this);
  }

  void run() {
    std::unique_lock lock(mutex_);
    std::int64_t shown = 0;
    while (!changed_.wait_for(lock, std::chrono::seconds(1), [&] { return ending_; })) {
      const std::int64_t begin = begin_;
      if (begin == 0 || begin == shown) continue;
      if (timeOf(CLOCK_MONOTONIC) - nanoseconds(begin) < kPatience) continue;
      shown = begin;
      std::fprintf(stderr, "the main loop has stood still for %d s; all threads:\n",
                   static_cast<int>(kPatience.count()));
      printAllStacks();
    }
  }

  std::atomic<std::int64_t> begin_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

// A thread's CPU time says less on a machine that shares its cores with others: there the same work
// takes more of it, now and then several times as much. So a turn that was long is measured by how
// long a known piece of work takes at that moment.
double slowness() {
  constexpr int steps = 2'000'000;         // each waits for the one before
  constexpr nanoseconds usual{4'000'000};  // on a core of 3 GHz
  const nanoseconds begin = timeOf(CLOCK_THREAD_CPUTIME_ID);
  std::uint64_t number = 88172645463325252;
  for (int i = 0; i < steps; ++i) {
    number ^= number << 13;
    number ^= number >> 7;
    number ^= number << 17;
  }
  static std::atomic<std::uint64_t> result;
  result = number;
  const nanoseconds took = timeOf(CLOCK_THREAD_CPUTIME_ID) - begin;
  return std::max(1.0, static_cast<double>(took.count()) / static_cast<double>(usual.count()));
}

}  // namespace

milliseconds LoopWatch::mostCpu() {
  const char* options = std::getenv("ASAN_OPTIONS");
  // Each allocation walks the whole stack then, at many times its price.
  const bool walks = options && std::strstr(options, "fast_unwind_on_malloc=0");
  if (COSOUP_TEST_ASAN && walks) return milliseconds(1500);
  // An ordinary one costs several times as much under load: what holds the library to its limit is
  // the optimised build.
  return milliseconds(COSOUP_TEST_ASAN ? 1000 : 50);
}

LoopWatch*& LoopWatch::current() {
  thread_local LoopWatch* watch = nullptr;
  return watch;
}

namespace {

/// GLib's network monitor lives as long as the process, and watches a socket in the context of
/// whoever asks for it first, which is to be no test's.
void makeNetworkMonitor() {
  static GMainContext* const context = [] {
    GMainContext* own = g_main_context_new();
    g_main_context_push_thread_default(own);
    g_network_monitor_get_default();
    g_main_context_pop_thread_default(own);
    return own;
  }();
  static_cast<void>(context);
}

}  // namespace

LoopWatch::LoopWatch(GMainContext* context) : context_(context), outer_(current()) {
  const std::string path = "/proc/self/task/" + std::to_string(syscall(SYS_gettid)) + "/schedstat";
  schedule_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  makeNetworkMonitor();
  current() = this;
  g_main_context_set_poll_func(context_, &LoopWatch::poll);
  beginTurn();
}

LoopWatch::~LoopWatch() {
  Alarm::get().setTurn(nanoseconds(0));
  g_main_context_set_poll_func(context_, nullptr);
  current() = outer_;
  if (schedule_ >= 0) close(schedule_);
}

gint LoopWatch::poll(GPollFD* descriptors, guint count, gint timeout) {
  LoopWatch* watch = current();
  if (watch) watch->endTurn();
  const gint ready = g_poll(descriptors, count, timeout);
  if (watch) watch->beginTurn();
  return ready;
}

LoopWatch::Times LoopWatch::now() const {
  Times times;
  times.wall = timeOf(CLOCK_MONOTONIC);
  times.cpu = timeOf(CLOCK_THREAD_CPUTIME_ID);
  std::array<char, 128> text{};
  long long running = 0;
  long long queued = 0;
  if (schedule_ >= 0 && pread(schedule_, text.data(), text.size() - 1, 0) > 0 &&
      std::sscanf(text.data(), "%lld %lld", &running, &queued) == 2) {
    times.queued = nanoseconds(queued);
  }
  return times;
}

void LoopWatch::beginTurn() {
  excused_ = excuses_ > 0;
  turn_ = now();
  Alarm::get().setTurn(turn_.wall);
}

void LoopWatch::endTurn() {
  Alarm::get().setTurn(nanoseconds(0));
  if (excused_) return;
  const Times end = now();
  const nanoseconds cpu = end.cpu - turn_.cpu;
  const nanoseconds blocked = end.wall - turn_.wall - cpu - (end.queued - turn_.queued);
  const auto complain = [&](const char* what, nanoseconds time) {
    complaint_ = std::string("the main loop ") + what + " for " +
                 std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
    if (std::getenv("COSOUP_TEST_LOOP")) std::fprintf(stderr, "%s\n", complaint_.c_str());
  };
  if (cpu > mostCpu() && cpu > mostCpu() * slowness()) complain("computed", cpu);
  if (blocked > mostBlocked) complain("was blocked", blocked);
}

LoopMayWait::LoopMayWait() : watch_(LoopWatch::current()) {
  if (!watch_) return;
  ++watch_->excuses_;
  watch_->excused_ = true;
}

LoopMayWait::~LoopMayWait() {
  // Of a test that has been given up the watch may be gone.
  if (watch_ && watch_ == LoopWatch::current()) --watch_->excuses_;
}

}  // namespace cosoup::test
