// PipelineSource: what all sources that are a pipeline of ours have in common. Internal to the
// media floor.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cosoup/async/condition.hpp"
#include "cosoup/async/loop.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/media/source/frame_tap.hpp"
#include "cosoup/media/source/source.hpp"

namespace cosoup {

/// The taps of a source's pipeline. Streams are found on streaming threads, hence the lock;
/// thread-safe.
class StreamSet {
 public:
  explicit StreamSet(std::function<void()> changed) : changed_(std::move(changed)) {}

  std::shared_ptr<FrameTap> add(MediaKind kind);
  /// One more part of the pipeline is going to find streams; before it runs.
  void expectFinder();
  /// One of those who find streams, at first there is one, adds no more.
  void complete();
  /// All are added, and each knows its caps.
  bool isKnown() const;
  std::vector<std::shared_ptr<FrameTap>> taps() const;

 private:
  const std::function<void()> changed_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<FrameTap>> taps_;
  int finders_ = 1;
};

/// Main-context-bound.
class PipelineSource : public Source, public std::enable_shared_from_this<PipelineSource> {
 public:
  ~PipelineSource() override;

  Task<> open(Ref<GstCaps> accepted) override;
  const std::vector<std::shared_ptr<Track>>& tracks() const override { return tracks_; }
  Task<> play() override;
  Task<> close() override;
  std::optional<std::chrono::nanoseconds> position() const override;
  std::optional<std::chrono::nanoseconds> duration() const override;

 protected:
  /// `title` is what errors call the source: "open <title>: reason".
  explicit PipelineSource(std::string title, FileSourceOptions playback = FileSourceOptions())
      : title_(std::move(title)), playback_(playback) {}

  const std::string& title() const { return title_; }

  /// What may block and must come before build(). Throws Error.
  virtual Task<> prepare();
  /// Fills the pipeline; streams are added now or from its signals. Throws Error.
  virtual void build(Pipeline& pipeline, std::shared_ptr<StreamSet> streams,
                     Ref<GstCaps> accepted) = 0;
  /// The pipeline has been set to PLAYING; for a live source that may be before play().
  virtual void onRunning() {}

 private:
  enum class State { fresh, opening, open, playing, broken, closed };

  Task<> findStreams(Ref<GstCaps> accepted);
  Task<> findLiveStreams();
  Task<> waitUntilKnown();
  Task<> goToStart();
  void checkSeekable() const;
  GstSeekFlags seekFlags() const;
  Task<> start();
  Task<> rewind();
  Task<> untilClosed(Task<> task, std::string operation);
  bool isLive() const;
  void takeTracks();
  void onMessage(GstMessage* message);
  void onAllEnded();
  void fail(const Error& error);
  void endTracks();

  const std::string title_;
  const FileSourceOptions playback_;
  State state_ = State::fresh;
  int busy_ = 0;  // open() and play() under way
  bool live_ = false;
  bool tracksEnded_ = false;
  std::stop_source closing_;
  Condition changed_;
  std::optional<Error> error_;
  std::unique_ptr<Pipeline> pipeline_;
  std::shared_ptr<StreamSet> streams_;
  std::vector<std::shared_ptr<Track>> tracks_;
  Scope scope_;
  Connection messages_;
};

}  // namespace cosoup
