// Signal<Args…>: callbacks of an event, with a Connection that ends with its owner.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "cosoup/core/export.hpp"

namespace cosoup {

namespace detail {
/// Logs the exception that is being handled, where nobody could catch it.
COSOUP_API void reportEscapedException(const char* where) noexcept;

/// One connected callback, known to its signal and to its Connection.
class COSOUP_API SlotBase {
 public:
  virtual ~SlotBase() = default;
  virtual void disconnect() = 0;
};

struct SignalEmitter;
}  // namespace detail

/// Keeps one callback connected for as long as it lives. Move-only.
class COSOUP_API Connection {
 public:
  Connection() = default;
  explicit Connection(std::weak_ptr<detail::SlotBase> slot) : slot_(std::move(slot)) {}
  Connection(Connection&& other) noexcept = default;
  Connection& operator=(Connection&& other) noexcept {
    Connection(std::move(other)).swap(*this);
    return *this;
  }
  ~Connection() { disconnect(); }

  /// The callback is not called any more, and is freed (when it is running, after its return).
  void disconnect() {
    // Emptied first, since freeing the callback may end the owner of this connection.
    if (const auto slot = std::exchange(slot_, {}).lock()) slot->disconnect();
  }
  /// Leaves the callback connected for the life of the signal.
  void release() { slot_.reset(); }

 private:
  void swap(Connection& other) noexcept { slot_.swap(other.slot_); }

  std::weak_ptr<detail::SlotBase> slot_;
};

/// Callbacks run in the order of their connection; one may connect, disconnect or destroy the
/// signal while it is emitted: those that were not yet called are not called then. What a callback
/// throws is logged and reaches neither the emitter nor the others. Whoever has the signal emits it
/// with emitSignal(), see emit_signal.hpp. Main-context-bound.
template <class... Args>
class Signal {
 public:
  Signal() : slots_(std::make_shared<Slots>()) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() {
    for (const auto& slot : *slots_) slot->connected = false;
  }

  /// The callback is called for as long as the Connection lives.
  [[nodiscard]] Connection connect(std::function<void(Args...)> callback) {
    slots_->push_back(std::make_shared<Slot>(slots_, std::move(callback)));
    return Connection(slots_->back());
  }

 private:
  friend struct detail::SignalEmitter;
  struct Slot;
  using Slots = std::vector<std::shared_ptr<Slot>>;

  struct Slot : detail::SlotBase {
    Slot(std::weak_ptr<Slots> all, std::function<void(Args...)> function)
        : siblings(std::move(all)), callback(std::move(function)) {}

    void disconnect() override {
      connected = false;
      if (const auto all = siblings.lock()) {
        std::erase_if(*all, [this](const auto& slot) { return slot.get() == this; });
      }
    }

    std::weak_ptr<Slots> siblings;
    std::function<void(Args...)> callback;
    bool connected = true;
  };

  void callAll(const Args&... args) const {
    const Slots now = *slots_;
    for (const auto& slot : now) {
      if (!slot->connected) continue;
      try {
        slot->callback(args...);
      } catch (...) {
        detail::reportEscapedException("Signal: a callback threw");
      }
    }
  }

  std::shared_ptr<Slots> slots_;
};

}  // namespace cosoup
