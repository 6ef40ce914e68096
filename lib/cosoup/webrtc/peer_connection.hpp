// PeerConnection: webrtcbin as coroutines, with what it gets wrong put right.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/async/signal.hpp"
#include "cosoup/async/task.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/rtc/connection_state.hpp"
#include "cosoup/rtc/parameters.hpp"
#include "cosoup/webrtc/receive_guard.hpp"

namespace cosoup {

enum class SdpType { offer, answer };

/// One per transport. Its m-sections are slots that live as long as it does. Main-context-bound,
/// except for what runs in the pad handler.
class PeerConnection {
 public:
  /// Makes the element that takes a received stream: floating, with a "sink" pad that never refuses
  /// a buffer. Runs on a streaming thread, when the first packet of the SSRC has come.
  using StreamHandler = std::function<GstElement*(std::uint32_t ssrc, GstCaps* caps)>;

  /// `receives`: whether its sections will receive, else they send.
  PeerConnection(const std::string& name, bool receives);
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;
  ~PeerConnection();

  /// Brings the elements up; nothing is sent yet. Throws Error(Media).
  Task<> start();
  /// Ends everything; not cancellable, never throws. Idempotent.
  Task<> close();

  /// Where to look for the peer, before the first description: libnice leaves out loopback
  /// addresses unless they are named, and TCP wants another kind of nomination than UDP.
  void prepareFor(const std::vector<IceCandidate>& remoteCandidates);

  /// Candidates beyond those of the descriptions, to fall back on.
  void addCandidates(const std::vector<IceCandidate>& remoteCandidates);

  /// Makes the m=application section of the next offer, and with it the SCTP association.
  void addDataSlot();

  /// A new section that sends, in the next offer, for packets of the given caps. The pad never goes
  /// away. With `retransmission` the offer has an rtx codec and SSRC.
  Ref<GstPad> addSendSlot(GstCaps* caps, bool retransmission);

  void setStreamHandler(StreamHandler handler);

  // Descriptions as text. All throw Error(Media) and Cancelled.
  Task<std::string> createOffer();
  Task<std::string> createAnswer();
  Task<> setLocalDescription(SdpType type, std::string sdp);
  Task<> setRemoteDescription(SdpType type, std::string sdp);

  /// Frees everything that webrtcbin keeps of a received stream and leaves behind by itself.
  void releaseStream(std::uint32_t ssrc, std::optional<std::uint32_t> rtxSsrc);
  /// A function that asks the sender of the stream for a key frame; callable on any thread and for
  /// as long as the caller likes.
  std::function<void()> keyFrameRequester(std::uint32_t ssrc) const;
  /// Packets lost on the way to us, so far (RFC 3550, section 6.4.1).
  std::int64_t packetsLost(std::uint32_t ssrc) const;

  ReceiveGuard& guard() { return *guard_; }
  Pipeline& pipeline() { return pipeline_; }

  ConnectionState connectionState() const;
  Signal<ConnectionState> connectionStateChanged;

 private:
  struct State;
  Task<std::string> create(const char* action, const char* field);
  Task<> set(const char* action, SdpType type, std::string sdp);

  Pipeline pipeline_;
  std::shared_ptr<ReceiveGuard> guard_;
  std::shared_ptr<State> state_;
};

}  // namespace cosoup
