#include "cosoup/media/source/app_source.hpp"

#include <optional>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/emit_signal.hpp"
#include "cosoup/media/source/app_stream.hpp"
#include "cosoup/media/source/pipeline_source.hpp"

namespace cosoup {

class AppSource::Feed final : public PipelineSource {
 public:
  explicit Feed(AppSourceOptions options) : PipelineSource("app source"), live_(options.live) {
    if (options.streams.empty()) {
      throw Error(Error::Code::InvalidArgument, "app source: no streams");
    }
    for (const std::string& caps : options.streams) {
      streams_.emplace_back(caps, options.live, options.maxQueued);
    }
  }

  Task<> push(Frame frame, std::size_t index) {
    const auto self = shared_from_this();
    AppStream& stream = at(index, "push");
    stream.check(frame);
    while (true) {
      ensureTaking(stream);
      if (isRunning() && stream.hasRoom()) break;
      co_await changed_.wait();
    }
    stream.give(frame);
  }

  void end(std::size_t index) {
    at(index, "endOfStream").end();
    changed_.notify();
  }
  void endAll() {
    for (AppStream& stream : streams_) stream.end();
    changed_.notify();
  }
  void break_(Error error) {
    if (!reason_) reason_ = std::move(error);
    changed_.notify();
  }

  std::function<void(std::size_t)> keyFrameWanted;

 private:
  AppStream& at(std::size_t index, const char* operation) {
    if (index < streams_.size()) return streams_[index];
    throw Error(Error::Code::InvalidArgument,
                std::string(operation) + ": there is no stream " + std::to_string(index));
  }

  void ensureTaking(const AppStream& stream) const {
    if (reason_) throw reason_->within("push");
    if (stream.hasEnded()) {
      throw Error(Error::Code::InvalidState, "push: the stream has ended");
    }
  }

  // Times of a live source count only from when its pipeline runs.
  bool isRunning() const { return live_ ? running_ : streams_.back().isAdded(); }

  void build(Pipeline& pipeline, std::shared_ptr<StreamSet> found, Ref<GstCaps> accepted) override {
    const std::weak_ptr<Feed> weak = std::static_pointer_cast<Feed>(shared_from_this());
    const MainContext context = MainContext::current();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      const auto taken = [context, weak] {
        post(context, [weak] {
          if (const auto alive = weak.lock()) alive->changed_.notify();
        });
      };
      const auto wanted = [context, weak, i] {
        post(context, [weak, i] {
          const auto alive = weak.lock();
          if (alive && alive->keyFrameWanted) alive->keyFrameWanted(i);
        });
      };
      streams_[i].addTo(pipeline, found, accepted, AppStream::Events{taken, wanted});
      if (streams_[i].hasEnded()) streams_[i].end();
    }
    found->complete();
    changed_.notify();
  }

  void onRunning() override {
    running_ = true;
    changed_.notify();
  }

  const bool live_;
  bool running_ = false;
  std::vector<AppStream> streams_;
  std::optional<Error> reason_;
  Condition changed_;
};

AppSource::AppSource(AppSourceOptions options) : feed_(std::make_shared<Feed>(std::move(options))) {
  connections_.push_back(feed_->ended.connect([this] { emitSignal(ended); }));
  connections_.push_back(feed_->failed.connect([this](const Error& error) {
    feed_->break_(error);
    emitSignal(failed, error);
  }));
  feed_->keyFrameWanted = [this](std::size_t stream) { emitSignal(keyFrameRequested, stream); };
}

AppSource::~AppSource() {
  feed_->keyFrameWanted = nullptr;
  feed_->break_(Error(Error::Code::InvalidState, "the source is gone"));
}

Task<> AppSource::open(Ref<GstCaps> accepted) {
  const auto feed = feed_;
  try {
    co_await feed->open(std::move(accepted));
  } catch (const Error& error) {
    feed->break_(error);
    throw;
  }
}

const std::vector<std::shared_ptr<Track>>& AppSource::tracks() const { return feed_->tracks(); }

Task<> AppSource::play() { return feed_->play(); }

Task<> AppSource::close() {
  feed_->break_(Error(Error::Code::InvalidState, "the source is closed"));
  return feed_->close();
}

Task<> AppSource::push(Frame frame, std::size_t stream) {
  return feed_->push(std::move(frame), stream);
}

void AppSource::endOfStream(std::size_t stream) { feed_->end(stream); }

void AppSource::endOfStream() { feed_->endAll(); }

}  // namespace cosoup
