#include "cosoup/rtc/sending/bitrate_allocation.hpp"

#include <algorithm>
#include <utility>

namespace cosoup {
namespace {

LayerLevels highestLevels(const AllocatedMedia& media) {
  LayerLevels levels;
  for (const auto& steps : media.steps) levels.push_back(steps.size());
  return levels;
}

/// The levels of one mean the same in the other.
bool isAlike(const AllocatedMedia& a, const AllocatedMedia& b) {
  return a.request.id == b.request.id && a.request.isUntouched == b.request.isUntouched &&
         highestLevels(a) == highestLevels(b);
}

}  // namespace

void BitrateAllocation::setProducers(std::vector<ProducerRequest> requests) {
  std::vector<AllocatedMedia> media;
  std::vector<State> states;
  for (ProducerRequest& request : requests) {
    media.emplace_back(std::move(request));
    const auto before = std::ranges::find_if(
        media_, [&](const AllocatedMedia& each) { return isAlike(each, media.back()); });
    states.push_back(before == media_.end() ? State{} : states_[before - media_.begin()]);
    states.back().layers.resize(media.back().steps.size());
  }
  media_ = std::move(media);
  states_ = std::move(states);
}

const std::vector<ProducerShare>& BitrateAllocation::update(double estimate, Time now) {
  letIn(estimate, now);
  settleLayers(estimate, now);
  for (State& state : states_) state.isNew = state.hasComeBack = false;
  tell(estimate);
  return shares_;
}

/// `possible`: what the estimate allows; `safe`: what it allows with the margin.
void BitrateAllocation::settle(Hold& hold, std::size_t possible, std::size_t safe, Time now) {
  if (possible < hold.level) {
    hold = Hold{possible, 0, {}};
  } else if (safe <= hold.level) {
    hold.since.reset();
  } else {
    hold.next = hold.since ? std::min(hold.next, safe) : safe;
    if (!hold.since) hold.since = now;
    if (now - *hold.since >= patience) hold = Hold{hold.next, 0, {}};
  }
}

/// One that waits to come back does not take the place of those behind it.
void BitrateAllocation::letIn(double estimate, Time now) {
  double left = estimate - wantedByAudio(media_);
  double safe = estimate / margin - wantedByAudio(media_);
  bool isOpen = true;
  for (const std::size_t i : videosInOrder(media_)) {
    State& state = states_[i];
    const auto least = leastWire(media_[i]);
    const bool mayBe = least && (isOpen || isUntouchedVideo(media_[i]));
    const std::size_t before = state.presence.level;
    const std::size_t possible = mayBe && *least <= left ? 1 : 0;
    if (state.isNew) state.presence.level = possible;
    settle(state.presence, possible, mayBe && *least <= safe ? 1 : 0, now);
    state.hasComeBack = state.presence.level > before;
    if (state.presence.level > 0) {
      left -= *least;
      safe -= *least;
    } else if (least && !isUntouchedVideo(media_[i])) {
      isOpen = false;
    }
  }
}

/// Given which videos are let in.
void BitrateAllocation::settleLayers(double estimate, Time now) {
  std::vector<LayerLevels> limits;
  for (std::size_t i = 0; i < media_.size(); ++i) {
    const bool isIn = states_[i].presence.level > 0 || media_[i].request.kind == MediaKind::audio;
    limits.push_back(isIn ? highestLevels(media_[i]) : LayerLevels(media_[i].steps.size(), 0));
  }
  const std::vector<PlannedMedia> possible = planAllocation(media_, estimate, limits);
  const std::vector<PlannedMedia> safe = planAllocation(media_, estimate / margin, limits);
  for (std::size_t i = 0; i < media_.size(); ++i) {
    State& state = states_[i];
    for (std::size_t layer = 0; layer < state.layers.size(); ++layer) {
      Hold& hold = state.layers[layer];
      if (state.isNew) hold.level = possible[i].levels[layer];
      if (!state.isNew && state.hasComeBack) hold.level = safe[i].levels[layer];
      settle(hold, possible[i].levels[layer], safe[i].levels[layer], now);
    }
  }
}

void BitrateAllocation::tell(double estimate) {
  std::vector<LayerLevels> levels;
  for (const State& state : states_) {
    LayerLevels& own = levels.emplace_back();
    for (const Hold& hold : state.layers) own.push_back(hold.level);
  }
  const std::vector<PlannedMedia> plans = planAllocation(media_, estimate, levels);
  shares_.assign(media_.size(), {});
  double audio = 0;
  for (std::size_t i = 0; i < media_.size(); ++i) {
    const AllocatedMedia& media = media_[i];
    ProducerShare& share = shares_[i];
    share.id = media.request.id;
    share.wire = plans[i].wire;
    for (std::size_t layer = 0; layer < media.steps.size(); ++layer) {
      LayerShare& told = share.layers.emplace_back();
      const std::size_t level = plans[i].levels[layer];
      if (level == 0) continue;
      const LayerStep& step = media.steps[layer][level - 1];
      told = {true, static_cast<std::uint32_t>(plans[i].bitrates[layer]), step.frameRate,
              step.scale};
      share.fits = true;
    }
    if (media.request.kind != MediaKind::audio) continue;
    audio += share.wire;
    share.fits = share.fits && audio <= estimate;
  }
}

}  // namespace cosoup
