#include "cosoup/rtc/lip_sync.hpp"

#include <algorithm>
#include <cassert>

namespace cosoup {
namespace {

using namespace std::chrono_literals;
using Duration = LipSync::Duration;

/// Reports of one stream that are no further apart say the same. mediasoup before 3.25 puts the
/// jitter of the sender's uplink into its reports, and what it takes a sender's clock to drift by
/// from one report to the next is less.
constexpr Duration kNear = 30ms;
/// A report tells of the moment at which it is sent; one that is further from what the packets say
/// speaks of other packets.
constexpr Duration kReportEarly = 2s;
constexpr Duration kReportLate = 10s;
/// So long streams that report the same step may be apart, for reports come each 10 s at least.
constexpr Duration kPatience = 15s;
/// Nobody hears so little, and it is what reports differ by from one to the next.
constexpr Duration kDeadBand = 5ms;
/// So long a stream is new: who has just begun to hear or see it takes a step for the start.
constexpr Duration kFresh = 1s;
constexpr int kFreshShare = 4;
/// So many reports in a row that say the same are right, whatever those before them said.
constexpr int kBelieved = 3;

bool isNear(Duration a, Duration b) { return a - b <= kNear && b - a <= kNear; }

}  // namespace

void LipSync::Stream::Reports::assume(Duration lead) {
  clear();
  for (std::size_t i = 0; i < kMost / 2 + 1; ++i) add(lead);
}

void LipSync::Stream::Reports::add(Duration lead) {
  if (size_ == 0) next_ = 0;
  leads_[next_] = lead;
  next_ = (next_ + 1) % kMost;
  size_ = std::min(size_ + 1, kMost);
}

Duration LipSync::Stream::Reports::outvoted(Duration by) const {
  Duration best = by;
  std::size_t most = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    std::size_t votes = 0;
    Duration sum{0};
    for (std::size_t j = 0; j < size_; ++j) {
      if (!isNear(leads_[i], leads_[j])) continue;
      ++votes;
      sum += leads_[j] - leads_[i];
    }
    const Duration lead = leads_[i] + sum / static_cast<std::int64_t>(votes);
    const auto away = [&](Duration one) { return one < by ? by - one : one - by; };
    if (votes < most || (votes == most && away(lead) >= away(best))) continue;
    most = votes;
    best = lead;
  }
  return best;
}

LipSync::~LipSync() { assert(streams_.empty()); }

/// 32.32 bits, which wrap in 2036 (RFC 3550, section 4): only differences are told.
Duration LipSync::sinceFirstReport(std::uint64_t ntp) {
  if (!firstNtp_) firstNtp_ = ntp;
  const auto passed = static_cast<std::int64_t>(ntp - *firstNtp_);
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t fraction = passed & 0xffffffff;
  return Duration((passed >> 32) * second + (fraction * second >> 32));
}

/// Two streams have lately reported the same, one of them twice.
bool LipSync::isStepOfSender(const Stream& stream, Time now) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const Stream* other) {
    return other != &stream && other->oddRun_ > 0 && isNear(other->odd_, stream.odd_) &&
           other->oddRun_ + stream.oddRun_ > 2 && now - other->reported_ <= kPatience;
  });
}

/// Whether the step of one stream is its own: another has reported meanwhile, and not the same, for
/// that would have been one of the sender. If none does for long there is nothing to wait for.
bool LipSync::othersContradict(const Stream& stream, Time now) const {
  return now - stream.oddSince_ > kPatience ||
         std::any_of(streams_.begin(), streams_.end(), [&](const Stream* other) {
           return other != &stream && other->lead_ && other->reported_ >= stream.oddSince_;
         });
}

/// The sender has set its clock. Streams that have not yet told of it will; until then they keep
/// their place among the others.
void LipSync::stepSender(Duration by) {
  for (Stream* stream : streams_) {
    if (!stream->lead_) continue;
    *stream->lead_ += by;
    stream->oddRun_ = 0;
    stream->reports_.assume(*stream->lead_ - stream->steps_);
  }
}

