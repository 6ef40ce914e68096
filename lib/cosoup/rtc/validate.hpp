// Rules that no single field shows: whether the parts of parameters fit together. Where fromJson()
// reads a hostile server's types, this reads its meaning.
#pragma once

#include "cosoup/core/export.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup::ortc {

/// Throws Error(InvalidArgument) when a media type does not fit its kind, a payload type is
/// missing, out of range or given twice, rtx points at no codec, or a header extension id means two
/// things.
COSOUP_API void validateRtpCapabilities(const RtpCapabilities& capabilities);

/// The same for the parameters of a producer or consumer, which must also begin with a media codec.
COSOUP_API void validateRtpParameters(const RtpParameters& parameters);

/// What a consumer needs on top: the one stream it will receive is named by its SSRC, and an rtx
/// SSRC is not the same one.
COSOUP_API void validateConsumerRtpParameters(const RtpParameters& parameters);

/// Throws Error(InvalidArgument) when both kinds of partial reliability are asked for, or ordered
/// together with one of them. Fills in `ordered` when it is absent: false with partial reliability,
/// else true.
COSOUP_API void validateSctpStreamParameters(SctpStreamParameters& parameters);

}  // namespace cosoup::ortc
