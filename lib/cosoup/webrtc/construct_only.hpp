// Properties that GObject lets nobody set later, of objects that others construct. Internal.
#pragma once

#include <glib-object.h>

namespace cosoup {

/// Calls the class's own setter, which reads and keeps the value whenever it comes; without effect
/// when there is no such property. `setValue` fills in a GValue of its type.
template <class SetValue>
void setConstructOnly(GObject* object, const char* name, SetValue setValue) {
  GObjectClass* type = G_OBJECT_GET_CLASS(object);
  GParamSpec* property = g_object_class_find_property(type, name);
  if (!property) return;
  GValue value = G_VALUE_INIT;
  g_value_init(&value, G_PARAM_SPEC_VALUE_TYPE(property));
  setValue(&value);
  type->set_property(object, property->param_id, &value, property);
  g_value_unset(&value);
}

}  // namespace cosoup
