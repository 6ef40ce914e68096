// Reading what others say in messages: what identifies a thing must be right, all else has a value
// for when it is odd. One peer's idea of a field must not cost more than that field. Internal.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/core/json.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/core/utf8.hpp"

namespace cosoup::lenient {

/// Throws Error(InvalidArgument) for a text that is empty, too long or not printable: it is
/// compared and sent back, and cannot be repaired.
inline std::string id(const Json& data, const char* key) {
  std::string text = data.get<std::string>(key);
  const auto fail = [&](const char* reason) {
    throw Error(Error::Code::InvalidArgument, "'" + std::string(key) + "' " + reason);
  };
  if (text.empty()) fail("is empty");
  if (text.size() > limits::idBytes) fail("is too long");
  if (printable(text) != text) fail("is not printable");
  return text;
}

/// Absent for null; else as id().
inline std::optional<std::string> findId(const Json& data, const char* key) {
  if (!data.has(key)) return std::nullopt;
  return id(data, key);
}

/// Null for what is missing, and for a member of what is no object.
inline Json member(const Json& data, const char* key) {
  return data.isObject() ? data.getOr<Json>(key, Json()) : Json();
}

/// For people to read, and bounded; empty for what is no text.
inline std::string text(const Json& data, const char* key) {
  const Json value = member(data, key);
  return value.isString() ? printable(value.as<std::string>(), limits::nameBytes) : "";
}

inline bool flag(const Json& data, const char* key) {
  const Json value = member(data, key);
  return value.isBool() && value.as<bool>();
}

inline std::optional<double> number(const Json& data, const char* key) {
  const Json value = member(data, key);
  if (!value.isNumber() || !std::isfinite(value.as<double>())) return std::nullopt;
  return value.as<double>();
}

inline std::optional<std::int64_t> integer(const Json& value, std::int64_t low, std::int64_t high) {
  if (!value.isInteger()) return std::nullopt;
  const auto whole = value.as<std::int64_t>();
  if (whole < low || whole > high) return std::nullopt;
  return whole;
}

/// The first ones of a list, bounded; none for what is no list.
inline std::vector<Json> items(const Json& data, const char* key, std::size_t most) {
  const Json list = member(data, key);
  if (!list.isArray()) return {};
  std::vector<Json> result = list.items(key);
  result.resize(std::min(result.size(), most));
  return result;
}

/// {} for what is no object, and for one that is too large.
inline Json object(const Json& data, const char* key) {
  const Json value = member(data, key);
  const bool fits = value.isObject() && value.text().size() <= limits::appDataBytes;
  return fits ? value : Json::object();
}

/// For an answer that could not be read; the error may quote what the server sent.
inline Error malformedAnswer(const std::string& method, const Error& error) {
  return Error(Error::Code::InvalidArgument,
               method + ": malformed answer: " + printable(error.what(), limits::reasonBytes));
}

}  // namespace cosoup::lenient
