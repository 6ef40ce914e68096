// Owning C++ access to gst-sdp's messages; the only file besides sdp_*.cpp that knows gst-sdp.
// Internal.
#pragma once

#include <gst/sdp/gstsdpmessage.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cosoup::sdp {

struct Attribute {
  std::string key;
  std::string value;
};

/// Throws Error(InvalidArgument) when the text holds control characters: a line break in a server's
/// string would otherwise become a line of SDP of the server's choosing.
const std::string& checkedLine(const std::string& text, std::string_view what);

/// An m-section, borrowed from its Message.
class Media {
 public:
  explicit Media(GstSDPMedia* media) : media_(media) {}

  std::string media() const;
  std::string protocol() const;
  unsigned port() const;
  std::vector<std::string> formats() const;
  std::vector<Attribute> attributes() const;
  /// The first value of the attribute; empty for a bare one.
  std::optional<std::string> attribute(const char* key) const;

  void describe(const std::string& media, unsigned port, const std::string& protocol);
  void addFormat(const std::string& format);
  void addConnection(const char* address);
  void add(const char* key, const std::string& value = {});
  /// Inserts before the index (as in attributes()).
  void insert(std::size_t index, const char* key, const std::string& value);
  void replace(std::size_t index, const char* key, const std::string& value);

 private:
  GstSDPMedia* media_;
};

/// An SDP message.
class Message {
 public:
  /// Longer text is refused by parse().
  static constexpr std::size_t kMaxSize = 4 * 1024 * 1024;

  Message();
  Message(Message&& other) noexcept;
  Message& operator=(Message&& other) noexcept;
  ~Message();

  /// Throws Error(InvalidArgument) on anything but SDP.
  static Message parse(const std::string& text);
  std::string text() const;

  std::vector<Attribute> attributes() const;
  std::size_t size() const;
  Media media(std::size_t index) const;

  void setOrigin(const std::string& username, const std::string& id, const std::string& version);
  void add(const char* key, const std::string& value = {});
  Media addMedia();

 private:
  GstSDPMessage* message_ = nullptr;
};

}  // namespace cosoup::sdp
