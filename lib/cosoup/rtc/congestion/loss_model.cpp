#include "cosoup/rtc/congestion/loss_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cosoup {
namespace {

using Observations = std::span<const LossObservation>;

constexpr std::array kNoises{0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.13, 0.17, 0.25, 0.4};
constexpr double kFading = 0.93;       // of the weight, from one observation to the one before
constexpr double kUsualNoise = 0.12;   // what lines lose of themselves
constexpr double kNoisePenalty = 150;  // log-likelihood for each unit beyond that
constexpr double kLimitEvidence = 6;   // log-likelihood by which a limit must be the better one
constexpr double kNegligible = 0.015;

double score(const LossModel& model, Observations observations) {
  double sum = -kNoisePenalty * std::max(0.0, model.noise - kUsualNoise);
  double weight = 1;
  for (auto each = observations.rbegin(); each != observations.rend(); ++each) {
    const double loss = model.lossAt(each->bitrate);
    sum += weight * (each->lost * std::log(loss) + (each->sent - each->lost) * std::log1p(-loss));
    weight *= kFading;
  }
  return sum;
}

bool isNegligible(Observations observations) {
  double sent = 0;
  double lost = 0;
  for (const LossObservation& each : observations) {
    sent += each.sent;
    lost += each.lost;
  }
  return lost <= kNegligible * sent;
}

/// The best with a limit that is what passed in one of the observations.
LossModel bestLimited(Observations observations, double noise, double& best) {
  LossModel found{noise, {}};
  best = -std::numeric_limits<double>::infinity();
  for (const LossObservation& each : observations) {
    if (each.lost <= 0 || each.sent <= 0) continue;
    const double passed = each.bitrate * (1 - each.lost / each.sent) / (1 - noise);
    if (passed >= each.bitrate) continue;
    const LossModel model{noise, passed};
    const double scored = score(model, observations);
    if (scored <= best) continue;
    best = scored;
    found = model;
  }
  return found;
}

}  // namespace

double LossModel::lossAt(double bitrate) const {
  const double beyond = limit && bitrate > *limit ? 1 - *limit / bitrate : 0;
  return std::clamp(noise + (1 - noise) * beyond, 1e-3, 1 - 1e-3);
}

LossModel fitLoss(Observations observations) {
  if (isNegligible(observations)) return {};
  LossModel noisy;
  LossModel limited;
  double noisyScore = -std::numeric_limits<double>::infinity();
  double limitedScore = noisyScore;
  for (const double noise : kNoises) {
    const LossModel plain{noise, {}};
    if (const double scored = score(plain, observations); scored > noisyScore) {
      noisyScore = scored;
      noisy = plain;
    }
    double scored = 0;
    const LossModel best = bestLimited(observations, noise, scored);
    if (best.limit && scored > limitedScore) {
      limitedScore = scored;
      limited = best;
    }
  }
  return limitedScore > noisyScore + kLimitEvidence ? limited : noisy;
}

}  // namespace cosoup
