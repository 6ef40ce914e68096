// AssociationId: by which the elements of an SCTP association find it. Internal.
#pragma once

#include <glib.h>

namespace cosoup {

/// Unique among those of this process that are alive. webrtcbin draws one at random, and of two
/// that are alike the second gets no association; sctpenc (1.22 to 1.26) leaves a task behind then
/// that runs for ever, and for whose end its release waits. Thread-safe.
class AssociationId {
 public:
  /// Throws Error(Media) when none is free.
  AssociationId();
  AssociationId(const AssociationId&) = delete;
  AssociationId& operator=(const AssociationId&) = delete;
  ~AssociationId();

  guint value() const { return value_; }

 private:
  const guint value_;
};

}  // namespace cosoup
