#include "cosoup/rtc/sending/allocation_plan.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace cosoup {
namespace {

/// Takes from a common supply in proportion to its weight, within bounds.
struct Taker {
  std::size_t producer;
  double weight;
  double least;
  double most;
};

double taken(const Taker& taker, double level) {
  return std::clamp(level * taker.weight, taker.least, taker.most);
}

double takenByAll(const std::vector<Taker>& takers, double level) {
  return std::accumulate(takers.begin(), takers.end(), 0.0,
                         [&](double sum, const Taker& each) { return sum + taken(each, level); });
}

/// Gives each a share, no more in all than there is unless the least is more. Returns what is left.
double share(const std::vector<Taker>& takers, double supply, std::vector<PlannedMedia>& plans) {
  double low = 0;
  double high = 0;
  for (const Taker& each : takers) high = std::max(high, each.most / each.weight);
  if (takenByAll(takers, high) <= supply) {
    low = high;
  } else {
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (takenByAll(takers, middle) <= supply ? low : high) = middle;
    }
  }
  for (const Taker& each : takers) plans[each.producer].wire = taken(each, low);
  return std::max(supply - takenByAll(takers, low), 0.0);
}

BitrateLimits completeLimits(const ProducerRequest& request, const LayerRequest& layer) {
  BitrateLimits limits = layer.bitrates;
  if (request.isUntouched) return {limits.wanted, limits.wanted, limits.wanted};
  if (request.kind == MediaKind::video) return completeBitrates(limits, layer.width, layer.height);
  if (limits.wanted == 0) limits.wanted = limits.most;
  limits.most = std::max(limits.most, limits.wanted);
  if (limits.least == 0) limits.least = limits.wanted;
  limits.least = std::min(limits.least, limits.wanted);
  return limits;
}

bool isOff(const LayerLevels& levels) {
  return std::ranges::all_of(levels, [](std::size_t level) { return level == 0; });
}

/// What all its layers want; of one that is untouched, what it has.
double wantedWire(const AllocatedMedia& media) {
  double sum = 0;
  for (std::size_t i = 0; i < media.steps.size(); ++i) {
    if (!media.steps[i].empty()) sum += media.wire(i, media.request.layers[i].bitrates.wanted);
  }
  return sum;
}

/// With what is beyond it nothing could be done.
double mostWire(const AllocatedMedia& media, const LayerLevels& limits) {
  double sum = 0;
  double beyond = 0;
  for (std::size_t i = 0; i < media.steps.size(); ++i) {
    if (media.steps[i].empty()) continue;
    if (limits[i] == 0) break;
    const double wanted = media.wire(i, media.request.layers[i].bitrates.wanted);
    sum += wanted;
    beyond = media.wire(i, media.request.layers[i].bitrates.most) - wanted;
  }
  return sum + beyond;
}

/// The encoded videos that are on, with what the poorest picture takes. Takes that from `left`.
std::vector<Taker> encodedVideos(const std::vector<AllocatedMedia>& all,
                                 const std::vector<LayerLevels>& limits, double& left) {
  std::vector<Taker> takers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ProducerRequest& request = all[i].request;
    if (request.kind == MediaKind::audio || request.isUntouched || isOff(limits[i])) continue;
    const double least = leastWire(all[i]).value_or(0);
    left -= least;
    takers.push_back(
        {i, weightOf(request.priority), least, std::max(least, mostWire(all[i], limits[i]))});
  }
  return takers;
}

enum class AudioShare { wanted, most };

/// Returns what is left.
double shareAudio(const std::vector<AllocatedMedia>& all, AudioShare upTo, double supply,
                  std::vector<PlannedMedia>& plans) {
  std::vector<Taker> takers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].request.kind != MediaKind::audio || all[i].steps.empty()) continue;
    if (all[i].steps[0].empty()) continue;
    const BitrateLimits& limits = all[i].request.layers[0].bitrates;
    const double before = plans[i].wire;
    supply += before;
    takers.push_back(
        {i, weightOf(all[i].request.priority),
         std::max(before, all[i].wire(std::size_t{0}, limits.least)),
         all[i].wire(std::size_t{0}, upTo == AudioShare::most ? limits.most : limits.wanted)});
    plans[i].levels[0] = 1;
  }
  return share(takers, supply, plans);
}

/// Returns what is left.
double placeUntouched(const std::vector<AllocatedMedia>& all,
                      const std::vector<LayerLevels>& limits, double left,
                      std::vector<PlannedMedia>& plans) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!isUntouchedVideo(all[i]) || isOff(limits[i])) continue;
    plans[i].wire = wantedWire(all[i]);
    plans[i].levels = limits[i];
    left -= plans[i].wire;
  }
  return left;
}

/// A video that is wanted and off: what is left is to be saved up for it.
bool isAnyOff(const std::vector<AllocatedMedia>& all, const std::vector<LayerLevels>& limits) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].request.kind == MediaKind::video && leastWire(all[i]) && isOff(limits[i]))
      return true;
  }
  return false;
}

