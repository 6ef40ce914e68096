#include "cosoup/webrtc/structure_json.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace cosoup {
namespace {

std::optional<Json> toJson(const GValue* value);

std::optional<Json> number(const GValue* value) {
  switch (G_VALUE_TYPE(value)) {
    case G_TYPE_INT:
      return Json(static_cast<std::int64_t>(g_value_get_int(value)));
    case G_TYPE_UINT:
      return Json(static_cast<std::int64_t>(g_value_get_uint(value)));
    case G_TYPE_INT64:
      return Json(static_cast<std::int64_t>(g_value_get_int64(value)));
    case G_TYPE_UINT64: {
      const guint64 number = g_value_get_uint64(value);
      if (number > G_MAXINT64) return Json(static_cast<double>(number));
      return Json(static_cast<std::int64_t>(number));
    }
    case G_TYPE_FLOAT:
      return Json(static_cast<double>(g_value_get_float(value)));
    case G_TYPE_DOUBLE:
      return Json(g_value_get_double(value));
    default:
      return std::nullopt;
  }
}

std::optional<Json> nick(const GValue* value) {
  auto* type = static_cast<GEnumClass*>(g_type_class_ref(G_VALUE_TYPE(value)));
  const GEnumValue* known = g_enum_get_value(type, g_value_get_enum(value));
  std::optional<Json> result;
  if (known) result = Json(known->value_nick);
  g_type_class_unref(type);
  return result;
}

// What a bin gives as a list of structures; GLib calls the type outdated, GStreamer uses it.
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
std::optional<Json> list(const GValue* value) {
  std::vector<Json> items;
  const auto* values = static_cast<const GValueArray*>(g_value_get_boxed(value));
  for (guint i = 0; values && i < values->n_values; ++i) {
    if (const auto item = toJson(&values->values[i])) items.push_back(*item);
  }
  return Json::array(items);
}

bool isList(const GValue* value) { return G_VALUE_HOLDS(value, g_value_array_get_type()); }
G_GNUC_END_IGNORE_DEPRECATIONS

std::optional<Json> toJson(const GValue* value) {
  if (const auto found = number(value)) return found;
  if (G_VALUE_HOLDS_BOOLEAN(value)) return Json(g_value_get_boolean(value) != FALSE);
  if (G_VALUE_HOLDS_STRING(value)) {
    const char* text = g_value_get_string(value);
    if (!text || !g_utf8_validate(text, -1, nullptr)) return std::nullopt;
    return Json(text);
  }
  if (G_VALUE_HOLDS_ENUM(value)) return nick(value);
  if (GST_VALUE_HOLDS_STRUCTURE(value)) {
    const GstStructure* structure = gst_value_get_structure(value);
    if (!structure) return std::nullopt;
    return cosoup::toJson(structure);
  }
  if (isList(value)) return list(value);
  return std::nullopt;
}

gboolean addField(GQuark name, const GValue* value, gpointer data) {
  if (const auto json = toJson(value)) {
    static_cast<Json*>(data)->set(g_quark_to_string(name), *json);
  }
  return TRUE;
}

}  // namespace

Json toJson(const GstStructure* structure) {
  Json json = Json::object();
  gst_structure_foreach(structure, &addField, &json);
  return json;
}

}  // namespace cosoup
