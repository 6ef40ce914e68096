#include "support/eventually.hpp"

#include <algorithm>
#include <cstdlib>

#include "cosoup/async/loop.hpp"
#include "cosoup/core/error.hpp"

namespace cosoup::test {

using namespace std::chrono_literals;

namespace {

std::string current;

/// When the patience ends.
class Limit {
 public:
  Limit(std::string what, std::chrono::milliseconds limit) : what_(std::move(what)) {
    current = what_;
    const char* patience = std::getenv("COSOUP_TEST_PATIENCE");
    if (patience) limit *= std::max(1, std::atoi(patience));
    end_ = std::chrono::steady_clock::now() + limit;
  }
  void check() const {
    if (std::chrono::steady_clock::now() < end_) return;
    throw Error(Error::Code::Timeout, "waited in vain until " + what_);
  }
  static void meet() { current.clear(); }

 private:
  std::string what_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace

Task<> eventually(std::string what, std::function<bool()> condition,
                  std::chrono::milliseconds limit) {
  const Limit patience(std::move(what), limit);
  while (!condition()) {
    patience.check();
    co_await sleepFor(2ms);
  }
  Limit::meet();
}

Task<> eventually(std::string what, std::function<Task<bool>()> question,
                  std::chrono::milliseconds limit) {
  const Limit patience(std::move(what), limit);
  while (!co_await question()) {
    patience.check();
    co_await sleepFor(50ms);
  }
  Limit::meet();
}

std::string& waitedFor() { return current; }

}  // namespace cosoup::test
