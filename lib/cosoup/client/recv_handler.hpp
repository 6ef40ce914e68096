// RecvHandler: the m-sections of a receive transport as slots. Nobody above it sees an SDP.
// Internal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/client/consumer.hpp"
#include "cosoup/client/transport_core.hpp"
#include "cosoup/media/rtp/received_headers.hpp"
#include "cosoup/media/rtp/received_level.hpp"
#include "cosoup/media/track.hpp"
#include "cosoup/rtc/sdp_write.hpp"

namespace cosoup {

/// One consumer's stream while it is received.
struct ReceivedTrack {
  std::string mid;  ///< of the slot
  std::string mimeType;
  std::string streamId;
  StreamDescription stream;
  std::shared_ptr<Track> track;
  std::shared_ptr<ReceivedStream> received;  ///< counts what comes in
  std::shared_ptr<ReceivedLevel> level;      ///< null: its packets do not say
  bool watchesSpeech = false;
  std::shared_ptr<ReceivedHeaders> headers;
  Signal<> firstPacket;
  Signal<> speechChanged;  ///< of `level`
};

/// Main-context-bound. connect() and receive() must not overlap: they are made under
/// TransportCore::negotiation().
class RecvHandler {
 public:
  explicit RecvHandler(TransportCore& core);
  ~RecvHandler();

  /// The first negotiation, of the data slot alone. Does nothing the second time, or when the
  /// server has no SCTP.
  Task<> connect();

  /// Gives each consumer a slot, a free one of its kind or a new one, in one negotiation. When it
  /// returns the server may let the RTP flow. Throws Error and Cancelled; then nothing is received.
  Task<std::vector<std::shared_ptr<ReceivedTrack>>> receive(std::vector<ConsumeOptions> consumers);

  /// Frees the slot of a track and everything that webrtcbin keeps of it. Also under negotiation().
  Task<> stop(std::shared_ptr<ReceivedTrack> track);

 private:
  struct Slot {
    std::string mid;
    MediaKind kind;
    bool taken = false;
  };
  class StreamTable;

  std::string takeSlot(sdp::RemoteSdp& remote, const ConsumeOptions& consumer);
  void forget(const ReceivedTrack& track);
  Task<> negotiate(sdp::RemoteSdp remote, const std::vector<ConsumeOptions>& consumers,
                   const std::vector<std::shared_ptr<ReceivedTrack>>& tracks);
  void admit(const std::shared_ptr<ReceivedTrack>& track);

  TransportCore& core_;
  std::vector<Slot> slots_;
  std::shared_ptr<StreamTable> streams_;
  bool connected_ = false;
  bool probationAdmitted_ = false;
};

}  // namespace cosoup
