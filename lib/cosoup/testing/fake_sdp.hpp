// Descriptions as webrtcbin writes them, for FakePeerConnection. Internal.
#pragma once

#include <gst/gst.h>

#include <set>
#include <string>
#include <vector>

#include "cosoup/gst/ref.hpp"

namespace cosoup::testing {

/// An offer of these sections: RTP of the caps, or data where they are null.
std::string writeOffer(const std::vector<Ref<GstCaps>>& sections);

/// The answer to an offer; `refused` are the mids of sections that it takes no stream of.
std::string writeAnswer(const std::string& offer, const std::set<std::string>& refused);

}  // namespace cosoup::testing
