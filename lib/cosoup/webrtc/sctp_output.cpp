#include "cosoup/webrtc/sctp_output.hpp"

#include <glib.h>
#include <gst/sctp/sctpsendmeta.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "cosoup/async/loop.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

// RFC 8831, section 8.
enum PayloadProtocol : guint32 { kText = 51, kBinary = 53, kEmptyText = 56, kEmptyBinary = 57 };

guint32 payloadProtocol(const DataMessage& message) {
  if (message.size() == 0) return message.isText() ? kEmptyText : kEmptyBinary;
  return message.isText() ? kText : kBinary;
}

struct Reliability {
  gboolean ordered = TRUE;
  GstSctpSendMetaPartiallyReliability policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_NONE;
  guint32 parameter = 0;
};

Reliability reliabilityOf(const SctpStreamParameters& parameters) {
  Reliability result;
  result.ordered = parameters.ordered.value_or(true);
  if (parameters.maxRetransmits) {
    result.policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_RTX;
    result.parameter = *parameters.maxRetransmits;
  } else if (parameters.maxPacketLifeTime) {
    result.policy = GST_SCTP_SEND_META_PARTIAL_RELIABILITY_TTL;
    result.parameter = *parameters.maxPacketLifeTime;
  }
  // The association object turns the number into network order, in which usrsctp does not want it:
  // one retransmission would become 16 million.
  result.parameter = g_htonl(result.parameter);
  return result;
}

GstBuffer* makeBuffer(const DataMessage& message, const Reliability& reliability) {
  // SCTP has no empty messages; a byte stands for one, and the identifier says so.
  const std::string& content = message.text();
  GstBuffer* buffer = message.size() == 0 ? gst_buffer_new_memdup("", 1)
                                          : gst_buffer_new_memdup(content.data(), content.size());
  gst_sctp_buffer_add_send_meta(buffer, payloadProtocol(message), reliability.ordered,
                                reliability.policy, reliability.parameter);
  return buffer;
}

/// Ends a push that waits for room in the association. What is below SCTP goes on.
void interrupt(GstElement* sctpenc) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sctpenc, "src"));
  gst_pad_send_event(pad.get(), gst_event_new_flush_start());
}

}  // namespace

/// One stream id from its opening to the end of its reset.
struct SctpOutput::Stream {
  explicit Stream(const SctpStreamParameters& parameters)
      : id(parameters.streamId), reliability(reliabilityOf(parameters)) {}

  // The thread only.
  bool openPads(GstElement* sctpenc);
  void closePads(GstElement* sctpenc);

  const std::uint16_t id;
  const Reliability reliability;
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
  std::mutex padMutex;  // while pads of sctpenc are made and freed; taken first
  bool established = false;
  bool lost = false;
  bool stopping = false;
  std::atomic<bool> pushing = false;  // set with the padMutex held
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
  bool mayPush(Stream& stream);

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
      failed.emit(Error(Error::Code::Media, "data channel " + std::to_string(stream_->id) +
                                                ": the SCTP association takes no more"));
    }
    closed.emit();
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

bool SctpOutput::State::mayPush(Stream& stream) {
  const std::lock_guard pads(padMutex);
  if (isStopping() || (!stream.sink && !stream.openPads(sctpenc.get()))) return false;
  pushing = true;
  return true;
}

bool SctpOutput::State::push(Stream& stream, const DataMessage& message) {
  if (!mayPush(stream)) return false;
  GstBuffer* buffer = makeBuffer(message, stream.reliability);
  const bool taken = gst_pad_push(stream.source.get(), buffer) == GST_FLOW_OK;
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
  {
    const std::lock_guard pads(padMutex);
    if (!isStopping()) stream->closePads(sctpenc.get());
  }
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
    if (stream->owner) stream->owner->sent.emit();
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
  const std::lock_guard pads(state_->padMutex);
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_one();
  }
  if (state_->pushing) interrupt(state_->sctpenc.get());
}

Task<> SctpOutput::stop() {
  requestStop();
  if (!thread_.joinable()) co_return;
  try {
    co_await shielded(withTimeout(std::chrono::seconds(5), ended_.wait(), "stop data channels"));
  } catch (const Error& error) {
    g_warning("%s", error.what());
    thread_.detach();
    co_return;
  }
  thread_.join();
}

}  // namespace cosoup
