// NackCounter: how often each sender was asked for lost packets. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace cosoup {

/// Reads the RTCP that an RTP session sends. The session's own counter (sent-nack-count) is of the
/// single packets in GStreamer 1.22, later of the entries in the messages; what servers and the W3C
/// count is the messages. Thread-safe.
class NackCounter : public std::enable_shared_from_this<NackCounter> {
 public:
  /// An RTPSession; null is none yet. After the first one it does nothing.
  void watch(GObject* session);

  /// Of this stream it counts.
  void add(std::uint32_t ssrc);
  void remove(std::uint32_t ssrc);
  std::uint32_t messages(std::uint32_t ssrc) const;

 private:
  static gboolean onSendingRtcp(GObject* session, GstBuffer* compound, gboolean early,
                                gpointer data);
  void read(GstBuffer* compound);
  void count(std::uint32_t ssrc);

  bool watching_ = false;
  mutable std::mutex mutex_;  // guards the rest
  std::unordered_map<std::uint32_t, std::uint32_t> messages_;
};

}  // namespace cosoup
