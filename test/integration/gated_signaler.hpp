// GatedSignaler: a ProtooSignaler whose requests can be held where a test wants it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/cosoup.hpp"

namespace cosoup::test {

/// The moments of a signaler: each request before it goes out ("join") and when its answer has come
/// but is not yet passed on ("join answered"). At one of them whoever comes is held. The copies
/// share it.
class Gates {
 public:
  /// Held at the moment of this number, from 0.
  explicit Gates(int index) : shared_(std::make_shared<Shared>(index, "")) {}
  /// Held at the first moment of this name.
  explicit Gates(std::string name) : shared_(std::make_shared<Shared>(-1, std::move(name))) {}

  Task<> pass(std::string moment) const { return pass(shared_, std::move(moment)); }

  /// Until somebody is held.
  Task<> reached() const { return shared_->reached.wait(); }
  bool isReached() const { return shared_->reached.isSettled(); }
  /// Lets them go on, now and later.
  void open() const { Deferred<>(shared_->opened).resolve(); }
  /// Fails them, as closing a connection does.
  void close() const {
    const Error closed(Error::Code::Disconnected, "the connection was closed");
    Deferred<>(shared_->opened).reject(std::make_exception_ptr(closed));
  }
  const std::vector<std::string>& moments() const { return shared_->moments; }

 private:
  struct Shared {
    Shared(int number, std::string called) : index(number), name(std::move(called)) {}
    int index;
    std::string name;
    std::vector<std::string> moments;
    Deferred<> reached, opened;
  };

  static Task<> pass(std::shared_ptr<Shared> shared, std::string moment) {
    const int number = static_cast<int>(shared->moments.size());
    shared->moments.push_back(moment);
    const bool holds = shared->index == number || shared->name == moment;
    if (!holds || shared->reached.isSettled()) co_return;
    shared->reached.resolve();
    co_await shared->opened.wait();
  }

  std::shared_ptr<Shared> shared_;
};

class GatedSignaler final : public RequestSignaler {
 public:
  explicit GatedSignaler(Gates gates, ProtooOptions options = ProtooOptions())
      : gates_(std::move(gates)), protoo_(std::move(options)) {}

  Task<> connect(RoomAddress address, std::string peerId) override {
    co_await gates_.pass("connect");
    co_await protoo_.connect(std::move(address), std::move(peerId));
    co_await gates_.pass("connect answered");
  }
  Channel<SignalerEvent> events() override { return protoo_.events(); }
  Task<> close() override {
    gates_.close();
    return protoo_.close();
  }
  Task<Json> request(std::string method, Json data) override {
    co_await gates_.pass(method);
    Json answer = co_await protoo_.request(method, std::move(data));
    co_await gates_.pass(method + " answered");
    co_return answer;
  }
  Task<> notify(std::string method, Json data) override {
    co_await gates_.pass(method);
    co_await protoo_.notify(method, std::move(data));
  }

 private:
  const Gates gates_;
  ProtooSignaler protoo_;
};

}  // namespace cosoup::test
