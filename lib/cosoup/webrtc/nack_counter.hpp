// NackCounter: how often each sender was asked for lost packets. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace cosoup {

/// Reads the RTCP that an RTP session sends. The session's own counter (sent-nack-count) is of the
/// single packets in GStreamer 1.22, later of the entries in the messages; what the W3C counts is
/// the messages. And of two requests for a packet the session sends one when it is late.
/// Thread-safe.
class NackCounter : public std::enable_shared_from_this<NackCounter> {
 public:
  struct Counts {
    std::uint32_t messages = 0;  ///< RFC 4585, section 6.2.1
    std::uint64_t packets = 0;   ///< that were asked for in them
  };

  /// An RTPSession; null is none yet. After the first one it does nothing.
  void watch(GObject* session);

  /// Of this stream it counts.
  void add(std::uint32_t ssrc);
  void remove(std::uint32_t ssrc);
  Counts counts(std::uint32_t ssrc) const;

 private:
  static gboolean onSendingRtcp(GObject* session, GstBuffer* compound, gboolean early,
                                gpointer data);
  void read(GstBuffer* compound);
  void count(std::uint32_t ssrc, std::size_t packets);

  bool watching_ = false;
  mutable std::mutex mutex_;  // guards the rest
  std::unordered_map<std::uint32_t, Counts> counts_;
};

}  // namespace cosoup
