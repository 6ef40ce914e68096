// RecordingThread: the one thread on which all recordings of a sink are written. Internal to the
// media floor.
#pragma once

#include <chrono>
#include <memory>
#include <thread>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/media/record/recorder.hpp"

namespace cosoup {

/// It wakes up a few times a second and writes what has come for all recorders: cheaper by far than
/// a thread per stream that wakes up for each frame. Main-context-bound.
class RecordingThread {
 public:
  RecordingThread();
  RecordingThread(const RecordingThread&) = delete;
  RecordingThread& operator=(const RecordingThread&) = delete;
  /// Leaves the thread to finish what its recorders have left.
  ~RecordingThread();

  /// The recorder is stepped until it has ended.
  void add(std::shared_ptr<Recorder> recorder);
  /// Steps all recorders soon.
  void kick();
  /// How long the disk has held it up in what it is doing now.
  std::chrono::nanoseconds heldFor() const;
  /// Waits until all recorders have ended, which their queues must be about to. False when that
  /// takes longer than the limit: the disk hangs, and the thread is left to it. Not cancellable.
  Task<bool> close(std::chrono::milliseconds limit);

 private:
  struct State;
  static void run(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;
  Deferred<> ended_;
  std::thread thread_;
};

}  // namespace cosoup
