// PacketRing: packets that came before others which are missing. Internal.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cosoup {

/// Holds each under its number, which is at or after `first`, that of the oldest that may come. It
/// grows as needed and then allocates nothing; the memory of a flood is given back when it is
/// empty. The user bounds it: it is as large as the distance of the first number to the last.
template <class Entry>
class PacketRing {
 public:
  /// So many slots it keeps for the next time.
  static constexpr std::size_t maxKept = 128;

  /// Of a number that it does not hold yet.
  void put(std::int64_t number, std::int64_t first, Entry entry) {
    const auto needed = static_cast<std::size_t>(number - first) + 1;
    if (needed > slots_.size()) grow(needed, first);
    slots_[index(number)].emplace(std::move(entry));
    ++held_;
  }

  /// Only of a number that it may hold.
  std::optional<Entry> take(std::int64_t number) {
    if (held_ == 0 || !slots_[index(number)]) return std::nullopt;
    std::optional<Entry> entry = std::exchange(slots_[index(number)], std::nullopt);
    --held_;
    if (held_ == 0 && slots_.size() > maxKept) std::vector<std::optional<Entry>>().swap(slots_);
    return entry;
  }

  std::size_t held() const { return held_; }

 private:
  static constexpr std::size_t kFewest = 16;

  std::size_t index(std::int64_t number) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(number) & (slots_.size() - 1));
  }

  void grow(std::size_t needed, std::int64_t first) {
    std::vector<std::optional<Entry>> old(std::bit_ceil(std::max(needed, kFewest)));
    old.swap(slots_);
    for (std::size_t i = 0; i < old.size(); ++i) {
      const std::int64_t number = first + static_cast<std::int64_t>(i);
      std::optional<Entry>& slot = old[static_cast<std::uint64_t>(number) & (old.size() - 1)];
      if (slot) slots_[index(number)] = std::move(slot);
    }
  }

  std::vector<std::optional<Entry>> slots_;  // as many as a power of two
  std::size_t held_ = 0;
};

}  // namespace cosoup
