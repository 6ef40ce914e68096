// Hours of one sender's audio and video, with everything that goes wrong on the way.
#include <numeric>
#include <queue>

#include "simulated_sender.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

enum class Wrong { NoWallClock, Backwards, FarAhead, OtherPackets, Shifted };

/// What happens to reports, as shares of all.
struct Faults {
  Nanoseconds reportsEach{1s};
  double missing = 0;
  double late = 0;
  double wrong = 0;
  /// Where they take the time of a packet's arrival for that of its capture, as mediasoup did
  /// before 3.25.
  Nanoseconds uplinkJitter{0};
  Nanoseconds ntpStep{0};  // half way through
};

/// A sender whose streams come over a line with jitter and jams, behind which packets pile up.
class Hours {
 public:
  Hours(std::uint32_t seed, const Faults& faults) : faults_(faults), chance_(seed) {
    audio.stream.sent.clock.ppm = 200;
    video.stream.sent.clock.ppm = -200;
    audio.stream.sent.meanJitter = 4ms;
    video.stream.sent.meanJitter = 15ms;
  }

  void run(Nanoseconds length) {
    length_ = length;
    const Nanoseconds tick =
        std::gcd(audio.stream.sent.interval.count(), video.stream.sent.interval.count()) * 1ns;
    for (; now_ < length; now_ += tick) {
      for (Side* side : {&audio, &video}) {
        if (now_ % side->stream.sent.interval == 0s) frame(*side);
        while (!side->reports.empty() && side->reports.top().due <= now_) deliverReport(*side);
        if (now_ >= side->nextReport) planReport(*side);
      }
    }
  }

  struct Report {
    Nanoseconds due;
    std::uint64_t ntp;
    std::uint32_t rtp;
    bool operator<(const Report& other) const { return due > other.due; }
  };
  struct Side {
    SentStream stream;
    Nanoseconds nextReport = 300ms;
    std::priority_queue<Report> reports{};
    bool isReported = false;
    Nanoseconds jammed{0};  // before this nothing comes through
  };
  LipSync sync;
  Side audio{SentStream(sync, simulatedAudio())};
  Side video{SentStream(sync, simulatedVideo())};

  std::int64_t frames = 0;
  Nanoseconds worstApart{0};
  Nanoseconds earliest = 1h;
  Nanoseconds latest = -1h;

 private:
  void frame(Side& side) {
    SentStream& stream = side.stream;
    const Nanoseconds jam = chance_.is(0.0005) ? 400ms : 0ms;
    const Nanoseconds jitter = chance_.jitter(stream.sent.meanJitter) + jam;
    side.jammed = std::max(side.jammed, now_ + jitter);
    const Nanoseconds late = stream.frame(now_, side.jammed - now_);
    ++frames;
    if (now_ < 1s) return;
    const Nanoseconds apart = *audio.stream.late - *video.stream.late;
    worstApart = std::max({worstApart, apart, -apart});
    earliest = std::min(earliest, late);
    latest = std::max(latest, late);
  }

  void planReport(Side& side) {
    // RFC 3550, section 6.2: at odd times, so that not all report at once.
    side.nextReport =
        now_ + faults_.reportsEach / 2 + faults_.reportsEach * chance_.percent() / 100;
    if (!side.isReported) return side.reports.push(right(side, now_));
    if (chance_.is(faults_.missing)) return;
    Report report = chance_.is(faults_.wrong) ? wrong(side) : right(side, now_);
    if (chance_.is(faults_.late)) report.due += 4s;
    side.reports.push(report);
  }

  Report right(const Side& side, Nanoseconds sent) {
    const Nanoseconds step = sent > length_ / 2 ? faults_.ntpStep : 0s;
    const Nanoseconds seen = sent - chance_.jitter(faults_.uplinkJitter);
    return {sent + 30ms, ntpTime(ntpClock_.at(sent) + step), side.stream.sent.timestamp(seen)};
  }

  Report wrong(const Side& side) {
    Report report = right(side, now_);
    const std::uint64_t second = 1ULL << 32;
    switch (static_cast<Wrong>(chance_.percent() / 20)) {
      case Wrong::NoWallClock:
        report.ntp = 0;
        break;
      case Wrong::Backwards:
        report.ntp -= 5 * second;
        break;
      case Wrong::FarAhead:
        report.ntp += 3600 * second;
        break;
      case Wrong::OtherPackets:
        report.rtp += 1U << 30;
        break;
      case Wrong::Shifted:
        report.rtp += static_cast<std::uint32_t>(side.stream.sent.clockRate / 2);
        break;
    }
    return report;
  }

  void deliverReport(Side& side) {
    const Report report = side.reports.top();
    side.reports.pop();
    side.stream.received.report(report.ntp, report.rtp, atTime(now_));
    side.isReported = true;
  }

  Faults faults_;
  Chance chance_;
  SkewedClock ntpClock_{50};
  Nanoseconds length_{0};
  Nanoseconds now_{0};
};

struct Row {
  const char* name;
  Faults faults;
  Nanoseconds apart = 10ms;
};

const Row rows[] = {
    {"good reports", {}},
    {"ten reports a second", {.reportsEach = 100ms}},
    {"a report each ten seconds", {.reportsEach = 10s}},
    {"late, missing and wrong", {.missing = 0.3, .late = 0.1, .wrong = 0.1}},
    {"so, and seldom", {.reportsEach = 10s, .missing = 0.3, .late = 0.1, .wrong = 0.1}},
    {"jitter in the reports", {.late = 0.1, .wrong = 0.05, .uplinkJitter = 10ms}, 40ms},
    {"the sender's clock is set on", {.wrong = 0.1, .ntpStep = 700ms}},
    {"the sender's clock is set back", {.reportsEach = 5s, .late = 0.1, .ntpStep = -1h}},
};

/// From the second second on; video is underway for 120 ms.
void checkTimes(const Hours& hours, Nanoseconds apart) {
  CHECK(hours.worstApart <= apart);
  CHECK(hours.audio.stream.isMonotonic);
  CHECK(hours.video.stream.isMonotonic);
  CHECK(hours.earliest >= 120ms - apart);
  CHECK(hours.latest <= 120ms + apart);
  CHECK(hours.audio.stream.received.clock().lines() == 1);
  CHECK(hours.video.stream.received.clock().lines() == 1);
}

}  // namespace

TEST_CASE("audio and video stay together for an hour") {
  for (const Row& row : rows) {
    INFO(row.name);
    Hours hours(11, row.faults);
    // One as it is, the rest with fewer frames, so that this does not take long.
    const bool isFull = &row == rows;
    hours.audio.stream.sent.interval = isFull ? 20ms : 100ms;
    hours.video.stream.sent.interval = isFull ? 40ms : 200ms;
    hours.run(1h);
    CHECK(hours.frames == 3600 * (isFull ? 75 : 15));
    checkTimes(hours, row.apart);
  }
}

TEST_CASE("audio and video stay together for 14 hours, over the wrap of the time stamps") {
  Hours hours(12, {.reportsEach = 5s, .missing = 0.3, .late = 0.1, .wrong = 0.1});
  hours.audio.stream.sent.interval = 200ms;
  hours.video.stream.sent.interval = 400ms;
  hours.audio.stream.sent.firstTimestamp = 0xfff00000;
  hours.run(14h);
  CHECK(hours.frames == 14 * 3600 * 15 / 2);
  checkTimes(hours, 10ms);
}
