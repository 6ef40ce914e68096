// Where the files of a recording begin.
#include <algorithm>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/record/recorder.hpp"

namespace cosoup {
namespace {

// How long a stream that pauses still counts as flowing.
constexpr GstClockTime pauseTime = GST_SECOND;
// How long the first streams wait for others.
constexpr GstClockTime patience = 2 * GST_SECOND;
// How long they wait for a key frame of the video that does come.
constexpr GstClockTime keyFramePatience = 5 * GST_SECOND;
constexpr GstClockTime requestInterval = GST_SECOND;
// How much later than the key frame the audio may begin.
constexpr GstClockTime mostOffset = 150 * GST_MSECOND;

}  // namespace

// Whether the file is to be followed by a next one.
bool Recorder::isFull(GstClockTime now) const {
  if (!part_) return false;
  const auto longest = static_cast<GstClockTime>(options_.splitAfter.count()) * GST_MSECOND;
  return isStuck(now) || (longest > 0 && part_->length >= longest) ||
         (options_.splitBytes > 0 && part_->bytes >= options_.splitBytes);
}

// mp4mux waits for a stream that pauses, whatever it is told.
bool Recorder::isStuck(GstClockTime now) const {
  if (!part_ || part_->file->format() != MuxedFile::Format::mp4) return false;
  return std::any_of(streams_.begin(), streams_.end(),
                     [&](const auto& stream) { return stream->place && !flows(*stream, now); });
}

bool Recorder::wantsPart(GstClockTime now) const {
  if (isFull(now)) return true;
  return std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    return stream->cut || (!stream->pending.empty() && !stream->takes(stream->pending.back()));
  });
}

bool Recorder::flows(const Stream& stream, GstClockTime now) const {
  if (!stream.pending.empty()) return true;
  return stream.lastArrival && since(*stream.lastArrival, now) < pauseTime;
}

bool Recorder::haveAllCome() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    return !stream->attached || stream->lastArrival.has_value();
  });
}

// Decides whether, and where in what is pending, a new file begins.
void Recorder::gather(GstClockTime now, bool final) {
  bool anyFlows = false;
  bool videoFlows = false;
  for (const auto& stream : streams_) {
    if (!flows(*stream, now)) continue;
    anyFlows = true;
    if (stream->kind == MediaKind::video) videoFlows = true;
  }
  if (!anyFlows) return;
  if (!gatheringSince_) gatheringSince_ = now;
  const GstClockTime age = since(*gatheringSince_, now);
  const bool late = final || age >= patience;
  if (videoFlows) {
    gatherVideo(now, late, final || age >= keyFramePatience);
  } else {
    gatherAudio(now, late, isFull(now));
  }
}

void Recorder::gatherAudio(GstClockTime now, bool late, bool full) {
  std::optional<GstClockTime> start;
  for (const auto& stream : streams_) {
    if (stream->kind == MediaKind::video || stream->pending.empty()) continue;
    const Pending& first = stream->pending.front();
    const bool isNew = late && !stream->takes(first);
    if (!isNew && !full) continue;
    start = std::min(start.value_or(first.frame.time), first.frame.time);
  }
  if (start) begin(*start, now);
}

void Recorder::gatherVideo(GstClockTime now, bool late, bool veryLate) {
  for (const auto& stream : streams_) {
    const bool isNew = !stream->pending.empty() && !stream->takes(stream->pending.back());
    if (isNew && !stream->cut) findCut(*stream, now, late, veryLate);
  }
  std::optional<GstClockTime> start;
  bool complete = !options_.wholeRoom || late || haveAllCome();
  const bool begins = !part_ || isFull(now) || hasNewcomer();
  for (const auto& stream : streams_) {
    if (!begins || stream->kind == MediaKind::audio || !flows(*stream, now)) continue;
    if (!stream->cut) findCut(*stream, now, late, veryLate);
    if (stream->cut) {
      start = std::min(start.value_or(*stream->cut), *stream->cut);
    } else {
      complete = false;
    }
  }
  if (start && (complete || veryLate)) {
    begin(*start, now);
    return;
  }
  if (!veryLate) return;
  gatherAudio(now, true, false);
  if (isStuck(now)) finishPart(now);
}

// Whether a stream that is not in the file yet is ready for a next one.
bool Recorder::hasNewcomer() const {
  return std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    if (stream->pending.empty() || stream->takes(stream->pending.back())) return false;
    return stream->kind == MediaKind::audio || stream->cut;
  });
}

