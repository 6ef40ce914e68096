#include "cosoup/media/sink/frame_sink.hpp"

#include <map>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/sink/frame_queue.hpp"
#include "cosoup/media/sink/track_pipelines.hpp"
#include "cosoup/media/track_sink.hpp"

namespace cosoup {
namespace {

class QueueSink : public FrameSink, public std::enable_shared_from_this<QueueSink> {
 public:
  explicit QueueSink(FrameSinkOptions options);
  ~QueueSink() override;

  void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override;
  void removeTrack(std::string consumerId) override;
  Task<> close() override;
  Task<std::optional<ReceivedFrame>> next() override;
  std::uint64_t dropped() const override { return queue_->dropped(); }

 private:
  struct Entry {
    std::shared_ptr<Track> track;
    std::shared_ptr<FrameReceiver> input;
    Connection ended;
  };

  void letGo(Entry& entry);

  const FrameSinkOptions options_;
  Condition filled_;
  std::shared_ptr<FrameQueue> queue_;
  std::map<std::string, Entry> entries_;  // of encoded tracks, by consumer
  TrackPipelines decoders_{"decode"};
  Connection failures_;
  bool closed_ = false;
};

void checkCaps(const std::string& text) {
  ensureGStreamer();
  const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(text.c_str()));
  if (caps && !gst_caps_is_empty(caps.get())) return;
  throw Error(Error::Code::InvalidArgument, "frames: '" + text + "' are no caps");
}

QueueSink::QueueSink(FrameSinkOptions options) : options_(std::move(options)) {
  checkCaps(options_.audioCaps);
  checkCaps(options_.videoCaps);
  queue_ = std::make_shared<FrameQueue>(options_.queueLength, options_.drop,
                                        [context = MainContext::current(), filled = filled_] {
                                          post(context, [filled]() mutable { filled.notify(); });
                                        });
  failures_ = decoders_.failed.connect([this](const Error& error) { emitSignal(failed, error); });
}

QueueSink::~QueueSink() {
  for (auto& [id, entry] : entries_) letGo(entry);
  decoders_.abandon();
}

void QueueSink::addTrack(TrackOrigin origin, std::shared_ptr<Track> track) {
  if (closed_ || entries_.count(origin.consumerId) > 0) return;
  const auto whose = std::make_shared<const TrackOrigin>(origin);
  if (options_.form == FrameSinkOptions::Form::raw) {
    const MediaKind kind = track->kind();
    const std::string caps = kind == MediaKind::audio ? options_.audioCaps : options_.videoCaps;
    const auto decoded = std::make_shared<Track>(kind);
    decoded->addReceiver(queue_->makeInput(whose, decoded));
    decoders_.add(origin, track, [caps, decoded] {
      return chainBin(gst_bin_new(nullptr), {makeCapsFilter(caps), makeTrackSink(decoded)});
    });
    return;
  }
  Entry entry;
  entry.track = track;
  entry.input = queue_->makeInput(whose, track);
  entry.ended = track->ended.connect([this, id = origin.consumerId] { removeTrack(id); });
  track->addReceiver(entry.input);
  entries_.emplace(origin.consumerId, std::move(entry));
}

void QueueSink::letGo(Entry& entry) {
  entry.ended.disconnect();
  entry.track->removeReceiver(entry.input);
}

void QueueSink::removeTrack(std::string consumerId) {
  decoders_.remove(consumerId);
  const auto found = entries_.find(consumerId);
  if (found == entries_.end()) return;
  letGo(found->second);
  entries_.erase(found);
}

Task<> QueueSink::close() {
  const auto self = shared_from_this();
  closed_ = true;
  for (auto& [id, entry] : entries_) letGo(entry);
  entries_.clear();
  co_await decoders_.close();
  queue_->close();
}

Task<std::optional<ReceivedFrame>> QueueSink::next() {
  const auto self = shared_from_this();
  const std::stop_token token = co_await currentStopToken();
  if (token.stop_requested()) throw Cancelled();
  while (true) {
    const bool last = queue_->isClosed();
    std::optional<ReceivedFrame> frame = queue_->take();
    if (frame || last) co_return frame;
    co_await filled_.wait();
  }
}

}  // namespace

std::shared_ptr<FrameSink> makeFrameSink(FrameSinkOptions options) {
  return std::make_shared<QueueSink>(std::move(options));
}

}  // namespace cosoup
