// ElementRow: elements that come and go in a pipeline that runs. Internal.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <vector>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Linked in a row in front of an element that stays. Whatever may block happens on a helper thread
/// (an encoder opens its device, or is in the middle of a picture): neither the loop nor the other
/// streams of the pipeline wait for it. Main-context-bound.
class ElementRow {
 public:
  /// Adds the elements, which must not have a parent yet, links them in order up to the sink pad of
  /// `behind`, and starts them, the last one first.
  ElementRow(GstElement* pipeline, std::vector<Ref<GstElement>> elements, GstElement* behind);
  ElementRow(const ElementRow&) = delete;
  ElementRow& operator=(const ElementRow&) = delete;
  /// Takes the elements out at once, then stops them, the first one first. What they give or report
  /// from now on goes nowhere. No event is sent: what is behind is shared with other streams, which
  /// a flush would end.
  ~ElementRow();

  /// Whether the message comes from one of them, or from inside it.
  bool isOrigin(GstMessage* message) const;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace cosoup
