#include "cosoup/testing/steps.hpp"

#include <algorithm>
#include <chrono>

#include "cosoup/async/loop.hpp"

namespace cosoup::testing {
namespace {

/// Counts for as long as it lives.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  int& count_;
};

}  // namespace

Task<> Steps::untilHeld() {
  while (!isHeld()) co_await changed_.wait();
}

void Steps::release() {
  heldNames_.clear();
  heldNumber_.reset();
  ++releases_;
  changed_.notify();
}

std::size_t Steps::count(const std::string& name) const {
  return static_cast<std::size_t>(std::count(noted_.begin(), noted_.end(), name));
}

void Steps::note(const std::string& name) {
  noted_.push_back(name);
  failIfTold(name);
}

void Steps::failIfTold(const std::string& name) {
  const auto failure = failures_.extract(name);
  if (!failure.empty()) throw failure.mapped();
}

Task<> Steps::wait(std::string name) {
  noted_.push_back(name);
  const std::size_t number = ++begun_;
  co_await sleepFor(std::chrono::milliseconds(0));
  if (!heldNames_.contains(name) && heldNumber_ != number) co_return;
  const Counted counted(waiting_);
  held_ = name;
  changed_.notify();
  const int before = releases_;
  while (releases_ == before) co_await changed_.wait();
}

Task<> Steps::pass(std::string name) {
  co_await wait(name);
  failIfTold(name);
}

Task<> Steps::passToTheEnd(std::string name) {
  co_await shielded(wait(name));
  co_await checkCancelled();
  failIfTold(name);
}

}  // namespace cosoup::testing
