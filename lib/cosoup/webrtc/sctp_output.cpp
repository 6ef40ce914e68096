#include "cosoup/webrtc/sctp_output.hpp"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/sctp_message.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

/// Ends a push that waits for room in the association. What is below SCTP goes on.
void interrupt(GstElement* sctpenc) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sctpenc, inner::source));
  gst_pad_send_event(pad.get(), gst_event_new_flush_start());
}

}  // namespace

/// One stream id from its opening to the end of its reset.
struct SctpOutput::Stream {
  explicit Stream(const SctpStreamParameters& parameters)
      : id(parameters.streamId), reliability(sctpReliability(parameters)) {}

  // The thread only.
  bool openPads(GstElement* sctpenc);
  void closePads(GstElement* sctpenc);

  const std::uint16_t id;
  const SctpReliability reliability;
  std::atomic<std::size_t> buffered = 0;
  std::atomic<bool> told = false;  // that `buffered` has changed

  // Under the state's mutex.
  std::deque<DataMessage> queue;
  bool scheduled = false;
  bool closing = false;
  bool failed = false;
  bool ended = false;

  Sender* owner = nullptr;  // main context only

  Ref<GstPad> source;  // the thread only
  Ref<GstPad> sink;    // of sctpenc
};

struct SctpOutput::State : std::enable_shared_from_this<SctpOutput::State> {
  const MainContext context = MainContext::current();
  std::mutex mutex;
  std::condition_variable changed;
  Ref<GstElement> sctpenc;
  std::vector<std::shared_ptr<Stream>> streams;
  std::deque<std::shared_ptr<Stream>> scheduled;  // those with something to do
  bool established = false;
  bool lost = false;
  bool stopping = false;
  std::atomic<bool> pushing = false;
  std::function<void()> onEnded;

  // With the mutex held.
  void schedule(const std::shared_ptr<Stream>& stream);
  void fail(Stream& stream);
  bool hasWork(const Stream& stream) const {
    if (stream.ended) return false;
    if (stream.queue.empty()) return stream.failed || stream.closing;
    return established;
  }
  void serve(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Stream>& stream);
  void end(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Stream>& stream);

  /// Without the mutex: whether SCTP took the message.
  bool push(Stream& stream, const DataMessage& message);
  bool isStopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }

  void tellSent(const std::shared_ptr<Stream>& stream);
};

class SctpOutput::Sender final : public DataSender {
 public:
  Sender(std::shared_ptr<State> state, std::shared_ptr<Stream> stream)
      : state_(std::move(state)), stream_(std::move(stream)) {
    stream_->owner = this;
  }
  ~Sender() override {
    stream_->owner = nullptr;
    close();
  }

  void send(DataMessage message) override {
    const std::lock_guard lock(state_->mutex);
    if (stream_->closing || stream_->failed) return;
    stream_->buffered += message.size();
    stream_->queue.push_back(std::move(message));
    state_->schedule(stream_);
  }
  std::size_t bufferedAmount() const override { return stream_->buffered; }
  void close() override {
    const std::lock_guard lock(state_->mutex);
    if (std::exchange(stream_->closing, true)) return;
    state_->schedule(stream_);
  }

  void onEnded(bool hasFailed) {
    if (hasFailed) {
      emitSignal(failed, Error(Error::Code::Media, "data channel " + std::to_string(stream_->id) +
                                                       ": the SCTP association takes no more"));
    }
    emitSignal(closed);
  }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Stream> stream_;
};

// ---- pads --------------------------------------------------------------------------------------

