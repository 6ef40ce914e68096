#include "cosoup/media/record/record_sink.hpp"

#include <map>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/media/record/recorder.hpp"
#include "cosoup/media/record/recording_name.hpp"
#include "cosoup/media/record/recording_thread.hpp"

namespace cosoup {
namespace {

using namespace std::chrono_literals;

class RecordSink : public Sink, public std::enable_shared_from_this<RecordSink> {
 public:
  explicit RecordSink(RecordOptions options) : options_(std::move(options)) {}
  ~RecordSink() override;

  void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override;
  void removeTrack(std::string consumerId) override;
  Task<> close() override;
  std::vector<Recording> recordings() const override { return recordings_; }

 private:
  struct Entry {
    std::string peerId;
    std::shared_ptr<Track> track;
    std::shared_ptr<TrackQueue> queue;
    std::shared_ptr<Recorder> recorder;
    std::string key;  ///< of the stream in the recorder
    Connection ended;
  };

  void record(Entry& entry, const TrackOrigin& origin);
  bool joins(Entry& entry, const std::shared_ptr<Recorder>& recorder) const;
  bool isTaken(const Entry& entry, const std::shared_ptr<Recorder>& recorder) const;
  std::shared_ptr<Recorder> makeRecorder(const TrackOrigin& origin);
  void letGo(Entry& entry);
  void onRecorded(const std::string& peerId, const std::string& path);
  static Task<> watch(std::weak_ptr<RecordSink> weak);
  void tellOfHungDisk();

