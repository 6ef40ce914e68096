// SctpOutput: the thread that pushes the messages of all our channels into an SCTP association.
// Internal.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <thread>

#include "cosoup/async/deferred.hpp"
#include "cosoup/webrtc/data_channels.hpp"

namespace cosoup {

/// sctpenc blocks who pushes while the association's send buffer (1 MiB) is full, and gives the
/// next turn to nobody who was not waiting already. So one thread pushes for all, a message of each
/// channel in turn. Main-context-bound, except for what is said to be callable anywhere.
class SctpOutput {
 public:
  SctpOutput();
  SctpOutput(const SctpOutput&) = delete;
  SctpOutput& operator=(const SctpOutput&) = delete;
  /// Leaves the thread to itself; see stop().
  ~SctpOutput();

  /// Callable anywhere, before the association is there.
  void watch(GstElement* sctpenc);
  /// The association is up, or it is no more; then all senders fail.
  void setEstablished(bool established);

  std::shared_ptr<DataSender> open(const SctpStreamParameters& parameters);

  /// Ends what the thread pushes right now; nothing more is sent. Never waits.
  void requestStop();
  /// After requestStop() and before the element is stopped: until the thread has let go of its
  /// pads, at most a second. Not cancellable, never throws.
  Task<> settle();
  /// After the element has been stopped; not cancellable, never throws.
  Task<> stop();

 private:
  struct State;
  struct Stream;
  class Sender;
  static void run(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;
  Deferred<> ended_;
  std::thread thread_;  // from the first open() on
};

}  // namespace cosoup
