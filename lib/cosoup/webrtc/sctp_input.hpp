// SctpInput: the messages of an SCTP association, read beside the element that receives them.
// Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "cosoup/async/loop.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/rtc/sctp_reader.hpp"

namespace cosoup {

/// sctpdec hands on messages above 64 KiB in pieces without an end, loses what is still queued when
/// a stream is reset, and reports a flow error when its last stream has gone, which would stop the
/// transport. So it is left to answer the peer, what it delivers is dropped, and the messages are
/// put together here from the packets that go into it. Thread-safe.
class SctpInput : public std::enable_shared_from_this<SctpInput> {
 public:
  struct Handlers {
    std::function<void(sctp::Event event)> onEvent;
    /// The peer is faster than the loop: messages of the stream are lost. Once, until all that
    /// waited has been taken.
    std::function<void(std::uint16_t streamId)> onOverflow;
  };

  /// They run on the present main context, until stop().
  explicit SctpInput(Handlers handlers) : handlers_(std::move(handlers)) {}

  /// Of what is received; before the element receives anything.
  void setMaxMessageSize(std::size_t bytes) { reader_ = sctp::SctpReader(bytes); }
  /// Before the element receives anything.
  void watch(GstElement* sctpdec);
  /// Before the element is stopped: it would end the program if a new stream began meanwhile.
  void stopReceiving();
  /// No more events; on the main context.
  void stop() { handlers_ = Handlers(); }

 private:
  struct Wrapped;
  static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* packet);
  static void onPadAdded(GstElement* sctpdec, GstPad* pad, gpointer);
  void read(std::span<const std::uint8_t> packet);
  void queue(sctp::Event event);
  void deliverSoon();
  void deliver();

  const MainContext context_ = MainContext::current();
  std::atomic<bool> receives_ = true;
  Ref<GstPad> pad_;                       // of sctpdec
  Handlers handlers_;                     // main context only
  sctp::SctpReader reader_{1024 * 1024};  // of the one thread that pushes into sctpdec
  std::mutex mutex_;
  std::deque<sctp::Event> events_;
  std::size_t queuedBytes_ = 0;  // of the messages among them
  std::set<std::uint16_t> overflown_;
  std::vector<std::uint16_t> untold_;  // of those
};

}  // namespace cosoup
