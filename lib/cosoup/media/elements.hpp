// Small helps for building bins. Internal to the media floor.
#pragma once

#include <gst/gst.h>

#include <initializer_list>
#include <string>

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

/// A new bin that keeps the ERROR messages of its children to itself (they are logged), floating.
GstElement* makeQuietBin();

}  // namespace cosoup