// Looks for the key frame with which the video can begin in a next file, and asks for one.
void Recorder::findCut(Stream& video, GstClockTime now, bool late, bool veryLate) {
  if (video.kind == MediaKind::audio) return;
  std::optional<GstClockTime> unsuitable;
  for (const Pending& picture : video.pending) {
    if (!isKeyFrame(picture.frame.buffer.get())) continue;
    if (suits(picture.frame.time, now, late)) {
      video.cut = picture.frame.time;
      return;
    }
    unsuitable = picture.frame.time;
  }
  if (unsuitable && veryLate) {
    video.cut = unsuitable;
    return;
  }
  const bool soundWaits = std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) {
    return stream->kind == MediaKind::audio && !stream->pending.empty();
  });
  if (!unsuitable || soundWaits) requestKeyFrame(now);
  if (unsuitable) return;
  // What comes before a key frame has no place anywhere.
  auto& pending = video.pending;
  if (pending.empty() || video.takes(pending.back())) return;
  while (!pending.empty() && !video.takes(pending.front()) &&
         !isKeyFrame(pending.front().frame.buffer.get())) {
    pending.pop_front();
  }
}

// Whether the sound has begun when the picture does, or nobody waits for it any more. In a room
// people come and go, and only the sound that is not recorded yet is waited for.
bool Recorder::suits(GstClockTime start, GstClockTime now, bool late) const {
  bool anySound = false;
  for (const auto& stream : streams_) {
    if (stream->kind == MediaKind::video || !flows(*stream, now)) continue;
    anySound = true;
    if (stream->pending.empty()) continue;
    const Pending& first = stream->pending.front();
    if (options_.wholeRoom && (late || stream->takes(first))) continue;
    if (first.frame.time > start + mostOffset) return false;
  }
  return anySound || late;
}

void Recorder::requestKeyFrame(GstClockTime now) {
  if (lastRequest_ && since(*lastRequest_, now) < requestInterval) return;
  lastRequest_ = now;
  const std::lock_guard lock(mutex_);
  for (const Attached& attached : queues_) {
    if (attached.queue->kind() == MediaKind::video) attached.queue->requestKeyFrame();
  }
}

void Recorder::begin(GstClockTime start, GstClockTime now) {
  // The first frame that belongs before the next file.
  const auto next = [&] {
    Stream* first = nullptr;
    for (const auto& stream : streams_) {
      if (stream->pending.empty()) continue;
      const GstClockTime time = stream->pending.front().frame.time;
      if (time >= stream->cut.value_or(start)) continue;
      if (!first || time < first->pending.front().frame.time) first = stream.get();
    }
    return first;
  };
  while (Stream* const stream = next()) write(*stream);
  finishPart(now);
  openPart(start, now);
}

// Whether the file that begins now has a place for the stream.
bool Recorder::belongs(const Stream& stream, GstClockTime now) const {
  if (stream.kind == MediaKind::video && stream.cut) return true;
  // Who pauses in a room will go on in the same file.
  if (!flows(stream, now)) return options_.wholeRoom && stream.attached && stream.caps;
  return stream.kind == MediaKind::audio;
}

void Recorder::openPart(GstClockTime start, GstClockTime now) {
  Part part;
  part.start = start;
  std::vector<MuxedFile::Stream> streams;
  for (const MediaKind kind : {MediaKind::video, MediaKind::audio}) {
    for (const auto& stream : streams_) {
      if (stream->kind != kind || !belongs(*stream, now)) continue;
      const bool waits = !stream->pending.empty();
      Place place;
      place.index = streams.size();
      place.format = waits ? stream->pending.front().format : stream->format;
      stream->place = place;
      const Frame* first = waits ? &stream->pending.front().frame : nullptr;
      streams.push_back(
          {first ? first->caps : stream->caps, first ? first->rotation : stream->rotation});
    }
  }
  for (const auto& stream : streams_) stream->cut.reset();
  const bool preferMp4 = options_.container == RecordOptions::Container::mp4;
  const MuxedFile::Format format = MuxedFile::formatFor(streams, preferMp4);
  std::string path = claim_(MuxedFile::extensionOf(format));
  part.file = std::make_unique<MuxedFile>(std::move(path), format, streams);
  part.lookedAt = now;
  part.advancedAt = Pipeline::now();
  part_ = std::move(part);
  gatheringSince_.reset();
}

}  // namespace cosoup
