#include "cosoup/media/record/recorder.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/core/taken.hpp"
#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/record/recording_name.hpp"

namespace cosoup {
namespace {

// How long a frame waits for those of other streams that may belong before it.
constexpr GstClockTime reorderTime = GST_SECOND;

std::string codecOf(const std::string& mimeType, GstCaps* caps) {
  const GValue* data = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
  if (!data || mimeType == "audio/opus") return mimeType;
  return mimeType + " " + taken(gst_value_serialize(data));
}

// Streams of one format can stand in one file.
std::string formatOf(const std::string& mimeType, const Frame& frame) {
  const std::string codec = codecOf(mimeType, frame.caps.get());
  return frame.rotation == 0 ? codec : codec + " " + std::to_string(frame.rotation);
}

}  // namespace

Recorder::Recorder(RecordOptions options, const std::string& stem, Events events)
    : Recorder(options, stem, std::move(events),
               [names = std::make_shared<RecordingNames>(options.directory, stem)](
                   const std::string& extension) { return names->claim(extension); }) {}

Recorder::Recorder(RecordOptions options, std::string title, Events events, Claim claim)
    : options_(std::move(options)),
      title_(std::move(title)),
      events_(std::move(events)),
      claim_(std::move(claim)) {}

bool Recorder::attach(std::shared_ptr<TrackQueue> queue, std::string key) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  queues_.push_back(Attached{std::move(queue), std::move(key)});
  return true;
}

bool Recorder::step(GstClockTime now) {
  try {
    const bool final = drain(now);
    keepUp(now);
    // A file that was begun in an outage may have it all in the muxer as yet.
    if (outage_ && !part_ && (final || !canWrite(now))) {
      for (const auto& stream : streams_) stream->pending.clear();
      if (final) endOutage(now, now);
      return !final;
    }
    if (final ? !part_ : wantsPart(now)) gather(now, final);
    writeDue(now, final);
    checkPart(now);
    forgetStreams();
    if (final) finishPart(now);
    if (final && outage_) endOutage(now, now);
    return !final;
  } catch (const Error& error) {
    fail(error, now);
  }
  return true;
}

// ---- what comes in -----------------------------------------------------------------------------

// True when nothing will come any more.
bool Recorder::drain(GstClockTime now) {
  const std::lock_guard lock(mutex_);
  for (const auto& stream : streams_) stream->attached = false;
  for (const Attached& attached : queues_) {
    TrackQueue::Taken taken = attached.queue->take();
    overflown_ = overflown_ || taken.overflown;
    Stream& stream = streamOf(attached);
    stream.attached = true;
    for (const Frame& frame : taken.frames) arrive(stream, frame, now);
  }
  // A queue says that it has finished with its last frames or, if they had been taken, after.
  const auto isDrained = [](const Attached& attached) { return attached.queue->isDrained(); };
  ended_ = std::all_of(queues_.begin(), queues_.end(), isDrained);
  if (!ended_) std::erase_if(queues_, isDrained);
  return ended_;
}

Recorder::Stream& Recorder::streamOf(const Attached& attached) {
  for (const auto& stream : streams_) {
    if (stream->kind == attached.queue->kind() && stream->key == attached.key) return *stream;
  }
  streams_.push_back(std::make_unique<Stream>(attached.queue->kind(), attached.key));
  return *streams_.back();
}

void Recorder::arrive(Stream& stream, const Frame& frame, GstClockTime now) {
  if (!frame.caps || !GST_CLOCK_TIME_IS_VALID(frame.time)) return;
  if (!(frame.caps == stream.inCaps)) {
    stream.inCaps = frame.caps;
    const std::string mimeType = mimeTypeOf(frame.caps.get()).value_or("");
    if (mimeType != stream.mimeType) stream.parser = FrameParser::make(mimeType);
    stream.mimeType = mimeType;
  }
  if (stream.mimeType.empty()) return;  // raw or unknown: cannot be remuxed
  if (!stream.parser) {
    append(stream, frame, now);
    return;
  }
  for (const Frame& parsed : stream.parser->parse(frame)) append(stream, parsed, now);
}

void Recorder::append(Stream& stream, const Frame& frame, GstClockTime now) {
  if (!(frame.caps == stream.caps) || frame.rotation != stream.rotation) {
    stream.caps = frame.caps;
    stream.rotation = frame.rotation;
    stream.format = formatOf(stream.mimeType, frame);
  }
  stream.pending.push_back(Pending{frame, now, stream.format});
  stream.lastArrival = now;
}

// Those that have ended and have nothing in the file.
void Recorder::forgetStreams() {
  std::erase_if(streams_, [](const auto& stream) {
    return !stream->attached && !stream->place && stream->pending.empty();
  });
}

// ---- what is written ---------------------------------------------------------------------------

Recorder::Stream* Recorder::earliest() const {
  Stream* first = nullptr;
  for (const auto& stream : streams_) {
    if (stream->pending.empty() || stream->isHeld()) continue;
    const GstClockTime time = stream->pending.front().frame.time;
    // The picture goes first: a file begins with its key frame.
    const bool before = !first || time < first->pending.front().frame.time ||
                        (time == first->pending.front().frame.time &&
                         stream->kind == MediaKind::video && first->kind == MediaKind::audio);
    if (before) first = stream.get();
  }
  return first;
}

bool Recorder::isDue(const Stream& stream, GstClockTime now) const {
  if (since(stream.pending.front().arrived, now) >= reorderTime) return true;
  return std::all_of(streams_.begin(), streams_.end(), [&](const auto& other) {
    return other.get() == &stream || !other->pending.empty() || !flows(*other, now);
  });
}

void Recorder::writeDue(GstClockTime now, bool final) {
  if (final) {
    for (const auto& stream : streams_) stream->cut.reset();
  }
  while (part_) {
    Stream* const stream = earliest();
    if (!stream || !(final || isDue(*stream, now))) break;
    write(*stream);
  }
  if (!final) return;
  for (const auto& stream : streams_) stream->pending.clear();
}

// Takes the stream's first frame; one that the file has no place for is dropped.
void Recorder::write(Stream& stream) {
  const Pending pending = std::move(stream.pending.front());
  stream.pending.pop_front();
  if (!stream.takes(pending)) return;
  Place& place = *stream.place;
  GstBuffer* buffer = pending.frame.buffer.get();
  if (stream.kind == MediaKind::video && !place.last && !isKeyFrame(buffer)) return;
  const GstClockTime time = since(part_->start, pending.frame.time);
  const GstClockTime forward = place.last ? std::max(time, *place.last + 1) : time;
  part_->file->write(place.index, buffer, forward);
  place.last = forward;
  lastWritten_ = std::max(lastWritten_.value_or(0), pending.frame.time);
  part_->length = std::max(part_->length, forward);
  part_->bytes += gst_buffer_get_size(buffer);
}

void Recorder::finishPart(GstClockTime now) {
  if (!part_) return;
  part_->file->finish();
  const Part part = std::move(*std::exchange(part_, std::nullopt));
  for (const auto& stream : streams_) stream->place.reset();
  if (outage_ && part.bytes > 0) endOutage(now, part.start);
  events_.recorded(part.file->path());
}

}  // namespace cosoup
