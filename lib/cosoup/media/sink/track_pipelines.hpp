// TrackPipelines: the pipelines of a sink, one for each track. Internal to the media floor.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cosoup/media/sink/sink.hpp"
#include "cosoup/media/sink/track_pipeline.hpp"

namespace cosoup {

/// Main-context-bound.
class TrackPipelines {
 public:
  /// `title` is what errors begin with: "<title>: video of 'Ada': reason".
  explicit TrackPipelines(std::string title) : title_(std::move(title)) {}

  /// As Sink::addTrack().
  void add(const TrackOrigin& origin, const std::shared_ptr<Track>& track,
           TrackPipeline::MakeElement make);
  /// The pipeline comes to its end in the background.
  void remove(const std::string& consumerId);
  /// Not cancellable, never throws, idempotent; at most 9 s.
  Task<> close();
  /// For an owner that was not closed: hands all to the loop to finish.
  void abandon();

  /// Something is wrong with one track; the others go on.
  Signal<const Error&> failed;

 private:
  struct Entry {
    std::shared_ptr<TrackPipeline> pipeline;
    Connection ended;
    Connection failed;
  };

  void finishAll(Scope& scope);

  const std::string title_;
  std::map<std::string, Entry> entries_;  // by consumer
  std::shared_ptr<Scope> finishing_ = std::make_shared<Scope>();
  bool closed_ = false;
};

}  // namespace cosoup
