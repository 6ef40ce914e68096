#include "cosoup/media/recorder.hpp"

#include <algorithm>

#include "cosoup/media/codec_caps.hpp"
#include "cosoup/media/recording_name.hpp"

namespace cosoup {
namespace {

constexpr std::size_t audio = 0;
constexpr std::size_t video = 1;

// How long a stream that pauses still counts as flowing, and a frame waits for those of the other
// stream that may belong before it.
constexpr GstClockTime reorderTime = GST_SECOND;
// How long the first kind waits for the other one.
constexpr GstClockTime patience = 2 * GST_SECOND;
// How long audio waits for a key frame of the video that does come.
constexpr GstClockTime keyFramePatience = 5 * GST_SECOND;
constexpr GstClockTime requestInterval = GST_SECOND;
// How much later than the key frame the audio may begin.
constexpr GstClockTime mostOffset = 150 * GST_MSECOND;

std::size_t indexOf(MediaKind kind) { return kind == MediaKind::audio ? audio : video; }

// Streams of one format can stand in one file.
std::string formatOf(const std::string& mimeType, GstCaps* caps) {
  const GValue* data = gst_structure_get_value(gst_caps_get_structure(caps, 0), "codec_data");
  if (!data || mimeType == "audio/opus") return mimeType;
  char* text = gst_value_serialize(data);
  const std::string format = mimeType + " " + (text ? text : "");
  g_free(text);
  return format;
}

GstClockTime since(GstClockTime then, GstClockTime now) { return now > then ? now - then : 0; }

}  // namespace

Recorder::Recorder(std::string directory, std::string stem, Events events)
    : directory_(std::move(directory)), stem_(std::move(stem)), events_(std::move(events)) {}

bool Recorder::attach(std::shared_ptr<TrackQueue> queue) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  queues_.push_back(std::move(queue));
  return true;
}

bool Recorder::step(GstClockTime now) {
  try {
    const bool final = drain(now);
    if (failed_) {
      for (Stream& stream : streams_) stream.pending.clear();
      return !final;
    }
    if (final ? !part_ : wantsPart()) gather(now, final);
    writeDue(now, final);
    if (final) finishPart();
    return !final;
  } catch (const Error& error) {
    fail(error);
  }
  return true;
}

// True when nothing will come any more.
bool Recorder::drain(GstClockTime now) {
  const std::lock_guard lock(mutex_);
  for (const auto& queue : queues_) {
    TrackQueue::Taken taken = queue->take();
    if (taken.overflown && !failed_) {
      throw Error(Error::Code::Media, "record '" + stem_ + "': the disk does not keep up");
    }
    for (const Frame& frame : taken.frames) arrive(streams_[indexOf(queue->kind())], frame, now);
  }
  // A queue says that it has finished with its last frames or, if they had been taken, after.
  ended_ = std::all_of(queues_.begin(), queues_.end(),
                       [](const auto& queue) { return queue->isDrained(); });
  if (!ended_) std::erase_if(queues_, [](const auto& queue) { return queue->isDrained(); });
  return ended_;
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
  if (!(frame.caps == stream.caps)) {
    stream.caps = frame.caps;
    stream.format = formatOf(stream.mimeType, frame.caps.get());
  }
  stream.pending.push_back(Pending{frame, now, stream.format});
  stream.lastArrival = now;
}

bool Recorder::takes(const Pending& pending, std::size_t kind) const {
  return part_ && part_->tracks[kind].index && part_->tracks[kind].format == pending.format;
}

bool Recorder::wantsPart() const {
  for (const std::size_t kind : {audio, video}) {
    const Stream& stream = streams_[kind];
    if (!stream.pending.empty() && !takes(stream.pending.back(), kind)) return true;
  }
  return false;
}

bool Recorder::flows(const Stream& stream, GstClockTime now) const {
  if (!stream.pending.empty()) return true;
  return stream.lastArrival && since(*stream.lastArrival, now) < reorderTime;
}

// Decides whether, and where in what is pending, a new file begins.
void Recorder::gather(GstClockTime now, bool final) {
  const bool hasAudio = flows(streams_[audio], now);
  const bool hasVideo = flows(streams_[video], now);
  if (!hasAudio && !hasVideo) return;
  if (!gatheringSince_) gatheringSince_ = now;
  const GstClockTime age = since(*gatheringSince_, now);
  const bool late = final || age >= patience;
  if (hasVideo) {
    gatherVideo(now, late, final || age >= keyFramePatience);
    return;
  }
  const auto& pending = streams_[audio].pending;
  if (late && !pending.empty() && !takes(pending.front(), audio)) {
    begin(pending.front().frame.time, false, true);
  }
}

