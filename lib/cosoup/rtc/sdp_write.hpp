// The server's side of one transport's SDP, made up from what the server signalled. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cosoup/rtc/parameters.hpp"
#include "cosoup/rtc/sdp_read.hpp"

namespace cosoup::sdp {

class Media;

/// The value of an `a=candidate` line.
std::string candidateLine(const IceCandidate& candidate);

/// The fabricated remote description of one transport: an ordered list of slots, one m-section
/// each, which live as long as the transport and are always active. A value: copy it, change the
/// copy, negotiate, and keep the copy only when that worked. A send transport takes answer() and
/// send slots, a receive transport offer() and receive slots; slots must be added in the order of
/// the local description's sections. Functions that name a mid throw Error(InvalidArgument)
/// when it is unknown, of another kind of slot or, for add…, already there; answer() and offer() do
/// so when some text would break a line of SDP.
class RemoteSdp {
 public:
  /// Of the fingerprints sha-256 is used, else the last. Throws Error(InvalidArgument) when there
  /// is none.
  RemoteSdp(IceParameters iceParameters, std::vector<IceCandidate> iceCandidates,
            const DtlsParameters& dtlsParameters,
            std::optional<SctpParameters> sctpParameters = std::nullopt);

  /// The server's role, which answers name; offers always say actpass.
  void setDtlsRole(DtlsRole role) { dtlsRole_ = role; }

  /// After an ICE restart: reaches the sections of all slots.
  void updateIceParameters(IceParameters iceParameters) {
    iceParameters_ = std::move(iceParameters);
  }

  /// The m=application section. Throws Error(InvalidState) when the server has no SCTP.
  void addDataSlot(const std::string& mid);

  /// The answer to a section of the local offer. `remote` is the remote view of the producer's
  /// parameters, with the offer's payload types and the codec options already in it.
  void addSendSlot(const MediaSection& offer, RtpParameters remote);

  /// A section that offers one consumer's stream. The mid is ours: it stays with the slot whatever
  /// mid the server gives its consumers. Streams with the same stream id are played in sync.
  void addReceiveSlot(const std::string& mid, MediaKind kind, RtpParameters rtpParameters,
                      const std::string& streamId, const std::string& trackId);

  /// Another consumer takes over the slot: same section, other SSRC, codecs and msid.
  /// webrtcbin remembers a transceiver's codec and rejects another one, unless the transceiver's
  /// `codec-preferences` were set to plain "application/x-rtp" when it was made.
  void replaceReceiveSlot(std::string_view mid, RtpParameters rtpParameters,
                          const std::string& streamId, const std::string& trackId);

  /// No consumer uses the slot: the section stays and names no SSRC.
  void vacateReceiveSlot(std::string_view mid);

  bool has(std::string_view mid) const;
  std::size_t size() const { return slots_.size(); }

  /// The SSRCs (media and rtx) that the receive slots name now.
  std::set<std::uint32_t> ssrcs() const;

  /// The text for set-remote-description; each call counts the origin's version up.
  std::string answer();
  std::string offer();

 private:
  struct DataSlot {};
  struct SendSlot {
    MediaSection offer;
    RtpParameters remote;
  };
  struct ReceiveSlot {
    MediaKind kind;
    RtpParameters rtpParameters;
    std::string streamId;
    std::string trackId;
    bool vacant;
  };
  using Content = std::variant<DataSlot, SendSlot, ReceiveSlot>;
  struct Slot {
    std::string mid;
    Content content;
  };

  ReceiveSlot& findReceiveSlot(std::string_view mid);
  void add(const std::string& mid, Content content);
  std::string text(const std::string& setup);
  void writeTransport(Media& media, const std::string& mid, const std::string& setup) const;
  void write(Media& media, const DataSlot& slot) const;
  void write(Media& media, const SendSlot& slot) const;
  void write(Media& media, const ReceiveSlot& slot) const;

  IceParameters iceParameters_;
  std::vector<IceCandidate> iceCandidates_;
  DtlsFingerprint fingerprint_;
  DtlsRole dtlsRole_ = DtlsRole::automatic;
  std::optional<SctpParameters> sctpParameters_;
  std::vector<Slot> slots_;
  std::uint64_t version_ = 0;
};

}  // namespace cosoup::sdp
