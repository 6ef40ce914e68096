#include "cosoup/core/json.hpp"

#include <json-glib/json-glib.h>

#include "cosoup/core/json_structure.hpp"

namespace cosoup {
namespace {

[[noreturn]] void fail(std::string_view name, const char* reason) {
  throw Error(Error::Code::InvalidArgument, "'" + std::string(name) + "' " + reason);
}

JsonNode* newValueNode() { return json_node_new(JSON_NODE_VALUE); }

bool holds(JsonNode* node, GType type) {
  return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(Error::Code::InvalidArgument, reason);
}

}  // namespace

Json::Json() : node_(json_node_new(JSON_NODE_NULL)) {}

Json::Json(bool value) : node_(newValueNode()) { json_node_set_boolean(node_, value); }

Json::Json(std::int64_t value) : node_(newValueNode()) { json_node_set_int(node_, value); }

Json::Json(double value) : node_(newValueNode()) { json_node_set_double(node_, value); }

Json::Json(std::string_view value) : node_(newValueNode()) {
  json_node_set_string(node_, std::string(value).c_str());
}

Json::Json(const Json& other) : node_(json_node_ref(other.node_)), shared_(true) {
  other.shared_ = true;
}

Json::Json(Json&& other) noexcept : Json() {
  std::swap(node_, other.node_);
  std::swap(shared_, other.shared_);
}

Json& Json::operator=(Json other) noexcept {
  std::swap(node_, other.node_);
  std::swap(shared_, other.shared_);
  return *this;
}

Json::~Json() { json_node_unref(node_); }

Json Json::object(std::initializer_list<std::pair<std::string, Json>> members) {
  JsonNode* node = json_node_new(JSON_NODE_OBJECT);
  json_node_take_object(node, json_object_new());
  Json result(node, false);
  for (const auto& [key, value] : members) result.set(key, value);
  return result;
}

Json Json::array(const std::vector<Json>& items) {
  JsonNode* node = json_node_new(JSON_NODE_ARRAY);
  json_node_take_array(node, json_array_new());
  Json result(node, false);
  for (const Json& item : items) result.push(item);
  return result;
}

Json Json::parse(std::string_view text) {
  const std::string repaired = withinJsonLimits(text);
  GError* error = nullptr;
  JsonParser* parser = json_parser_new_immutable();
  json_parser_load_from_data(parser, repaired.data(), static_cast<gssize>(repaired.size()), &error);
  JsonNode* root = error ? nullptr : json_parser_get_root(parser);
  if (root) json_node_ref(root);
  g_object_unref(parser);
  if (root) return Json(root, true);
  std::string reason = error ? error->message : "no value";
  g_clear_error(&error);
  refuse("not JSON: " + reason);
}

std::string Json::text() const {
  char* written = json_to_string(node_, FALSE);
  std::string result(written);
  g_free(written);
  return result;
}

bool Json::isNull() const { return JSON_NODE_HOLDS_NULL(node_); }
bool Json::isBool() const { return holds(node_, G_TYPE_BOOLEAN); }
bool Json::isInteger() const { return holds(node_, G_TYPE_INT64); }
bool Json::isNumber() const { return isInteger() || holds(node_, G_TYPE_DOUBLE); }
bool Json::isString() const { return holds(node_, G_TYPE_STRING); }
bool Json::isArray() const { return JSON_NODE_HOLDS_ARRAY(node_); }
bool Json::isObject() const { return JSON_NODE_HOLDS_OBJECT(node_); }

template <>
bool Json::as<bool>(std::string_view name) const {
  if (!isBool()) fail(name, "is not a boolean");
  return json_node_get_boolean(node_);
}

template <>
double Json::as<double>(std::string_view name) const {
  if (!isNumber()) fail(name, "is not a number");
  return json_node_get_double(node_);
}

template <>
std::string Json::as<std::string>(std::string_view name) const {
  if (!isString()) fail(name, "is not a string");
  return json_node_get_string(node_);
}

std::int64_t Json::integerIn(std::int64_t low, std::int64_t high, std::string_view name) const {
  if (!isInteger()) fail(name, "is not an integer");
  const std::int64_t value = json_node_get_int(node_);
  if (value < low || value > high) fail(name, "is out of range");
  return value;
}

Json Json::memberOrNull(std::string_view key) const {
  if (!isObject()) fail(key, "is asked of something that is not an object");
  JsonNode* member = json_object_get_member(json_node_get_object(node_), std::string(key).c_str());
  if (!member) return Json();
  return Json(json_node_ref(member), true);
}

Json Json::required(std::string_view key) const {
  Json member = memberOrNull(key);
  if (member.isNull()) fail(key, "is missing");
  return member;
}

bool Json::has(std::string_view key) const { return isObject() && !memberOrNull(key).isNull(); }

std::vector<std::string> Json::keys() const {
  std::vector<std::string> result;
  if (!isObject()) return result;
  GList* names = json_object_get_members(json_node_get_object(node_));
  for (GList* at = names; at; at = at->next) {
    result.emplace_back(static_cast<const char*>(at->data));
  }
  g_list_free(names);
  return result;
}

std::vector<Json> Json::list(std::string_view key) const {
  const Json member = memberOrNull(key);
  if (member.isNull()) return {};
  return member.items(key);
}

std::vector<Json> Json::items(std::string_view name) const {
  if (!isArray()) fail(name, "is not an array");
  JsonArray* source = json_node_get_array(node_);
  const guint count = json_array_get_length(source);
  std::vector<Json> result;
  result.reserve(count);
  for (guint i = 0; i < count; ++i) {
    result.push_back(Json(json_node_ref(json_array_get_element(source, i)), true));
  }
  return result;
}

void Json::detach() {
  if (!shared_) return;
  // json_node_copy() would copy the container by reference, hence member by member.
  Json fresh = isArray() ? array() : object();
  if (isArray()) {
    JsonArray* to = json_node_get_array(fresh.node_);
    for (const Json& item : items()) json_array_add_element(to, json_node_ref(item.node_));
  } else {
    JsonObject* to = json_node_get_object(fresh.node_);
    for (const std::string& key : keys()) {
      json_object_set_member(to, key.c_str(), json_node_ref(memberOrNull(key).node_));
    }
  }
  *this = std::move(fresh);
}

Json& Json::set(std::string_view key, const Json& value) {
  if (!isObject()) fail(key, "is set in something that is not an object");
  const Json kept = value;  // marks the value as shared: it is reachable from here, too
  detach();
  JsonObject* object = json_node_get_object(node_);
  const std::string name(key);
  // json-glib would do nothing, and lose the reference that it is given.
  if (json_object_get_member(object, name.c_str()) == kept.node_) return *this;
  json_object_set_member(object, name.c_str(), json_node_ref(kept.node_));
  return *this;
}

Json& Json::push(const Json& item) {
  if (!isArray()) fail("value", "is not an array");
  const Json kept = item;
  detach();
  json_array_add_element(json_node_get_array(node_), json_node_ref(kept.node_));
  return *this;
}

bool operator==(const Json& a, const Json& b) { return json_node_equal(a.node_, b.node_); }

}  // namespace cosoup
