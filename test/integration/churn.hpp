// Churn: consumers and clients that come and go, and what the process holds in between.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "cosoup/cosoup.hpp"
#include "integration/device_peer.hpp"
#include "integration/member.hpp"

namespace cosoup::test {

/// What a process holds and, where there is one to look into, a receive transport in it.
struct Holdings {
  double residentKb = 0;
  double heapKb = 0;
  double threads = 0;
  double descriptors = 0;
  double elements = 0;     ///< in the transport's pipeline, at all depths
  double pads = 0;         ///< of those
  double rtpSources = 0;   ///< of the RTP session
  double srtpStreams = 0;  ///< of which the decryption keeps a state
  double sections = 0;     ///< of the remote description
  double sdpBytes = 0;     ///< both descriptions

  /// Of the process, once no thread and no file of it ends any more.
  static Task<Holdings> ofProcess();
};

struct HoldingsField {
  const char* name;
  double Holdings::*value;
};
inline constexpr std::array<HoldingsField, 10> kHoldingsFields{{
    {"residentKb", &Holdings::residentKb},
    {"heapKb", &Holdings::heapKb},
    {"threads", &Holdings::threads},
    {"descriptors", &Holdings::descriptors},
    {"elements", &Holdings::elements},
    {"pads", &Holdings::pads},
    {"rtpSources", &Holdings::rtpSources},
    {"srtpStreams", &Holdings::srtpStreams},
    {"sections", &Holdings::sections},
    {"sdpBytes", &Holdings::sdpBytes},
}};

/// Something that comes and goes, round after round, in a room in which somebody sends audio and
/// video. end() must be called before it is let go of.
class Churn {
 public:
  Churn() = default;
  Churn(const Churn&) = delete;
  Churn& operator=(const Churn&) = delete;
  virtual ~Churn() = default;

  virtual Task<> begin() { co_return; }
  virtual Task<> round() = 0;
  /// What only a test does in a round: what it asks of the server by the way of its test API.
  virtual Task<> emptyRound() { co_return; }
  virtual Task<Holdings> holdings() { return Holdings::ofProcess(); }
  virtual Task<> end() { co_return; }

  Task<> rounds(std::size_t count);
};

/// One consumer in each round, of sound and of pictures in turn, on a transport that has one of
/// both all the time. In half of the rounds it is closed at the server first, in the others here,
/// so that packets of it still come.
class ConsumerChurn final : public Churn {
 public:
  ConsumerChurn(RoomServer& server, std::string room);

  Task<> begin() override;
  Task<> round() override;
  Task<> emptyRound() override;
  Task<Holdings> holdings() override;
  Task<> end() override;

 private:
  Task<std::shared_ptr<Consumer>> open(std::string producerId);
  Task<> goesOn(std::size_t index);
  PeerConnection& peer() const;
  bool isReportedOn() const;
  Task<> closeAtServer(std::string consumerId);
  bool haveSourcesEnded() const;
  Task<> sourcesEnd();

  DevicePeer bob_;
  std::set<std::uint32_t> closed_;  // since holdings()
  std::size_t rounds_ = 0;
};

/// Ten clients in each round, which join at the same time, receive and leave.
class ClientChurn final : public Churn {
 public:
  static constexpr std::size_t clients = 10;

  ClientChurn(RoomServer& server, std::string room);

  Task<> round() override;

  /// Of all so far: how long joinRoom() took, with as many others at the same time.
  double meanJoinMs() const;

 private:
  Task<> visit(std::string id);

  RoomServer& server_;
  const std::string room_;
  std::chrono::duration<double, std::milli> joining_{0};
  std::size_t joins_ = 0;
};

}  // namespace cosoup::test
