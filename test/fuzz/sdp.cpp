// Descriptions, from webrtcbin's text to what the handlers take from them.
#include "cosoup/rtc/sdp_munge.hpp"
#include "cosoup/rtc/sdp_read.hpp"
#include "fuzz/target.hpp"
#include "unit/rtc/examples.hpp"
#include "unit/rtc/recorded_sdp.hpp"

namespace cosoup {
namespace {

const RtpParameters kWanted = example::videoConsumer();
const RtpParameters kHeard = example::audioConsumer();

}  // namespace

std::vector<std::string> fuzz::examples() {
  return {recorded::sendOffer, recorded::receiveAnswer, recorded::browserOffer};
}

void fuzz::read(std::string_view input) {
  const std::string text(input);
  const sdp::SessionDescription description = sdp::parse(text);
  succeeds([&] { sdp::dtlsParameters(description); });
  sdp::extractRtpCapabilities(description);
  for (const sdp::MediaSection& section : description.sections) {
    succeeds([&] { sdp::rtpEncodings(section); });
    succeeds([&] { sdp::negotiatedRtpParameters(kWanted, section); });
  }
  if (description.sections.empty()) return;
  sdp::LocalSdpEditor editor(text);
  editor.setMaxMessageSize(262144);
  editor.addHeaderExtension(description.sections.back().mid, 5, example::kTransportCc);
  editor.setOpusStereo(description.sections.back().mid, kHeard);
  require(sdp::parse(editor.text()).sections.size() == description.sections.size());
}

}  // namespace cosoup