  const RecordOptions options_;
  std::map<std::string, Entry> entries_;  // by consumer
  std::vector<Recording> recordings_;
  std::unique_ptr<RecordingThread> thread_;  // once there is something to write
  std::shared_ptr<Scope> watching_ = std::make_shared<Scope>();
  bool hangs_ = false;  // the disk; it has been told
  bool closed_ = false;
  bool closing_ = false;
  Condition closeEnded_;
};

Task<> waitUntilOver(Condition changed, const bool& underWay) {
  while (underWay) co_await changed.wait();
}

Task<> finish(std::unique_ptr<RecordingThread> thread, std::shared_ptr<Scope> watching) {
  co_await watching->close();
  const bool ended = co_await thread->close(10s);
  if (!ended) g_warning("recordings were left unfinished: the disk does not answer");
}

RecordSink::~RecordSink() {
  for (auto& [id, entry] : entries_) letGo(entry);
  if (thread_ && !closed_) finishInBackground(finish(std::move(thread_), watching_));
}

void RecordSink::addTrack(TrackOrigin origin, std::shared_ptr<Track> track) {
  if (closed_ || entries_.count(origin.consumerId) > 0) return;
  auto queue = std::make_shared<TrackQueue>(track);
  Entry entry;
  entry.peerId = origin.peerId;
  entry.track = track;
  entry.queue = queue;
  if (options_.wholeRoom) entry.key = entry.peerId;
  record(entry, origin);
  entry.ended = track->ended.connect([this, id = origin.consumerId] { removeTrack(id); });
  entries_.emplace(origin.consumerId, std::move(entry));
  track->addReceiver(std::move(queue));
}

void RecordSink::record(Entry& entry, const TrackOrigin& origin) {
  for (const auto& [id, other] : entries_) {
    if (!options_.wholeRoom && other.peerId != entry.peerId) continue;
    if (joins(entry, other.recorder)) return;
  }
  entry.recorder = makeRecorder(origin);
  entry.recorder->attach(entry.queue, entry.key);
  if (!thread_) {
    thread_ = std::make_unique<RecordingThread>();
    watching_->spawn(watch(weak_from_this()));
  }
  thread_->add(entry.recorder);
}

bool RecordSink::joins(Entry& entry, const std::shared_ptr<Recorder>& recorder) const {
  if (options_.wholeRoom) {
    // A second camera of a peer is a stream of its own.
    entry.key = entry.peerId;
    while (isTaken(entry, recorder)) entry.key += "+";
  } else if (isTaken(entry, recorder)) {
    // The file of a peer has one picture: a second camera gets a file of its own.
    return false;
  }
  if (!recorder->attach(entry.queue, entry.key)) return false;
  entry.recorder = recorder;
  return true;
}

bool RecordSink::isTaken(const Entry& entry, const std::shared_ptr<Recorder>& recorder) const {
  for (const auto& [id, other] : entries_) {
    if (other.recorder != recorder || other.queue->kind() != entry.queue->kind()) continue;
    if (other.key == entry.key) return true;
  }
  return false;
}

std::shared_ptr<Recorder> RecordSink::makeRecorder(const TrackOrigin& origin) {
  const MainContext context = MainContext::current();
  const std::weak_ptr<RecordSink> weak = weak_from_this();
  Recorder::Events events;
  std::string peerId;
  if (!options_.wholeRoom) peerId = origin.peerId;
  events.recorded = [context, weak, peerId](const std::string& path) {
    post(context, [weak, peerId, path] {
      if (const auto self = weak.lock()) self->onRecorded(peerId, path);
    });
  };
  events.failed = [context, weak](const Error& error) {
    post(context, [weak, error] {
      if (const auto self = weak.lock()) emitSignal(self->failed, error);
    });
  };
  events.missed = [context, weak, peerId](RecordingGap::Time from, RecordingGap::Time to) {
    post(context, [weak, gap = RecordingGap(peerId, from, to)] {
      if (const auto self = weak.lock()) emitSignal(self->missed, gap);
    });
  };
  return std::make_shared<Recorder>(
      options_, options_.wholeRoom ? roomRecordingStem(origin) : recordingStem(origin),
      std::move(events));
}

// What is given to a dead disk does not come back, so that the thread that writes cannot tell.
Task<> RecordSink::watch(std::weak_ptr<RecordSink> weak) {
  while (true) {
    co_await sleepFor(1s);
    const std::shared_ptr<RecordSink> self = weak.lock();
    if (!self || !self->thread_) co_return;
    const bool hangs = self->thread_->heldFor() > 5s;
    if (hangs && !self->hangs_) self->tellOfHungDisk();
    self->hangs_ = hangs;
  }
}

void RecordSink::tellOfHungDisk() {
  emitSignal(failed, Error(Error::Code::Timeout,
                           "record: the disk of '" + options_.directory + "' does not answer"));
}

void RecordSink::onRecorded(const std::string& peerId, const std::string& path) {
  recordings_.emplace_back(peerId, path);
  const Recording recording = recordings_.back();
  emitSignal(recorded, recording);
}

void RecordSink::letGo(Entry& entry) {
  entry.ended.disconnect();
  entry.track->removeReceiver(entry.queue);
  entry.queue->finish();
}

void RecordSink::removeTrack(std::string consumerId) {
  const auto found = entries_.find(consumerId);
  if (found == entries_.end()) return;
  letGo(found->second);
  entries_.erase(found);
  if (thread_) thread_->kick();
}

Task<> RecordSink::close() {
  const std::shared_ptr<RecordSink> self = shared_from_this();
  closed_ = true;
  for (auto& [id, entry] : entries_) letGo(entry);
  entries_.clear();
  if (thread_) {
    const std::unique_ptr<RecordingThread> thread = std::move(thread_);
    closing_ = true;
    const bool ended = co_await thread->close(9s);
    closing_ = false;
    closeEnded_.notify();
    if (!ended && !hangs_) tellOfHungDisk();
  }
  co_await watching_->close();
  co_await shielded(waitUntilOver(closeEnded_, closing_));
}

}  // namespace

std::shared_ptr<Sink> makeRecordSink(RecordOptions options) {
  return std::make_shared<RecordSink>(std::move(options));
}

std::shared_ptr<Sink> makeRecordSink(std::string directory) {
  return makeRecordSink(RecordOptions(std::move(directory)));
}

}  // namespace cosoup
