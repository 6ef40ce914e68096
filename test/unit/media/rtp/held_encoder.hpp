// HeldEncoder: an encoder that locks itself while it encodes, as vp8enc does, for as long as a test
// wants.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace cosoup::test {

/// What all such encoders of the program do; one test at a time.
struct HeldEncoder {
  /// A factory that the encoder table knows and that no machine of the tests has.
  static constexpr const char* kFactory = "qsvh264enc";

  /// Once per program.
  static void install();

  struct Setting {
    unsigned bitrate;  ///< kbit/s
    std::thread::id thread;
    bool waited;  ///< the encoder was at work
  };

  static HeldEncoder& get();

  void reset();
  /// From the next frame on it is at work until release().
  void hold();
  void release();
  /// Waits until it is at work; false when that takes too long.
  bool waitUntilBusy();
  bool isBusy();
  std::vector<Setting> settings();
  /// How many it has encoded.
  std::size_t frames();

  // Of the element.
  void encode();
  void setBitrate(unsigned bitrate);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool busy_ = false;
  std::vector<Setting> settings_;
  std::size_t frames_ = 0;
};

}  // namespace cosoup::test
