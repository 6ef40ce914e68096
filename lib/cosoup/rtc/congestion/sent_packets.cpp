#include "cosoup/rtc/congestion/sent_packets.hpp"

#include <algorithm>

namespace cosoup {

/// The one nearest to the newest.
std::int64_t SentPackets::unwrap(std::uint16_t number) const {
  const std::int64_t newest = entries_.back().number;
  return newest + static_cast<std::int16_t>(number - static_cast<std::uint16_t>(newest));
}

void SentPackets::add(std::uint16_t number, std::size_t size, Time now,
                      std::optional<unsigned> probe) {
  std::int64_t unwrapped = number;
  if (!entries_.empty()) {
    unwrapped = unwrap(number);
    if (unwrapped <= entries_.back().number) return;
  }
  entries_.push_back(Entry{unwrapped, size, now, probe, Fate::Unknown});
  forget(now);
}

/// The newest stays, since the numbers go on from it.
void SentPackets::forget(Time now) {
  while (entries_.size() > 1 &&
         (entries_.size() > maxPackets || now - entries_.front().sent > maxAge)) {
    entries_.pop_front();
  }
}

std::chrono::microseconds SentPackets::referenceTime(std::uint32_t reference) {
  constexpr std::chrono::milliseconds kUnit{64};
  constexpr int kSpare = 8;  // bits of a word above the 24
  // By the nearest way round, which may be back.
  const std::uint32_t step = reference - reference_.value_or(0);
  references_ += static_cast<std::int32_t>(step << kSpare) >> kSpare;
  reference_ = reference;
  return references_ * kUnit;
}

void SentPackets::match(const TransportCcFeedback& feedback, Time now,
                        std::vector<PacketResult>& results) {
  results.clear();
  forget(now);
  if (entries_.empty()) return;
  const std::int64_t base = unwrap(feedback.base);
  // Nobody can have got what was not sent.
  if (base + feedback.count - 1 > entries_.back().number) return;
  const std::chrono::microseconds reference = referenceTime(feedback.reference);
  auto entry =
      std::lower_bound(entries_.begin(), entries_.end(), base,
                       [](const Entry& each, std::int64_t sought) { return each.number < sought; });
  auto arrival = feedback.arrivals.begin();
  for (; entry != entries_.end() && entry->number < base + feedback.count; ++entry) {
    const std::int64_t offset = entry->number - base;
    const auto before = [&](const TransportCcFeedback::Arrival& each) {
      return static_cast<std::uint16_t>(each.number - feedback.base) < offset;
    };
    while (arrival != feedback.arrivals.end() && before(*arrival)) ++arrival;
    const bool arrived = arrival != feedback.arrivals.end() &&
                         arrival->number == static_cast<std::uint16_t>(entry->number);
    const Fate fate = arrived ? Fate::Arrived : Fate::Lost;
    if (entry->fate == Fate::Arrived || entry->fate == fate) continue;
    PacketResult result{
        entry->number, entry->size, entry->sent, {}, entry->probe, entry->fate == Fate::Lost};
    if (arrived) result.arrived = reference + arrival->time;
    results.push_back(result);
    entry->fate = fate;
  }
}

}  // namespace cosoup
