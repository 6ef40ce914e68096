#include "cosoup/gst/parent_state.hpp"

#include "cosoup/gst/ref.hpp"

namespace cosoup {
namespace {

GstState goalOf(GstElement* parent) {
  GST_OBJECT_LOCK(parent);
  const GstState pending = GST_STATE_PENDING(parent);
  const GstState goal = pending == GST_STATE_VOID_PENDING ? GST_STATE(parent) : pending;
  GST_OBJECT_UNLOCK(parent);
  return goal;
}

}  // namespace

// A change of the parent that begins after the last look finds the element among its children.
void syncStateWithParent(GstElement* element) {
  const auto parent =
      Ref<GstElement>::adopt(GST_ELEMENT(gst_object_get_parent(GST_OBJECT(element))));
  if (!parent) return;
  GstState goal = GST_STATE_VOID_PENDING;
  while (goal != goalOf(parent.get())) {
    goal = goalOf(parent.get());
    if (gst_element_set_state(element, goal) == GST_STATE_CHANGE_FAILURE) return;
  }
}

}  // namespace cosoup