bool SctpOutput::Stream::openPads(GstElement* sctpenc) {
  GstPadTemplate* sinkTemplate = gst_element_get_pad_template(sctpenc, "sink_%u");
  const std::string name = "sink_" + std::to_string(id);
  sink = Ref<GstPad>::adopt(gst_element_request_pad(sctpenc, sinkTemplate, name.c_str(), nullptr));
  if (!sink) return false;
  source = Ref<GstPad>::sink(gst_pad_new(nullptr, GST_PAD_SRC));
  gst_pad_set_active(source.get(), TRUE);
  gst_pad_link_full(source.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
  gst_pad_push_event(source.get(), gst_event_new_stream_start(name.c_str()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  gst_pad_push_event(source.get(), gst_event_new_segment(&segment));
  return true;
}

void SctpOutput::Stream::closePads(GstElement* sctpenc) {
  if (!sink) return;
  gst_pad_set_active(source.get(), FALSE);
  gst_pad_unlink(source.get(), sink.get());
  gst_element_release_request_pad(sctpenc, sink.get());  // which resets the stream
  source.reset();
  sink.reset();
}

// ---- the thread --------------------------------------------------------------------------------

void SctpOutput::State::schedule(const std::shared_ptr<Stream>& stream) {
  if (stream->scheduled || !hasWork(*stream)) return;
  stream->scheduled = true;
  scheduled.push_back(stream);
  changed.notify_one();
}

void SctpOutput::State::fail(Stream& stream) {
  stream.failed = true;
  stream.queue.clear();
  stream.buffered = 0;
}

bool SctpOutput::State::push(Stream& stream, const DataMessage& message) {
  if (isStopping() || (!stream.sink && !stream.openPads(sctpenc.get()))) return false;
  pushing = true;
  // Whoever stops us either is seen here, or sees that there is a push to interrupt.
  bool taken = false;
  if (!isStopping()) {
    GstBuffer* buffer = makeSctpBuffer(message, stream.reliability);
    taken = gst_pad_push(stream.source.get(), buffer) == GST_FLOW_OK;
  }
  pushing = false;
  return taken;
}

void SctpOutput::State::serve(std::unique_lock<std::mutex>& lock,
                              const std::shared_ptr<Stream>& stream) {
  stream->scheduled = false;
  if (!stream->queue.empty()) {
    const DataMessage message = std::move(stream->queue.front());
    stream->queue.pop_front();
    lock.unlock();
    const bool taken = push(*stream, message);
    lock.lock();
    if (taken && !stream->failed) {
      stream->buffered -= message.size();
      tellSent(stream);
    } else {
      fail(*stream);
    }
  }
  if (stream->failed || (stream->closing && stream->queue.empty())) {
    end(lock, stream);
  } else {
    schedule(stream);
  }
}

void SctpOutput::State::end(std::unique_lock<std::mutex>& lock,
                            const std::shared_ptr<Stream>& stream) {
  lock.unlock();
  if (!isStopping()) stream->closePads(sctpenc.get());
  lock.lock();
  stream->ended = true;
  std::erase(streams, stream);
  post(context, [stream, failed = stream->failed && !stream->closing] {
    if (stream->owner) stream->owner->onEnded(failed);
  });
}

void SctpOutput::State::tellSent(const std::shared_ptr<Stream>& stream) {
  if (stream->told.exchange(true)) return;
  post(context, [stream] {
    stream->told = false;
    if (stream->owner) emitSignal(stream->owner->sent);
  });
}

void SctpOutput::run(std::shared_ptr<State> state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&] { return state->stopping || !state->scheduled.empty(); });
    if (state->stopping) break;
    const std::shared_ptr<Stream> stream = std::move(state->scheduled.front());
    state->scheduled.pop_front();
    state->serve(lock, stream);
  }
  // The pads of sctpenc are its own to free.
  state->scheduled.clear();
  state->streams.clear();
  lock.unlock();
  state->onEnded();
}

// ---- SctpOutput --------------------------------------------------------------------------------

SctpOutput::SctpOutput() : state_(std::make_shared<State>()) {
  state_->onEnded = [context = state_->context, ended = ended_] {
    post(context, [ended]() mutable { ended.resolve(); });
  };
}

SctpOutput::~SctpOutput() {
  requestStop();
  if (thread_.joinable()) thread_.detach();
}

void SctpOutput::watch(GstElement* sctpenc) {
  const std::lock_guard lock(state_->mutex);
  state_->sctpenc = Ref<GstElement>::share(sctpenc);
}

void SctpOutput::setEstablished(bool established) {
  const std::lock_guard lock(state_->mutex);
  if (state_->lost) return;
  state_->established = established;
  state_->lost = !established;
  for (const auto& stream : state_->streams) {
    if (state_->lost) state_->fail(*stream);
    state_->schedule(stream);
  }
}

std::shared_ptr<DataSender> SctpOutput::open(const SctpStreamParameters& parameters) {
  const auto stream = std::make_shared<Stream>(parameters);
  if (!thread_.joinable()) thread_ = std::thread(&SctpOutput::run, state_);
  auto sender = std::make_shared<Sender>(state_, stream);
  const std::lock_guard lock(state_->mutex);
  state_->streams.push_back(stream);
  if (state_->lost) state_->fail(*stream);
  state_->schedule(stream);
  return sender;
}

void SctpOutput::requestStop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_one();
  }
  if (state_->pushing) interrupt(state_->sctpenc.get());
}

Task<> SctpOutput::settle() {
  if (!thread_.joinable()) co_return;
  try {
    co_await shielded(withTimeout(std::chrono::seconds(1), ended_.wait(), "settle data channels"));
  } catch (const Error&) {
    // Something below SCTP holds it up, which ends with the elements.
  }
}

Task<> SctpOutput::stop() {
  requestStop();
  if (!thread_.joinable()) co_return;
  try {
    co_await shielded(withTimeout(std::chrono::seconds(5), ended_.wait(), "stop data channels"));
  } catch (const Error& error) {
    g_warning("%s", error.what());
    if (thread_.joinable()) thread_.detach();
    co_return;
  }
  // Of those who wait the first has it.
  if (thread_.joinable()) thread_.join();
}

}  // namespace cosoup
