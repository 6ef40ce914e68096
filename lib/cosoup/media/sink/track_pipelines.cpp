#include "cosoup/media/sink/track_pipelines.hpp"

#include <utility>

#include "cosoup/async/emit_signal.hpp"

namespace cosoup {

void TrackPipelines::add(const TrackOrigin& origin, const std::shared_ptr<Track>& track,
                         TrackPipeline::MakeElement make) {
  if (closed_ || entries_.count(origin.consumerId) > 0) return;
  const std::string title =
      title_ + ": " + toString(track->kind()) + " of '" + origin.displayName + "'";
  Entry entry;
  entry.pipeline = std::make_shared<TrackPipeline>(title, track, std::move(make));
  entry.failed =
      entry.pipeline->failed.connect([this](const Error& error) { emitSignal(failed, error); });
  entry.ended = track->ended.connect([this, id = origin.consumerId] { remove(id); });
  entry.pipeline->start();
  entries_.emplace(origin.consumerId, std::move(entry));
}

void TrackPipelines::remove(const std::string& consumerId) {
  const auto found = entries_.find(consumerId);
  if (found == entries_.end()) return;
  finishing_->spawn(found->second.pipeline->finish());
  entries_.erase(found);
}

void TrackPipelines::finishAll(Scope& scope) {
  closed_ = true;
  for (auto& [id, entry] : std::exchange(entries_, {})) scope.spawn(entry.pipeline->finish());
}

Task<> TrackPipelines::close() {
  const std::shared_ptr<Scope> finishing = finishing_;
  finishAll(*finishing);
  return finishing->close();
}

namespace {

Task<> closeScope(std::shared_ptr<Scope> scope) { co_await scope->close(); }

}  // namespace

void TrackPipelines::abandon() {
  if (closed_) return;
  finishAll(*finishing_);
  finishInBackground(closeScope(finishing_));
}

}  // namespace cosoup
