// Lines that webrtcbin leaves out of its local description and yet obeys when they are there.
// Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/sdp_message.hpp"

namespace cosoup::sdp {

/// Edits a local description between create-offer/create-answer and set-local-description. All
/// edits may be repeated: a line that is already there is not added again.
class LocalSdpEditor {
 public:
  /// Throws Error(InvalidArgument) on anything but SDP.
  explicit LocalSdpEditor(const std::string& text);

  /// `a=max-message-size` in every data section: the largest message that we receive.
  LocalSdpEditor& setMaxMessageSize(std::uint32_t bytes);

  /// `a=extmap:<id> <uri>` in the section. webrtcbin's answers echo no extension at all, and
  /// without this one it sends no transport-cc feedback. An unknown mid, or an id or uri that the
  /// section already has, changes nothing.
  LocalSdpEditor& addHeaderExtension(std::string_view mid, std::uint8_t id, const std::string& uri);

  /// `stereo=0/1` in the fmtp of each opus codec of the section for which the consumer's parameters
  /// have `sprop-stereo`.
  LocalSdpEditor& setOpusStereo(std::string_view mid, const RtpParameters& consumer);

  /// `a=setup` in every section that has one: "active" or "passive". webrtcbin answers active
  /// always, and obeys.
  LocalSdpEditor& setSetup(const std::string& setup);

  std::string text() const { return message_.text(); }

 private:
  Message message_;
};

}  // namespace cosoup::sdp
