// What travels over data channels (RFC 8831), and in which state one of them is.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cosoup/core/export.hpp"

namespace cosoup {

/// As the W3C's RTCDataChannelState.
enum class DataChannelState { connecting, open, closing, closed };

/// "connecting", "open", "closing" or "closed".
inline const char* toString(DataChannelState state) {
  switch (state) {
    case DataChannelState::connecting:
      return "connecting";
    case DataChannelState::open:
      return "open";
    case DataChannelState::closing:
      return "closing";
    case DataChannelState::closed:
      break;
  }
  return "closed";
}

/// One message: UTF-8 text, or bytes. Either may be empty.
class COSOUP_API DataMessage {
 public:
  static DataMessage text(std::string_view text) { return DataMessage(true, std::string(text)); }
  static DataMessage binary(std::span<const std::byte> bytes) {
    const auto* first = reinterpret_cast<const char*>(bytes.data());
    return DataMessage(false, bytes.empty() ? std::string() : std::string(first, bytes.size()));
  }
  DataMessage(bool isText, std::string content) : isText_(isText), content_(std::move(content)) {}

  bool isText() const { return isText_; }
  std::size_t size() const { return content_.size(); }  ///< bytes
  /// The content of either kind; of a text it is UTF-8, with U+FFFD for what was not.
  const std::string& text() const { return content_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(content_)); }

  friend bool operator==(const DataMessage&, const DataMessage&) = default;

 private:
  bool isText_;
  std::string content_;
};

}  // namespace cosoup
