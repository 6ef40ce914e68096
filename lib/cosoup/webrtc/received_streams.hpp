// ReceivedStreams: what comes out of a webrtcbin, each stream with the sink that takes it.
// Internal.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/peer_connection.hpp"

namespace cosoup {

/// Whatever comes is taken by a sink: a pad that is not linked would stop the whole transport.
/// Thread-safe.
class ReceivedStreams {
 public:
  using Handler = PeerConnection::StreamHandler;

  /// Both have to live as long as streams are taken.
  void setBins(GstElement* pipeline, GstElement* webrtcbin);
  /// Who makes the sinks from now on; null: streams run into nothing.
  void setHandler(Handler handler);
  /// Takes a new pad of webrtcbin, on whatever thread that adds it.
  void take(GstPad* pad);
  /// Ends a stream into which nothing is pushed any more, since its jitter buffer is gone.
  void release(std::uint32_t ssrc);
  void requestKeyFrame(std::uint32_t ssrc);
  void clear();

 private:
  struct Stream {
    Ref<GstPad> pad;  // of webrtcbin
    Ref<GstElement> sink;
  };

  Ref<GstElement> makeSink(std::uint32_t ssrc, GstCaps* caps);
  Ref<GstPad> add(const Ref<GstElement>& sink);

  GstElement* pipeline_ = nullptr;
  GstElement* webrtcbin_ = nullptr;
  std::mutex mutex_;  // guards the rest
  Handler handler_;
  std::map<std::uint32_t, Stream> streams_;
};

}  // namespace cosoup
