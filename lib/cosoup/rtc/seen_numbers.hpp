// SeenNumbers: which of the last numbers of a received RTP stream have come. Internal.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "cosoup/rtc/sequence_unwrapper.hpp"

namespace cosoup {

/// Tells a duplicate from a packet that comes too late. Numbers are put in ascending order, each
/// once.
class SeenNumbers {
 public:
  static constexpr std::size_t size = SequenceUnwrapper::maxMisorder;

  /// The next number has come, or has been given up.
  void put(std::int64_t number, bool hasCome) {
    seen_[slot(number)] = hasCome;
    end_ = number + 1;
  }
  /// One that was given up has come.
  void comeLate(std::int64_t number) {
    if (holds(number)) seen_[slot(number)] = true;
  }
  bool hasCome(std::int64_t number) const { return holds(number) && seen_[slot(number)]; }
  /// Forgets all.
  void clear() { seen_.reset(); }

 private:
  static std::size_t slot(std::int64_t number) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(number) % size);
  }
  bool holds(std::int64_t number) const {
    return number < end_ && number >= end_ - static_cast<std::int64_t>(size);
  }

  std::bitset<size> seen_;
  std::int64_t end_ = 0;
};

}  // namespace cosoup