void Recorder::gatherVideo(GstClockTime now, bool late, bool veryLate) {
  Stream& pictures = streams_[video];
  const auto& sounds = streams_[audio].pending;
  const bool hasAudio = flows(streams_[audio], now);
  std::optional<GstClockTime> unsuitable;
  for (const Pending& picture : pictures.pending) {
    if (!isKeyFrame(picture.frame.buffer.get())) continue;
    const GstClockTime start = picture.frame.time;
    // The sound has begun when the picture does, or nobody waits for it any more.
    const bool suits =
        sounds.empty() ? hasAudio || late : sounds.front().frame.time <= start + mostOffset;
    if (suits) {
      begin(start, true, hasAudio);
      return;
    }
    unsuitable = start;
  }
  if (unsuitable && veryLate) {
    begin(*unsuitable, true, hasAudio);
    return;
  }
  if (!unsuitable || !sounds.empty()) requestKeyFrame(now);
  if (!unsuitable && !pictures.pending.empty() && !takes(pictures.pending.back(), video)) {
    dropUntilKeyFrame(pictures);
  }
  if (veryLate && !sounds.empty() && !takes(sounds.front(), audio)) {
    begin(sounds.front().frame.time, false, true);
  }
}

void Recorder::dropUntilKeyFrame(Stream& pictures) {
  auto& pending = pictures.pending;
  while (!pending.empty() && !takes(pending.front(), video) &&
         !isKeyFrame(pending.front().frame.buffer.get())) {
    pending.pop_front();
  }
}

void Recorder::requestKeyFrame(GstClockTime now) {
  std::optional<GstClockTime>& last = streams_[video].lastRequest;
  if (last && since(*last, now) < requestInterval) return;
  last = now;
  const std::lock_guard lock(mutex_);
  for (const auto& queue : queues_) {
    if (queue->kind() == MediaKind::video) queue->requestKeyFrame();
  }
}

void Recorder::begin(GstClockTime start, bool withVideo, bool withAudio) {
  const auto isBefore = [&](std::optional<std::size_t> kind) {
    return kind && streams_[*kind].pending.front().frame.time < start;
  };
  while (isBefore(earliest())) write(*earliest());
  finishPart();
  openPart(start, withVideo, withAudio);
}

void Recorder::openPart(GstClockTime start, bool withVideo, bool withAudio) {
  Part part;
  part.start = start;
  std::vector<Ref<GstCaps>> caps;
  const auto add = [&](std::size_t kind) {
    const Stream& stream = streams_[kind];
    part.tracks[kind].index = caps.size();
    part.tracks[kind].format =
        stream.pending.empty() ? stream.format : stream.pending.front().format;
    caps.push_back(stream.pending.empty() ? stream.caps : stream.pending.front().frame.caps);
  };
  if (withVideo) add(video);
  if (withAudio) add(audio);
  const char* extension = MuxedFile::extensionFor(caps);
  part.file = std::make_unique<MuxedFile>(claimRecording(directory_, stem_, extension), caps);
  part_ = std::move(part);
  gatheringSince_.reset();
}

std::optional<std::size_t> Recorder::earliest() const {
  const auto& sounds = streams_[audio].pending;
  const auto& pictures = streams_[video].pending;
  if (sounds.empty() && pictures.empty()) return std::nullopt;
  if (sounds.empty()) return video;
  if (pictures.empty()) return audio;
  // The picture goes first: a file begins with its key frame.
  return sounds.front().frame.time < pictures.front().frame.time ? audio : video;
}

bool Recorder::isDue(std::size_t kind, GstClockTime now) const {
  const Stream& other = streams_[kind == audio ? video : audio];
  if (!other.pending.empty() || !flows(other, now)) return true;
  return since(streams_[kind].pending.front().arrived, now) >= reorderTime;
}

void Recorder::writeDue(GstClockTime now, bool final) {
  while (part_) {
    const std::optional<std::size_t> kind = earliest();
    if (!kind || !(final || isDue(*kind, now))) return;
    write(*kind);
  }
  if (final) {
    for (Stream& stream : streams_) stream.pending.clear();
  }
}

// Takes the stream's first frame; one that the file has no place for is dropped.
void Recorder::write(std::size_t kind) {
  Stream& stream = streams_[kind];
  Pending pending = std::move(stream.pending.front());
  stream.pending.pop_front();
  if (!takes(pending, kind)) return;
  Part::Track& track = part_->tracks[kind];
  const GstClockTime time = since(part_->start, pending.frame.time);
  const GstClockTime forward = track.last ? std::max(time, *track.last + 1) : time;
  part_->file->write(*track.index, pending.frame.buffer.get(), forward);
  track.last = forward;
}

void Recorder::finishPart() {
  if (!part_) return;
  const std::unique_ptr<MuxedFile> file = std::move(part_->file);
  part_.reset();
  file->finish();
  events_.recorded(file->path());
}

void Recorder::fail(const Error& error) {
  failed_ = true;
  part_.reset();
  events_.failed(error);
}

}  // namespace cosoup
