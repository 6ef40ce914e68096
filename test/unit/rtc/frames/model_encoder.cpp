#include "unit/rtc/frames/model_encoder.hpp"

namespace cosoup::test {

ModelFrame ModelEncoder::next(bool key) {
  static constexpr std::array<std::array<unsigned, 4>, 3> patterns{
      {{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 2, 1, 2}}};
  ModelFrame frame;
  frame.isKey = key || count_ == 0;
  do {
    if (stream_.isDroppedFrom && oneIn(40)) changeForwarded();
    if (frame.isKey) position_ = 0;
    frame.layer = patterns[stream_.temporalLayers - 1][position_++ % 4];
    timestamp_ += 3000;
    // The server writes new picture ids into VP8 only.
    if (frame.layer <= forwarded_ || stream_.codec == VideoCodec::vp9) ++id_;
  } while (frame.layer > forwarded_);
  frame.number = count_++;
  choose(frame);
  packetize(frame);
  return frame;
}

void ModelEncoder::changeForwarded() {
  const unsigned before = forwarded_;
  forwarded_ = upTo(stream_.temporalLayers);
  // What is left out is needed by nobody that is not left out.
  forget(std::min(before, forwarded_) + 1);
}

void ModelEncoder::forget(unsigned fromLayer) {
  for (std::size_t layer = fromLayer; layer < past_.size(); ++layer) past_[layer].clear();
}

void ModelEncoder::use(ModelFrame& frame, const Past& past) {
  const unsigned mask = (1u << stream_.idBits) - 1;
  const unsigned difference = static_cast<unsigned>(id_ - past.id) & mask;
  if (stream_.isFlexible) {
    if (differences_.size() == 3 || difference > 127) return;
    differences_.push_back(static_cast<std::uint8_t>(difference));
  }
  frame.needs.push_back(past.number);
}

void ModelEncoder::choose(ModelFrame& frame) {
  differences_.clear();
  isLeaf_ = !frame.isKey && stream_.hasLeaves && oneIn(3);
  if (frame.layer == 0) ++tl0_;
  const bool isVp8 = stream_.codec == VideoCodec::vp8;
  heals_ = !frame.isKey && oneIn(3) && (stream_.codec == VideoCodec::vp9 || frame.layer > 0);
  if (frame.isKey) {
    forget(0);
  } else {
    if (heals_ && isVp8) forget(1);
    if (heals_ && stream_.codec == VideoCodec::h265) forget(frame.layer);
    for (std::size_t i = past_[0].size(); i-- > 0;) {
      if (past_[0][i].isLeaf && frame.layer == 0) continue;
      use(frame, past_[0][i]);
      if (!past_[0][i].isLeaf) break;
    }
    for (unsigned layer = 0; layer <= frame.layer; ++layer) {
      if (past_[layer].empty() || oneIn(3)) continue;
      const Past& past = past_[layer][upTo(static_cast<unsigned>(past_[layer].size()))];
      const bool isSync = heals_ && isVp8;
      if (!(past.isLeaf && layer == frame.layer) && !isSync) use(frame, past);
    }
  }
  if (heals_ && stream_.codec == VideoCodec::vp9) forget(frame.layer + 1);
  const bool isNeeded = !isLeaf_ || stream_.codec == VideoCodec::h265;
  std::vector<Past>& past = past_[frame.layer];
  if (isNeeded) past.push_back({frame.number, id_, isLeaf_});
  if (past.size() > 16) past.erase(past.begin());
}

void ModelEncoder::packetize(ModelFrame& frame) {
  const unsigned packets = 1 + (oneIn(8) ? upTo(40) : upTo(5));
  switch (stream_.codec) {
    case VideoCodec::vp8:
      addVp8(frame, packets);
      break;
    case VideoCodec::vp9:
      addVp9(frame, packets);
      break;
    case VideoCodec::h264:
    case VideoCodec::h265:
      addUnits(frame, packets);
      break;
    case VideoCodec::av1:
      addAv1(frame, packets);
      break;
  }
  frame.packets.back().marker = !stream_.forgetsMarker;
}

void ModelEncoder::add(ModelFrame& frame, Payload payload) {
  frame.packets.push_back({std::move(payload), timestamp_, false});
}

void ModelEncoder::addVp8(ModelFrame& frame, unsigned packets) {
  Vp8Packet packet{.isKey = frame.isKey, .isUnneeded = isLeaf_};
  const unsigned mask = (1u << stream_.idBits) - 1;
  if (stream_.idBits) {
    packet.id = PictureId{static_cast<std::uint16_t>(id_ & mask), stream_.idBits};
  }
  if (stream_.temporalLayers > 1) {
    packet.tl0 = tl0_;
    packet.layer = frame.layer;
    packet.isSync = heals_;
  }
  for (unsigned i = 0; i < packets; ++i) {
    packet.starts = i == 0;
    add(frame, packet.payload());
  }
}

void ModelEncoder::addVp9(ModelFrame& frame, unsigned packets) {
  Vp9Packet packet{.layer = frame.layer, .isSwitchingUp = heals_};
  const unsigned mask = (1u << stream_.idBits) - 1;
  if (stream_.idBits) {
    packet.id = PictureId{static_cast<std::uint16_t>(id_ & mask), stream_.idBits};
  }
  if (!stream_.isFlexible && (stream_.temporalLayers > 1 || stream_.spatialLayers > 1)) {
    packet.tl0 = tl0_;
  }
  if (stream_.isFlexible) packet.differences = differences_;
  const bool isTopOnly = stream_.isKSvc && !frame.isKey;
  const unsigned lowest = isTopOnly ? stream_.spatialLayers - 1 : 0;
  for (packet.spatial = lowest; packet.spatial < stream_.spatialLayers; ++packet.spatial) {
    packet.isKey = frame.isKey && packet.spatial == 0;
    packet.needsLower = packet.spatial > lowest;
    for (unsigned i = 0; i < packets; ++i) {
      packet.starts = i == 0;
      packet.ends = i + 1 == packets;
      add(frame, packet.payload());
    }
  }
}

void ModelEncoder::addUnits(ModelFrame& frame, unsigned packets) {
  const bool isH264 = stream_.codec == VideoCodec::h264;
  if (frame.isKey) {
    add(frame,
        hex(isH264 ? "78 0003 674200 0002 68ce" : "60 01 0003 40010c 0003 420101 0003 4401c1"));
  }
  addUnit(frame, packets, true);
  if (oneIn(3)) addUnit(frame, 1 + upTo(3), false);
}

/// A slice, in fragments if it takes several packets.
void ModelEncoder::addUnit(ModelFrame& frame, unsigned packets, bool isFirst) {
  const bool isH264 = stream_.codec == VideoCodec::h264;
  unsigned type = frame.isKey ? 5 : 1;
  if (!isH264) {
    const unsigned trail = heals_ ? 2 : 0;
    type = frame.isKey ? 20 : trail + (isLeaf_ ? 0 : 1);
  }
  const unsigned importance = isLeaf_ ? 0 : 0x60;
  const unsigned slice = isFirst ? 0x80 : 0x40;
  for (unsigned i = 0; i < packets; ++i) {
    const unsigned ends = (i == 0 ? 0x80u : 0u) | (i + 1 == packets ? 0x40u : 0u);
    Payload payload;
    if (isH264) {
      test::add(payload, importance | (packets == 1 ? type : 28));
      if (packets > 1) test::add(payload, ends | type);
    } else {
      test::add(payload, (packets == 1 ? type : 49) << 1);
      test::add(payload, frame.layer + 1);
      if (packets > 1) test::add(payload, ends | type);
    }
    test::add(payload, slice);
    add(frame, payload);
  }
}

void ModelEncoder::addAv1(ModelFrame& frame, unsigned packets) {
  for (unsigned i = 0; i < packets; ++i) {
    Payload payload;
    test::add(payload, 0x10u | (i > 0 ? 0x80u : 0u) | (i + 1 < packets ? 0x40u : 0u) |
                           (i == 0 && frame.isKey ? 0x08u : 0u));
    test::add(payload, 0x32);
    add(frame, payload);
  }
}

}  // namespace cosoup::test
