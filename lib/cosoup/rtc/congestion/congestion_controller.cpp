#include "cosoup/rtc/congestion/congestion_controller.hpp"

#include <algorithm>

namespace cosoup {

CongestionController::CongestionController(const CongestionBounds& bounds)
    : bounds_(bounds), rate_(bounds.start) {
  applyBounds();
}

void CongestionController::applyBounds() {
  const double max = std::min(bounds_.max, remb_.value_or(bounds_.max));
  rate_.setBounds(bounds_.min, max);
  probes_.setMax(max);
}

void CongestionController::setRemb(std::optional<double> bitrate) {
  remb_ = bitrate;
  applyBounds();
}

void CongestionController::setMax(double bitrate, Time now) {
  const bool isMore = bitrate > bounds_.max;
  bounds_.max = bitrate;
  applyBounds();
  // With less to send nobody looked whether there is as much.
  if (isMore && hasStarted_) probes_.start(rate_.bitrate(), now);
}

CongestionController::Duration CongestionController::roundTrip() const {
  constexpr std::chrono::milliseconds kUnknown{100};
  return roundTrip_.value_or(measuredRoundTrip_.value_or(kUnknown));
}

void CongestionController::onSent(std::uint16_t number, std::size_t size, Time now,
                                  std::optional<unsigned> probe) {
  sent_.add(number, size, now, probe);
  if (!waiting_) waiting_ = now;
  if (!hasStarted_) probes_.start(rate_.bitrate(), now);
  hasStarted_ = true;
}

void CongestionController::onFeedback(const TransportCcFeedback& feedback, Time now) {
  sent_.match(feedback, now, results_);
  if (results_.empty()) return;
  hear(now);
  measureRoundTrip(now);
  acknowledged_.add(results_);
  followDelay(now);
  followProbes(now);
  followLoss(now);
}

/// The newest has come just before the feedback was sent.
void CongestionController::measureRoundTrip(Time now) {
  for (auto result = results_.rbegin(); result != results_.rend(); ++result) {
    if (!result->arrived) continue;
    const Duration took = now - result->sent;
    measuredRoundTrip_ = measuredRoundTrip_ ? (7 * *measuredRoundTrip_ + took) / 8 : took;
    return;
  }
}

void CongestionController::hear(Time now) {
  waiting_.reset();
  if (!beforeSilence_) return;
  // An interruption tells nothing of the rate that the line loses.
  std::erase_if(results_, [](const PacketResult& each) { return !each.arrived; });
  probes_.probe(*beforeSilence_, now);
  beforeSilence_.reset();
}

void CongestionController::followDelay(Time now) {
  use_ = delay_.update(results_);
  if (delay_.queue() > calmQueue) queued_ = now;
  std::optional<double> arrives = acknowledged_.value();
  // What is lost whatever the rate has nothing to do with what the line carries. But what a queue
  // lost when it overflowed may be taken for noise for a while after it: hence the loss of late.
  if (arrives) *arrives /= 1 - std::min(losses_.noise(), losses_.loss());
  rate_.update({use_, arrives, roundTrip(), delay_.queue()}, now);
}

void CongestionController::followProbes(Time now) {
  // A probe of a full line takes from others, the more the more it sends. Only one who has little
  // of the line may think that there is more for him.
  constexpr double kMuchMore = 1.3;
  const std::optional<ProbeResult> shown = probeMeter_.add(results_);
  const bool isTrusted = !limited_ || now - *limited_ > distrust_;
  if (!shown || !isTrusted) return;
  if (!shown->isThrough && shown->bitrate < kMuchMore * rate_.bitrate()) return;
  if (shown->bitrate > rate_.bitrate()) probeRaised_ = now;
  rate_.raise(shown->bitrate, now);
  probes_.measured(shown->bitrate, now);
}

void CongestionController::followLoss(Time now) {
  constexpr double kBelow = 0.97;
  constexpr std::chrono::seconds kMisled{3};
  losses_.add(results_);
  const std::optional<double> limit = losses_.limit();
  if (!limit || rate_.bitrate() <= *limit) return;
  if (isPoliced(now)) {
    if (probeRaised_ && now - *probeRaised_ < kMisled) {
      distrust_ = std::min<Duration>(2 * distrust_, maxDistrust);
      probeRaised_.reset();
    }
    limited_ = now;
  }
  rate_.lower(kBelow * *limit, now);
}

/// What is lost was not lost by a queue, at least by none that was seen.
bool CongestionController::isPoliced(Time now) const {
  return !queued_ || now - *queued_ > overflowMemory;
}

bool CongestionController::isCalm(Time now) const {
  if (use_ != NetworkUse::Normal || delay_.queue() > calmQueue) return false;
  if (limited_ && now - *limited_ < distrust_) return false;
  return !rate_.lowered() || now - *rate_.lowered() > calmBeforeProbe;
}

void CongestionController::onTick(Time now) {
  if (waiting_ && now - *waiting_ > maxSilence + roundTrip()) {
    if (!beforeSilence_) beforeSilence_ = rate_.bitrate();
    rate_.lower(rate_.bitrate() / 2, now);
    waiting_ = now - roundTrip();
  }
  if (!hasStarted_ || beforeSilence_) return;
  if (isCalm(now)) probes_.update(rate_.bitrate(), now);
}

std::optional<ProbeCluster> CongestionController::nextProbe() {
  const std::optional<ProbeCluster> cluster = probes_.next();
  if (cluster) probeMeter_.expect(*cluster);
  return cluster;
}

}  // namespace cosoup