/// Aims at the slowest of the streams that can belong together: of the largest party no two are
/// further apart than may be held back. The others keep what they have.
void LipSync::aim() {
  std::size_t most = 0;
  std::size_t leads = 0;
  Duration slowest{0};
  for (const Stream* last : streams_) {
    if (!last->lead_) continue;
    ++leads;
    std::size_t party = 0;
    for (const Stream* other : streams_) {
      if (!other->lead_ || *other->lead_ > *last->lead_) continue;
      if (*last->lead_ - *other->lead_ <= maxOffset) ++party;
    }
    if (party < most || (party == most && *last->lead_ >= slowest)) continue;
    most = party;
    slowest = *last->lead_;
  }
  for (Stream* stream : streams_) {
    if (leads < 2) stream->target_ = 0s;
    if (leads < 2 || most < 2 || !stream->lead_) continue;
    const Duration target = slowest - *stream->lead_;
    if (target < 0s || target > maxOffset) continue;
    stream->target_ = target;
    if (!stream->isSynced_) stream->fresh_ = kFresh;
    stream->isSynced_ = true;
  }
}

LipSync::Stream::Stream(LipSync& sender, std::uint32_t clockRate)
    : sender_(sender), clock_(clockRate) {
  sender_.streams_.push_back(this);
}

LipSync::Stream::~Stream() {
  std::erase(sender_.streams_, this);
  sender_.aim();
}

LipSync::Time LipSync::Stream::at(std::uint32_t timestamp, Time arrived, Arrival arrival) {
  const Time time = clock_.at(timestamp, arrived, arrival);
  if (clock_.lines() != line_) beginLine();
  if (clock_.steps() != steps_) {
    // Reports of this line say how far it is from the others, and it has just moved.
    if (lead_ && !reports_.isEmpty()) *lead_ += clock_.steps() - steps_;
    steps_ = clock_.steps();
    sender_.aim();
  }
  if (time > last_) {
    slew(time - last_);
    last_ = time;
  }
  return time + offset_;
}

/// It comes by the way the old one came by: until it has a report of its own it keeps its place
/// among the others.
void LipSync::Stream::beginLine() {
  line_ = clock_.lines();
  reports_.clear();
  oddRun_ = 0;
  fresh_ = kFresh;
}

void LipSync::Stream::report(std::uint64_t ntp, std::uint32_t rtp, Time now) {
  // Zero: no wall clock, RFC 3550, section 6.4.1.
  if (ntp == 0 || !clock_.isRunning()) return;
  const Time local = clock_.at(rtp);
  if (local - now > kReportEarly || now - local > kReportLate) return;
  believe(local.time_since_epoch() - sender_.sinceFirstReport(ntp), now);
  sender_.aim();
}

void LipSync::Stream::believe(Duration lead, Time now) {
  reported_ = now;
  if (reports_.isEmpty()) lead_ = lead;
  if (!isNear(lead, *lead_)) return doubt(lead, now);
  oddRun_ = 0;
  vote(lead);
}

/// A report that is far from those before it.
void LipSync::Stream::doubt(Duration lead, Time now) {
  const Duration odd = lead - *lead_;
  if (oddRun_ == 0 || !isNear(odd, odd_)) {
    oddRun_ = 0;
    oddSince_ = now;
  }
  odd_ = odd;
  ++oddRun_;
  if (sender_.isStepOfSender(*this, now)) return sender_.stepSender(odd);
  if (!sender_.othersContradict(*this, now)) return;
  if (!reports_.isFull()) return vote(lead);
  if (oddRun_ < kBelieved) return;
  lead_ = lead;
  reports_.assume(lead - steps_);
}

void LipSync::Stream::vote(Duration lead) {
  reports_.add(lead - steps_);
  lead_ = reports_.outvoted(*lead_ - steps_) + steps_;
}

/// In the time of which so much has passed.
void LipSync::Stream::slew(Duration passed) {
  const Duration error = target_ - offset_;
  const Duration size = error < 0s ? -error : error;
  const bool isFresh = fresh_ > 0s;
  fresh_ -= std::min(fresh_, passed);
  if (size >= kDeadBand) isMoving_ = true;
  if (size == 0s) isMoving_ = false;
  if (!isMoving_) return;
  if (isFresh && error > 0s) {
    offset_ = target_;
    return;
  }
  const Duration most = passed / (isFresh ? kFreshShare : slewShare);
  offset_ += error > 0s ? std::min(error, most) : -std::min(-error, most);
}

}  // namespace cosoup
