// LossModel: how much of the loss is noise, and how much comes of sending too much. Pure functions.
// Internal.
#pragma once

#include <optional>
#include <span>

namespace cosoup {

/// What became of the packets of a while.
struct LossObservation {
  double bitrate = 0;  ///< sent; bit/s
  double sent = 0;     ///< packets of known fate
  double lost = 0;     ///< of these
};

/// A line that loses a share of the packets, whatever the rate, and of the rest what is beyond a
/// limit.
struct LossModel {
  double noise = 0;             ///< fraction
  std::optional<double> limit;  ///< bit/s; absent: no rate of late was too high

  /// The fraction that it loses at this rate; never quite 0 or 1.
  double lossAt(double bitrate) const;
};

/// The model under which the observations, oldest first, are most probable (maximum likelihood, as
/// in libwebrtc's newer loss-based estimator). Newer ones weigh more. A limit must explain them a
/// good deal better than noise does, so loss has to grow with the rate. Where the rate was always
/// the same nobody can tell them apart: then noise is what is usual on a line, and anything
/// beyond a limit, until a lower rate shows that it does not help.
LossModel fitLoss(std::span<const LossObservation> observations);

}  // namespace cosoup
