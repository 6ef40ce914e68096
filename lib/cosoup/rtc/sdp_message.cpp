#include "cosoup/rtc/sdp_message.hpp"

#include <algorithm>
#include <utility>

#include "cosoup/core/error.hpp"
#include "cosoup/core/taken.hpp"

namespace cosoup::sdp {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw Error(Error::Code::InvalidArgument, "SDP: " + text);
}

std::string orEmpty(const char* text) { return text ? text : ""; }

Attribute copied(const GstSDPAttribute& attribute) {
  return {orEmpty(attribute.key), orEmpty(attribute.value)};
}

GstSDPAttribute made(const char* key, const std::string& value) {
  GstSDPAttribute attribute;
  gst_sdp_attribute_set(&attribute, key, checkedLine(value, key).c_str());
  return attribute;
}

}  // namespace

const std::string& checkedLine(const std::string& text, std::string_view what) {
  const bool breaks = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (breaks) fail("'" + std::string(what) + "' holds control characters");
  return text;
}

std::string Media::media() const { return orEmpty(gst_sdp_media_get_media(media_)); }

std::string Media::protocol() const { return orEmpty(gst_sdp_media_get_proto(media_)); }

unsigned Media::port() const { return gst_sdp_media_get_port(media_); }

std::vector<std::string> Media::formats() const {
  std::vector<std::string> result;
  for (guint i = 0; i < gst_sdp_media_formats_len(media_); ++i) {
    result.push_back(orEmpty(gst_sdp_media_get_format(media_, i)));
  }
  return result;
}

std::vector<Attribute> Media::attributes() const {
  std::vector<Attribute> result;
  for (guint i = 0; i < gst_sdp_media_attributes_len(media_); ++i) {
    result.push_back(copied(*gst_sdp_media_get_attribute(media_, i)));
  }
  return result;
}

std::optional<std::string> Media::attribute(const char* key) const {
  // gst_sdp_media_get_attribute_val() cannot tell a bare attribute from an absent one.
  for (guint i = 0; i < gst_sdp_media_attributes_len(media_); ++i) {
    const Attribute attribute = copied(*gst_sdp_media_get_attribute(media_, i));
    if (attribute.key == key) return attribute.value;
  }
  return std::nullopt;
}

void Media::describe(const std::string& media, unsigned port, const std::string& protocol) {
  gst_sdp_media_set_media(media_, media.c_str());
  gst_sdp_media_set_port_info(media_, port, 1);
  gst_sdp_media_set_proto(media_, checkedLine(protocol, "protocol").c_str());
}

void Media::addFormat(const std::string& format) {
  gst_sdp_media_add_format(media_, checkedLine(format, "format").c_str());
}

void Media::addConnection(const char* address) {
  gst_sdp_media_add_connection(media_, "IN", "IP4", address, 0, 0);
}

void Media::add(const char* key, const std::string& value) {
  gst_sdp_media_add_attribute(media_, key, checkedLine(value, key).c_str());
}

void Media::insert(std::size_t index, const char* key, const std::string& value) {
  GstSDPAttribute attribute = made(key, value);
  const bool atEnd = index >= gst_sdp_media_attributes_len(media_);
  gst_sdp_media_insert_attribute(media_, atEnd ? -1 : static_cast<gint>(index), &attribute);
}

void Media::replace(std::size_t index, const char* key, const std::string& value) {
  GstSDPAttribute attribute = made(key, value);
  gst_sdp_media_replace_attribute(media_, static_cast<guint>(index), &attribute);
}

Message::Message() {
  gst_sdp_message_new(&message_);
  gst_sdp_message_set_version(message_, "0");
  gst_sdp_message_set_session_name(message_, "-");
  gst_sdp_message_add_time(message_, "0", "0", nullptr);
}

Message::Message(Message&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}

Message& Message::operator=(Message&& other) noexcept {
  std::swap(message_, other.message_);
  return *this;
}

Message::~Message() {
  if (message_) gst_sdp_message_free(message_);
}

Message Message::parse(const std::string& text) {
  if (text.size() > kMaxSize) fail("too long");
  // gst-sdp takes any text whatsoever and finds an empty message in it.
  if (text.rfind("v=0", 0) != 0) fail("does not begin with v=0");
  if (text.find('\0') != std::string::npos) fail("holds a NUL");
  Message result;
  gst_sdp_message_free(std::exchange(result.message_, nullptr));
  gst_sdp_message_new(&result.message_);
  const auto* data = reinterpret_cast<const guint8*>(text.c_str());
  const auto size = static_cast<guint>(text.size());
  if (gst_sdp_message_parse_buffer(data, size, result.message_) != GST_SDP_OK) fail("malformed");
  if (!gst_sdp_message_get_origin(result.message_)->username) fail("has no origin");
  return result;
}

std::string Message::text() const { return taken(gst_sdp_message_as_text(message_)); }

std::vector<Attribute> Message::attributes() const {
  std::vector<Attribute> result;
  for (guint i = 0; i < gst_sdp_message_attributes_len(message_); ++i) {
    result.push_back(copied(*gst_sdp_message_get_attribute(message_, i)));
  }
  return result;
}

std::size_t Message::size() const { return gst_sdp_message_medias_len(message_); }

Media Message::media(std::size_t index) const {
  // The message is ours; gst-sdp merely has no accessor that says so.
  return Media(
      const_cast<GstSDPMedia*>(gst_sdp_message_get_media(message_, static_cast<guint>(index))));
}

void Message::setOrigin(const std::string& username, const std::string& id,
                        const std::string& version) {
  gst_sdp_message_set_origin(message_, username.c_str(), id.c_str(), version.c_str(), "IN", "IP4",
                             "0.0.0.0");
}

void Message::add(const char* key, const std::string& value) {
  gst_sdp_message_add_attribute(message_, key, checkedLine(value, key).c_str());
}

Media Message::addMedia() {
  GstSDPMedia* media = nullptr;
  gst_sdp_media_new(&media);
  gst_sdp_message_add_media(message_, media);  // takes the contents, not the struct
  gst_sdp_media_free(media);
  return this->media(size() - 1);
}

}  // namespace cosoup::sdp