std::size_t levelWithin(const AllocatedMedia& media, std::size_t layer, std::size_t limit,
                        double wire) {
  std::size_t level = limit;
  for (; level > 0; --level) {
    const LayerStep& step = media.steps[layer][level - 1];
    if (media.wire(step.least, step.frameRate) <= wire) break;
  }
  return level;
}

/// What a video has among its layers; by layer, on the wire.
std::vector<double> layerShares(const AllocatedMedia& media, const LayerLevels& limits,
                                PlannedMedia& plan) {
  std::vector<double> shares(media.steps.size(), 0);
  std::optional<std::size_t> top;
  double left = plan.wire;
  for (std::size_t i = 0; i < media.steps.size(); ++i) {
    if (media.steps[i].empty()) continue;
    plan.levels[i] = levelWithin(media, i, limits[i], left);
    if (plan.levels[i] == 0) break;
    shares[i] = std::min(left, media.wire(i, media.request.layers[i].bitrates.wanted));
    left -= shares[i];
    top = i;
  }
  if (top) {
    const double most = media.wire(*top, media.request.layers[*top].bitrates.most);
    shares[*top] = std::min(shares[*top] + left, most);
  }
  return shares;
}

void setBitrates(const AllocatedMedia& media, const LayerLevels& limits, PlannedMedia& plan) {
  const ProducerRequest& request = media.request;
  std::vector<double> shares(media.steps.size(), plan.wire);  // of audio there is one layer
  if (request.kind == MediaKind::video && !request.isUntouched) {
    shares = layerShares(media, limits, plan);
    plan.wire = std::accumulate(shares.begin(), shares.end(), 0.0);
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (plan.levels[i] == 0) continue;
    const double frameRate = media.steps[i][plan.levels[i] - 1].frameRate;
    const double most = request.layers[i].bitrates.most;
    plan.bitrates[i] =
        request.isUntouched
            ? most
            : std::min(mediaBitrate(request.kind, shares[i], frameRate, media.overhead), most);
  }
}

}  // namespace

MediaPriority mediaPriority(std::string_view text) {
  if (text == "very-low") return MediaPriority::veryLow;
  if (text == "medium") return MediaPriority::medium;
  if (text == "high") return MediaPriority::high;
  return MediaPriority::low;
}

double weightOf(MediaPriority priority) { return 1 << static_cast<int>(priority); }

AllocatedMedia::AllocatedMedia(ProducerRequest wanted)
    : request(std::move(wanted)), overhead(overheadBytes(request.overhead)) {
  double widthBelow = 0;
  for (LayerRequest& layer : request.layers) {
    layer.bitrates = completeLimits(request, layer);
    steps.emplace_back();
    if (!layer.active) continue;
    if (request.kind == MediaKind::audio || request.isUntouched) {
      steps.back().push_back({layer.frameRate, 1, static_cast<double>(layer.bitrates.least)});
    } else {
      steps.back() = layerSteps(layer, widthBelow);
      widthBelow = layer.width;
    }
  }
}

double AllocatedMedia::wire(double media, double frameRate) const {
  return wireBitrate(request.kind, media, frameRate, overhead);
}

double AllocatedMedia::wire(std::size_t layer, std::uint32_t media) const {
  return wire(static_cast<double>(media), request.layers[layer].frameRate);
}

bool isUntouchedVideo(const AllocatedMedia& media) {
  return media.request.isUntouched && media.request.kind == MediaKind::video;
}

std::vector<std::size_t> videosInOrder(const std::vector<AllocatedMedia>& all) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].request.kind == MediaKind::video) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const ProducerRequest& first = all[a].request;
    const ProducerRequest& second = all[b].request;
    if (first.isUntouched != second.isUntouched) return second.isUntouched;
    return first.priority > second.priority;
  });
  return order;
}

std::optional<double> leastWire(const AllocatedMedia& media) {
  for (const auto& steps : media.steps) {
    if (steps.empty()) continue;
    if (media.request.isUntouched) return wantedWire(media);
    return media.wire(steps.front().least, steps.front().frameRate);
  }
  return std::nullopt;
}

double wantedByAudio(const std::vector<AllocatedMedia>& all) {
  double sum = 0;
  for (const AllocatedMedia& each : all) {
    if (each.request.kind == MediaKind::audio) sum += wantedWire(each);
  }
  return sum;
}

std::vector<PlannedMedia> planAllocation(const std::vector<AllocatedMedia>& all, double estimate,
                                         const std::vector<LayerLevels>& limits) {
  std::vector<PlannedMedia> plans;
  for (const AllocatedMedia& each : all) {
    const std::size_t layers = each.steps.size();
    plans.push_back({LayerLevels(layers, 0), std::vector<double>(layers, 0), 0});
  }
  double left = shareAudio(all, AudioShare::wanted, estimate, plans);
  const std::vector<Taker> videos = encodedVideos(all, limits, left);
  left = placeUntouched(all, limits, left, plans);
  for (const Taker& each : videos) left += each.least;
  left = share(videos, left, plans);
  if (!isAnyOff(all, limits)) shareAudio(all, AudioShare::most, left, plans);
  for (std::size_t i = 0; i < all.size(); ++i) setBitrates(all[i], limits[i], plans[i]);
  return plans;
}

}  // namespace cosoup
