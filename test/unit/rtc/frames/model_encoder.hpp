// An encoder that knows which of its frames need which: what FrameAssembler is measured against.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "cosoup/rtc/payload_start.hpp"
#include "unit/rtc/frames/received_stream.hpp"

namespace cosoup::test {

/// A kind of stream.
struct ModelStream {
  std::string_view name;
  VideoCodec codec;
  unsigned temporalLayers = 1;
  std::uint8_t idBits = 0;  ///< of picture ids, 0: none
  bool isFlexible = false;  ///< VP9's mode with references
  unsigned spatialLayers = 1;
  bool isKSvc = false;         ///< only the topmost spatial layer of inter pictures is forwarded
  bool hasLeaves = false;      ///< frames that no other of their layer needs
  bool forgetsMarker = false;  ///< as ffmpeg does
  bool isDroppedFrom = false;  ///< the server leaves upper temporal layers out for a while
};

struct ModelFrame {
  std::size_t number = 0;
  bool isKey = false;
  unsigned layer = 0;              ///< temporal
  std::vector<std::size_t> needs;  ///< numbers of the frames it is predicted from
  std::vector<StreamPacket> packets;
};

class ModelEncoder {
 public:
  ModelEncoder(const ModelStream& stream, unsigned seed) : stream_(stream), random_(seed) {}

  ModelFrame next(bool key);

 private:
  struct Past {
    std::size_t number;
    std::uint16_t id;
    bool isLeaf;
  };

  unsigned upTo(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  bool oneIn(unsigned times) { return upTo(times) == 0; }
  void changeForwarded();
  void choose(ModelFrame& frame);
  void forget(unsigned fromLayer);
  void use(ModelFrame& frame, const Past& past);
  void packetize(ModelFrame& frame);
  void addVp8(ModelFrame& frame, unsigned packets);
  void addVp9(ModelFrame& frame, unsigned packets);
  void addUnits(ModelFrame& frame, unsigned packets);
  void addUnit(ModelFrame& frame, unsigned packets, bool isFirst);
  void addAv1(ModelFrame& frame, unsigned packets);
  void add(ModelFrame& frame, Payload payload);

  const ModelStream& stream_;
  std::mt19937 random_;
  std::size_t count_ = 0;
  unsigned position_ = 0;  // in the pattern of temporal layers
  unsigned forwarded_ = 7;
  std::uint32_t timestamp_ = 0xffff0000;
  std::uint16_t id_ = 100;
  std::uint8_t tl0_ = 250;
  std::array<std::vector<Past>, 3> past_;  // what frames of each temporal layer others may need
  // Of the frame being made:
  bool isLeaf_ = false;
  bool heals_ = false;
  Payload differences_;
};

}  // namespace cosoup::test
