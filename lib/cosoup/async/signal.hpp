// Signal<Args…>: callbacks of an event, with a Connection that ends with its owner.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cosoup {

namespace detail {
/// Logs the exception that is being handled: one callback's fault must not reach the emitter.
void reportEscapedException(const char* where) noexcept;

struct SlotBase {
  bool connected = true;
};
}  // namespace detail

/// Keeps one callback connected for as long as it lives. Move-only.
class Connection {
 public:
  Connection() = default;
  explicit Connection(std::shared_ptr<detail::SlotBase> slot) : slot_(std::move(slot)) {}
  Connection(Connection&& other) noexcept = default;
  Connection& operator=(Connection&& other) noexcept {
    disconnect();
    slot_ = std::move(other.slot_);
    return *this;
  }
  ~Connection() { disconnect(); }

  void disconnect() {
    if (slot_) slot_->connected = false;
    slot_.reset();
  }
  /// Leaves the callback connected for the life of the signal.
  void release() { slot_.reset(); }

 private:
  std::shared_ptr<detail::SlotBase> slot_;
};

/// Callbacks run in the order of their connection; one may connect, disconnect or destroy the
/// signal while it is emitted. Main-context-bound.
template <class... Args>
class Signal {
 public:
  [[nodiscard]] Connection connect(std::function<void(Args...)> callback) {
    auto slot = std::make_shared<Slot>();
    slot->callback = std::move(callback);
    std::erase_if(slots_, [](const auto& old) { return !old->connected; });
    slots_.push_back(slot);
    return Connection(std::move(slot));
  }

  void emit(const Args&... args) const {
    const std::vector<std::shared_ptr<Slot>> now = slots_;
    for (const auto& slot : now) {
      if (!slot->connected) continue;
      try {
        slot->callback(args...);
      } catch (...) {
        detail::reportEscapedException("Signal");
      }
    }
  }

 private:
  struct Slot : detail::SlotBase {
    std::function<void(Args...)> callback;
  };
  std::vector<std::shared_ptr<Slot>> slots_;
};

}  // namespace cosoup
