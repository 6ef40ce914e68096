// Small helps for building bins. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

struct Property {
  const char* name;
  const char* value;  ///< as in gst-launch
};

/// Sets those properties that the element has; versions and hardware differ.
void setProperties(GstElement* element, std::initializer_list<Property> properties);
void setProperty(GstElement* element, const char* name, const std::string& value);
bool hasProperty(GstElement* element, const char* name);

/// A floating bin of these elements, linked in this order, with the first one's "sink" and the last
/// one's "src", where there are such, as its own pads. Throws Error(Media) when two of them cannot
/// be linked; the elements are taken over in any case.
GstElement* chainBin(GstElement* emptyBin, std::initializer_list<GstElement*> elements);

/// A capsfilter for caps in text form, floating.
GstElement* makeCapsFilter(const std::string& caps);

/// The element keeps the object for as long as it lives. One of each type.
template <class T>
void keepWith(GstElement* element, std::shared_ptr<T> object) {
  g_object_set_data_full(G_OBJECT(element), T::kKey, new std::shared_ptr<T>(std::move(object)),
                         [](gpointer held) { delete static_cast<std::shared_ptr<T>*>(held); });
}
/// Null when it has none.
template <class T>
std::shared_ptr<T> keptWith(GstElement* element) {
  const auto* held =
      static_cast<std::shared_ptr<T>*>(g_object_get_data(G_OBJECT(element), T::kKey));
  return held ? *held : nullptr;
}

/// A new bin that keeps the ERROR messages of its children to itself (they are logged), floating.
GstElement* makeQuietBin();

/// Sends an event upstream, from this pad of the element on, that makes the next encoder produce a
/// key frame. Thread-safe.
void sendForceKeyUnit(GstElement* element, const char* padName = "src");

}  // namespace cosoup
