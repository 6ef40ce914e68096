// What a recording does while it cannot be written.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/record/recorder.hpp"

namespace cosoup {
namespace {

// Before the first attempt to go on; twice as long before each further one.
constexpr GstClockTime kFirstDelay = GST_SECOND;
constexpr GstClockTime kLongestDelay = 30 * GST_SECOND;
// With less room than that the next file would end as soon as it has begun.
constexpr std::uintmax_t kLeastRoom = 256 * 1024;
constexpr GstClockTime kLookInterval = 2 * GST_SECOND;
// For so long frames may be given to a file that nothing goes into: longer than an MP4 that waits
// for a stream that pauses waits for the key frame of the next part.
constexpr GstClockTime kStandstill = 8 * GST_SECOND;

RecordingGap::Time timeOfDay(GstClockTime time, GstClockTime now) {
  const auto age = std::chrono::nanoseconds(GST_CLOCK_DIFF(time, now));
  return std::chrono::system_clock::now() -
         std::chrono::duration_cast<RecordingGap::Time::duration>(age);
}

bool isThere(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

// What came before the frames that were lost is whole.
void Recorder::keepUp(GstClockTime now) {
  if (!std::exchange(overflown_, false) || (outage_ && !part_)) return;
  writeDue(now, true);
  finishPart(now);
  throw Error(Error::Code::Media, "record '" + title_ + "': the disk does not keep up");
}

void Recorder::checkPart(GstClockTime now) {
  if (!part_) return;
  const std::string& path = part_->file->path();
  if (now >= part_->lookedAt + kLookInterval) {
    part_->lookedAt = now;
    if (!isThere(path)) {
      throw Error(Error::Code::Media, "record '" + path + "': the file has vanished");
    }
  }
  const std::uint64_t written = part_->file->written();
  const GstClockTime clock = Pipeline::now();
  if (written != part_->written || part_->bytes == part_->given) {
    part_->written = written;
    part_->given = part_->bytes;
    part_->advancedAt = clock;
  }
  if (outage_ && written > 0 && part_->bytes > 0) endOutage(now, part_->start);
  if (clock < part_->advancedAt + kStandstill) return;
  part_->file->abandon();
  throw Error(Error::Code::Media,
              "record '" + path + "': nothing goes into the file any more; does the disk answer?");
}

void Recorder::fail(const Error& error, GstClockTime now) {
  const bool isNew = !outage_;
  if (isNew) outage_ = Outage{std::min(lastWritten_.value_or(now), now), now, kFirstDelay};
  outage_->retryAt = now + outage_->delay;
  outage_->delay = std::min(2 * outage_->delay, kLongestDelay);
  salvagePart();
  gatheringSince_.reset();
  for (const auto& stream : streams_) {
    stream->pending.clear();
    stream->cut.reset();
    stream->place.reset();
  }
  if (isNew) events_.failed(error);
}

// What has been written stays, as a whole file where that is possible.
void Recorder::salvagePart() {
  if (!part_) return;
  const std::unique_ptr<MuxedFile> file = std::move(part_->file);
  const bool any = part_->bytes > 0;
  part_.reset();
  file->finishWhatIsThere();
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file->path(), error);
  if (error) return;
  if (size == 0 || !any) {
    std::filesystem::remove(file->path(), error);
  } else {
    events_.recorded(file->path());
  }
}

// Whether it is time for an attempt, and that has a chance.
bool Recorder::canWrite(GstClockTime now) {
  if (now < outage_->retryAt) return false;
  std::error_code error;
  const auto room = std::filesystem::space(options_.directory, error);
  if (error || room.available >= kLeastRoom) return true;
  outage_->retryAt = now + outage_->delay;
  outage_->delay = std::min(2 * outage_->delay, kLongestDelay);
  return false;
}

void Recorder::endOutage(GstClockTime now, GstClockTime end) {
  const GstClockTime begin = outage_->from;
  outage_.reset();
  events_.missed(timeOfDay(begin, now), timeOfDay(std::max(begin, end), now));
}

}  // namespace cosoup
