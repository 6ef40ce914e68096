// Descriptions as webrtcbin writes them, for FakePeerConnection. Internal.
#pragma once

#include <gst/gst.h>

#include <set>
#include <string>
#include <vector>

#include "cosoup/gst/ref.hpp"

namespace cosoup::testing {

/// A section that an offer is to have: RTP of these caps, or data when there are none.
struct OfferedSection {
  Ref<GstCaps> caps;
  bool retransmission = false;
};

/// An offer of these sections.
std::string writeOffer(const std::vector<OfferedSection>& sections);

/// The answer to an offer; `refused` are the mids of sections that it takes no stream of.
std::string writeAnswer(const std::string& offer, const std::set<std::string>& refused);

}  // namespace cosoup::testing
