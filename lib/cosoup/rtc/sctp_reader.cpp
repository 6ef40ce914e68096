#include "cosoup/rtc/sctp_reader.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/rtc/big_endian.hpp"

namespace cosoup::sctp {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kCommonHeader = 12;
constexpr std::size_t kChunkHeader = 4;
constexpr std::size_t kDataHeader = 12;  // behind the chunk header
constexpr std::size_t kWindow =
    2 * 1024 * 1024;                            // twice what an SCTP stack lets the peer send ahead
constexpr std::size_t kMaxEntries = 64 * 1024;  // of any list here

enum ChunkType : std::uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kAbort = 6,
  kShutdown = 7,
  kInterleavedData = 64,
  kReconfig = 130,
  kForwardTsn = 192,
};
constexpr std::uint16_t kOutgoingReset = 13;

constexpr std::uint8_t kEnds = 1;
constexpr std::uint8_t kBegins = 2;
constexpr std::uint8_t kUnordered = 4;

std::size_t padded(std::size_t length) { return (length + 3) / 4 * 4; }

// Serial number arithmetic (RFC 1982).
bool isBefore(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(a - b) < 0; }
bool isBefore(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

std::vector<Event> SctpReader::read(Bytes packet) {
  events_.clear();
  std::size_t at = kCommonHeader;
  while (!ended_ && at + kChunkHeader <= packet.size()) {
    const std::size_t length = bigEndian16(packet, at + 2);
    if (length < kChunkHeader || length > packet.size() - at) break;
    readChunk(packet[at], packet[at + 1], packet.subspan(at + kChunkHeader, length - kChunkHeader));
    at += padded(length);
  }
  if (!ended_) applyResets();
  if (!ended_) checkBounds();
  return std::exchange(events_, {});
}

void SctpReader::readChunk(std::uint8_t type, std::uint8_t flags, Bytes value) {
  switch (type) {
    case kInit:
    case kInitAck:
      return onInit(value);
    case kData:
      return onData(flags, value);
    case kForwardTsn:
      return onForwardTsn(value);
    case kReconfig:
      return onReconfig(value);
    case kAbort:
      return end("the peer aborted the association");
    case kShutdown:
      return end("the peer shut the association down");
    case kInterleavedData:
      return end("the peer interleaves messages, which was not agreed on");
    default:
      return;
  }
}

void SctpReader::onInit(Bytes value) {
  constexpr std::size_t tsnAt = 12;
  if (value.size() < tsnAt + 4) return;
  const std::uint32_t initial = bigEndian32(value, tsnAt);
  if (initialTsn_ == initial) return;  // sent again, or the answer to ours beside its own
  initialTsn_ = initial;
  cumulative_ = (Tsn{1} << 32) + initial - 1;
  ahead_.clear();
  runs_.clear();
  streams_.clear();
  resets_.clear();
  lastReset_.reset();
  kept_ = 0;
}

// ---- data --------------------------------------------------------------------------------------

void SctpReader::onData(std::uint8_t flags, Bytes value) {
  if (!initialTsn_ || value.size() <= kDataHeader) return;
  const Tsn tsn = unwrap(bigEndian32(value, 0));
  if (!take(tsn)) return;
  Run fragment;
  fragment.last = tsn;
  fragment.begins = flags & kBegins;
  fragment.ends = flags & kEnds;
  fragment.unordered = flags & kUnordered;
  fragment.streamId = bigEndian16(value, 4);
  fragment.sequence = bigEndian16(value, 6);
  fragment.ppid = bigEndian32(value, 8);
  const Bytes payload = value.subspan(kDataHeader);
  fragment.size = payload.size();
  fragment.bytes.assign(payload.begin(), payload.end());
  kept_ += fragment.bytes.size();
  store(tsn, std::move(fragment));
}

SctpReader::Tsn SctpReader::unwrap(std::uint32_t tsn) const {
  const auto distance = static_cast<std::int32_t>(tsn - static_cast<std::uint32_t>(cumulative_));
  return cumulative_ + static_cast<Tsn>(static_cast<std::int64_t>(distance));
}

/// Whether it is new.
bool SctpReader::take(Tsn tsn) {
  if (tsn <= cumulative_ || ahead_.contains(tsn)) return false;
  ahead_.insert(tsn);
  advance();
  return true;
}

void SctpReader::advance() {
  while (!ahead_.empty() && *ahead_.begin() <= cumulative_ + 1) {
    cumulative_ = std::max(cumulative_, *ahead_.begin());
    ahead_.erase(ahead_.begin());
  }
}

void SctpReader::store(Tsn tsn, Run fragment) {
  auto next = runs_.upper_bound(tsn);
  auto run = runs_.end();
  if (next != runs_.begin() && !fragment.begins) {
    const auto before = std::prev(next);
    if (before->second.last + 1 == tsn && !before->second.ends) run = before;
  }
  if (run != runs_.end()) {
    append(run->second, std::move(fragment));
  } else {
    run = runs_.insert_or_assign(tsn, std::move(fragment)).first;
  }
  if (next != runs_.end() && run->second.last + 1 == next->first && !run->second.ends &&
      !next->second.begins) {
    append(run->second, std::move(next->second));
    runs_.erase(next);
  }
  if (!run->second.begins || !run->second.ends) return;
  Run whole = std::move(run->second);
  runs_.erase(run);
  complete(std::move(whole));
}

void SctpReader::append(Run& run, Run more) {
  run.last = more.last;
  run.ends = more.ends;
  run.size += more.size;
  if (run.size > maxMessageSize_) {
    kept_ -= run.bytes.size() + more.bytes.size();
    run.bytes = std::string();
  } else {
    run.bytes += more.bytes;
  }
}

void SctpReader::complete(Run run) {
  if (run.unordered) return emit(std::move(run));
  Stream& stream = streams_[run.streamId];
  if (isBefore(run.sequence, stream.next)) {  // given up by the peer, yet here
    kept_ -= run.bytes.size();
    return;
  }
  const std::size_t size = run.bytes.size();
  if (!stream.waiting.try_emplace(run.sequence, std::move(run)).second) kept_ -= size;
  deliverWaiting(stream);
}

void SctpReader::deliverWaiting(Stream& stream) {
  for (auto found = stream.waiting.find(stream.next); found != stream.waiting.end();
       found = stream.waiting.find(stream.next)) {
    Run run = std::move(found->second);
    stream.waiting.erase(found);
    ++stream.next;
    emit(std::move(run));
  }
}

void SctpReader::emit(Run run) {
  kept_ -= run.bytes.size();
  if (run.size > maxMessageSize_) {
    events_.push_back(Oversized{run.streamId, run.size});
  } else {
    events_.push_back(Message{run.streamId, run.ppid, std::move(run.bytes)});
  }
}

// ---- what the peer has given up ----------------------------------------------------------------

void SctpReader::onForwardTsn(Bytes value) {
  if (!initialTsn_ || value.size() < 4) return;
  const Tsn forward = unwrap(bigEndian32(value, 0));
  if (forward <= cumulative_) return;
  cumulative_ = forward;
  advance();
  while (!runs_.empty() && runs_.begin()->first <= forward) {
    kept_ -= runs_.begin()->second.bytes.size();
    runs_.erase(runs_.begin());
  }
  for (std::size_t at = 4; at + 4 <= value.size(); at += 4) {
    skipTo(bigEndian16(value, at), bigEndian16(value, at + 2));
  }
}

void SctpReader::skipTo(std::uint16_t streamId, std::uint16_t sequence) {
  Stream& stream = streams_[streamId];
  if (isBefore(sequence, stream.next)) return;
  const auto end = static_cast<std::uint16_t>(sequence + 1);
  // Those before it that did come are delivered all the same, in their order.
  while (!stream.waiting.empty()) {
    auto earliest = stream.waiting.lower_bound(stream.next);
    if (earliest == stream.waiting.end()) earliest = stream.waiting.begin();  // wrapped
    if (!isBefore(earliest->first, end)) break;
    stream.next = earliest->first;
    deliverWaiting(stream);
  }
  if (isBefore(stream.next, end)) stream.next = end;
  deliverWaiting(stream);
}

// ---- stream resets -----------------------------------------------------------------------------

void SctpReader::onReconfig(Bytes value) {
  if (!initialTsn_) return;
  std::size_t at = 0;
  while (at + kChunkHeader <= value.size()) {
    const std::size_t length = bigEndian16(value, at + 2);
    if (length < kChunkHeader || length > value.size() - at) return;
    if (bigEndian16(value, at) == kOutgoingReset) onResetRequest(value.subspan(at + 4, length - 4));
    at += padded(length);
  }
}

void SctpReader::onResetRequest(Bytes parameter) {
  constexpr std::size_t streamsAt = 12;
  if (parameter.size() < streamsAt) return;
  Reset reset;
  reset.request = bigEndian32(parameter, 0);
  if (lastReset_ && !isBefore(*lastReset_, reset.request)) return;  // sent again
  lastReset_ = reset.request;
  reset.after = unwrap(bigEndian32(parameter, 8));
  for (std::size_t at = streamsAt; at + 2 <= parameter.size(); at += 2) {
    reset.streamIds.push_back(bigEndian16(parameter, at));
  }
  resets_.push_back(std::move(reset));
}

void SctpReader::applyResets() {
  while (!resets_.empty() && resets_.front().after <= cumulative_) {
    std::vector<std::uint16_t> streamIds = std::move(resets_.front().streamIds);
    resets_.erase(resets_.begin());
    const auto forget = [this](Stream& stream) {
      for (const auto& [sequence, run] : stream.waiting) kept_ -= run.bytes.size();
      stream = Stream();
    };
    if (streamIds.empty()) {
      for (auto& [streamId, stream] : streams_) forget(stream);
    }
    for (const std::uint16_t streamId : streamIds) forget(streams_[streamId]);
    events_.push_back(StreamReset{std::move(streamIds)});
  }
}

// ---- limits ------------------------------------------------------------------------------------

void SctpReader::checkBounds() {
  std::size_t waiting = 0;
  if (kept_ > maxMessageSize_ + kWindow) return end("the peer sends too much that is incomplete");
  if (runs_.size() > kMaxEntries || ahead_.size() > kMaxEntries || resets_.size() > kMaxEntries) {
    return end("the peer leaves too many gaps");
  }
  for (const auto& [streamId, stream] : streams_) waiting += stream.waiting.size();
  if (waiting > kMaxEntries) end("the peer sends too much out of order");
}

void SctpReader::end(std::string reason) {
  ended_ = true;
  ahead_.clear();
  runs_.clear();
  streams_.clear();
  resets_.clear();
  events_.push_back(Ended{std::move(reason)});
}

}  // namespace cosoup::sctp
