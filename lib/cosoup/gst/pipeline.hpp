// Pipeline: a GstPipeline whose messages come to the main context and whose state changes are
// awaited. Internal.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <memory>
#include <string>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// All pipelines run on the system clock, so that a time of one is a time of every other; see
/// runningTimeOf() and clockTimeOf(). Main-context-bound.
class COSOUP_API Pipeline {
 public:
  explicit Pipeline(const std::string& name);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  /// A pipeline that was not stopped is handed to a thread that stops it.
  ~Pipeline();

  GstElement* element() const;
  GstBin* bin() const { return GST_BIN(element()); }

  /// Adds the element (takes its floating reference) and gives it back, borrowed.
  GstElement* add(GstElement* element);

  /// Changes the state and waits until the change is complete (a live source's "no preroll" counts
  /// as complete). Elements that block meanwhile block a helper thread, never the loop. Throws
  /// Error(Media) "operation: …" (the pipeline's first error; or it was stopped), and Cancelled.
  Task<> setState(GstState state, std::string operation);
  /// Seeks to a time of the media; false when the pipeline cannot. Throws Cancelled.
  Task<bool> seek(GstClockTime position, GstSeekFlags flags);
  /// Goes to NULL, not cancellable, never throws. Idempotent: each call returns when the pipeline
  /// has stopped. One that hangs (a dead disk, a dead device) is left to its thread after the
  /// limit.
  Task<> stop(std::chrono::milliseconds limit = std::chrono::seconds(4));

  /// Errors, warnings, end of stream, segment-done and element messages, each on the main context.
  /// Messages of other types are dropped where they arise: undrained ones keep elements alive.
  Signal<GstMessage*>& messages();

  /// Now, by the clock that all pipelines share; ns.
  static GstClockTime now();
  GstClockTime runningTimeOf(GstClockTime clockTime) const;
  GstClockTime clockTimeOf(GstClockTime runningTime) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Sets an element without a parent to NULL on a helper thread, and does not wait for it.
void stopOnThread(GstElement* element);

/// "element: message (debug detail)" of an error or warning message.
std::string describe(GstMessage* message);

}  // namespace cosoup
