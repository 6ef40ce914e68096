// A JSON value over json-glib with typed, validating access: the one place where JSON faults
// become Error.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cosoup/core/error.hpp"
#include "cosoup/core/export.hpp"

typedef struct _JsonNode JsonNode;

namespace cosoup {

/// A JSON value. Copies share the value; set() and push() are for building and first detach a
/// shared value, so that a copy never changes behind its owner's back.
/// Not thread-safe, not even copies of one value.
/// Every accessor throws Error(InvalidArgument) naming the field when the value is not what was
/// asked for.
class COSOUP_API Json {
 public:
  Json();  ///< null
  Json(bool value);
  Json(int value) : Json(static_cast<std::int64_t>(value)) {}
  Json(std::uint32_t value) : Json(static_cast<std::int64_t>(value)) {}
  Json(std::int64_t value);
  Json(double value);
  Json(const char* value) : Json(std::string_view(value)) {}
  Json(const std::string& value) : Json(std::string_view(value)) {}
  Json(std::string_view value);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json other) noexcept;
  ~Json();

  /// {} with the given members.
  static Json object(std::initializer_list<std::pair<std::string, Json>> members = {});
  /// [] with the given items.
  static Json array(const std::vector<Json>& items = {});
  /// Throws Error(InvalidArgument) on anything but one complete JSON value, and on more than
  /// 200,000 values. What is nested deeper than 64 levels is read as null, and so is what from the
  /// fifth level on holds more than 1,000 others; half a surrogate pair in a string is read as
  /// U+FFFD.
  static Json parse(std::string_view text);

  /// The value in one line.
  std::string text() const;

  bool isNull() const;
  bool isBool() const;
  bool isInteger() const;
  bool isNumber() const;  ///< integer or not
  bool isString() const;
  bool isArray() const;
  bool isObject() const;

  // Whole values. T: bool, std::int64_t, std::uint8_t/16_t/32_t (range-checked), double,
  // std::string, Json.
  template <class T>
  T as(std::string_view name = "value") const;

  // Members of an object; a member that is null counts as absent.
  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;
  template <class T>
  T get(std::string_view key) const {
    return required(key).as<T>(key);
  }
  template <class T>
  std::optional<T> find(std::string_view key) const {
    const Json member = memberOrNull(key);
    if (member.isNull()) return std::nullopt;
    return member.as<T>(key);
  }
  template <class T>
  T getOr(std::string_view key, T fallback) const {
    return find<T>(key).value_or(std::move(fallback));
  }
  /// The member as an array (absent: empty).
  std::vector<Json> list(std::string_view key) const;

  /// The items of this array; `name` is what an Error calls it, as in as().
  std::vector<Json> items(std::string_view name = "value") const;

  Json& set(std::string_view key, const Json& value);
  /// Leaves the member out when there is no value.
  template <class T>
  Json& set(std::string_view key, const std::optional<T>& value) {
    if (value) set(key, Json(*value));
    return *this;
  }
  Json& push(const Json& item);

  COSOUP_API friend bool operator==(const Json& a, const Json& b);

  /// For bridges to json-glib; borrowed.
  JsonNode* node() const { return node_; }

 private:
  /// Takes the reference; `shared` when others can reach the node, too.
  Json(JsonNode* owned, bool shared) : node_(owned), shared_(shared) {}
  Json memberOrNull(std::string_view key) const;
  Json required(std::string_view key) const;
  std::int64_t integerIn(std::int64_t low, std::int64_t high, std::string_view name) const;
  void detach();

  JsonNode* node_;
  mutable bool shared_ = false;  // set on both sides of a copy: the next change detaches first
};

template <>
bool Json::as<bool>(std::string_view name) const;
template <>
double Json::as<double>(std::string_view name) const;
template <>
std::string Json::as<std::string>(std::string_view name) const;
template <>
inline Json Json::as<Json>(std::string_view) const {
  return *this;
}
template <class T>
T Json::as(std::string_view name) const {
  static_assert(std::numeric_limits<T>::is_integer, "Json::as: no such type");
  return static_cast<T>(integerIn(static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                  static_cast<std::int64_t>(std::numeric_limits<T>::max()), name));
}

}  // namespace cosoup
