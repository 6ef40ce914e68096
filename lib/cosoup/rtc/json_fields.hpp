// Reading the fields of a foreign JSON object: what Json itself does not check. Every fault is an
// Error(InvalidArgument) that names the field. Internal.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cosoup/core/json.hpp"
#include "cosoup/core/limits.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup::fields {

[[noreturn]] inline void fail(std::string_view name, const char* reason) {
  throw Error(Error::Code::InvalidArgument, "'" + std::string(name) + "' " + reason);
}

inline bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Much of this text ends in a line of SDP, where a line break would begin a line of the server's
// choosing.
inline std::string checkedText(std::string text, std::string_view name,
                               std::size_t most = limits::parameterBytes) {
  if (text.size() > most) fail(name, "is too long");
  if (std::any_of(text.begin(), text.end(), isControl)) fail(name, "holds control characters");
  return text;
}

inline std::string checkedToken(std::string text, std::string_view name) {
  if (text.empty()) fail(name, "is empty");
  if (text.find(' ') != std::string::npos) fail(name, "holds a blank");
  return checkedText(std::move(text), name);
}

inline std::string token(const Json& json, std::string_view key) {
  return checkedToken(json.get<std::string>(key), key);
}

inline std::optional<std::string> findToken(const Json& json, std::string_view key) {
  std::optional<std::string> text = json.find<std::string>(key);
  if (text) text = checkedToken(std::move(*text), key);
  return text;
}

inline std::optional<double> findNumber(const Json& json, std::string_view key, double low) {
  const std::optional<double> value = json.find<double>(key);
  if (value && !(std::isfinite(*value) && *value >= low)) fail(key, "is out of range");
  return value;
}

template <class T>
T integerFrom(const Json& json, std::string_view key, T low, T high) {
  const T value = json.get<T>(key);
  if (value < low || value > high) fail(key, "is out of range");
  return value;
}

template <class T>
T readChoice(const Json& json, std::string_view key, T absent,
             std::initializer_list<std::pair<const char*, T>> choices) {
  const std::optional<std::string> text = json.find<std::string>(key);
  if (!text) return absent;
  for (const auto& [name, value] : choices) {
    if (*text == name) return value;
  }
  fail(key, "has no known value");
}

/// Reads each item and says in an error which one it was.
template <class Read>
auto readList(const Json& json, std::string_view key, Read read) {
  const std::vector<Json> items = json.list(key);
  if (items.size() > limits::parameterItems) fail(key, "has too many items");
  std::vector<decltype(read(items.front()))> result;
  result.reserve(items.size());
  for (const Json& item : items) {
    try {
      result.push_back(read(item));
    } catch (const Error& error) {
      throw error.within(std::string(key) + "[" + std::to_string(result.size()) + "]");
    }
  }
  return result;
}

template <class T>
T readMember(const Json& json, std::string_view key) {
  const Json member = json.get<Json>(key);
  try {
    return fromJson<T>(member);
  } catch (const Error& error) {
    throw error.within(std::string(key));
  }
}

}  // namespace cosoup::fields
