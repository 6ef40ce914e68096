// SCTP packets as a peer sends them, written byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cosoup::test {

/// One packet; chunks are added in the order of the calls.
class SctpPacket {
 public:
  SctpPacket() : bytes_(12, 0) {}  // common header: ports, tag and checksum, which nobody looks at

  SctpPacket& init(std::uint32_t initialTsn, std::uint8_t type = 1) {
    std::vector<std::uint8_t> value(12, 0);
    put32(value, initialTsn);
    return chunk(type, 0, value);
  }
  struct Data {
    std::uint32_t tsn = 0;
    std::uint16_t streamId = 0;
    std::uint16_t sequence = 0;
    std::string content;
    bool begins = true;
    bool ends = true;
    bool unordered = false;
    std::uint32_t ppid = 51;
  };
  SctpPacket& data(const Data& data) {
    std::vector<std::uint8_t> value;
    put32(value, data.tsn);
    put16(value, data.streamId);
    put16(value, data.sequence);
    put32(value, data.ppid);
    value.insert(value.end(), data.content.begin(), data.content.end());
    const int flags = (data.ends ? 1 : 0) | (data.begins ? 2 : 0) | (data.unordered ? 4 : 0);
    return chunk(0, static_cast<std::uint8_t>(flags), value);
  }
  SctpPacket& forwardTsn(std::uint32_t tsn,
                         const std::vector<std::pair<std::uint16_t, std::uint16_t>>& skipped = {}) {
    std::vector<std::uint8_t> value;
    put32(value, tsn);
    for (const auto& [streamId, sequence] : skipped) {
      put16(value, streamId);
      put16(value, sequence);
    }
    return chunk(192, 0, value);
  }
  SctpPacket& resetStreams(std::uint32_t request, std::uint32_t lastTsn,
                           const std::vector<std::uint16_t>& streamIds) {
    std::vector<std::uint8_t> value;
    put16(value, 13);
    put16(value, static_cast<std::uint16_t>(16 + 2 * streamIds.size()));
    put32(value, request);
    put32(value, 0);
    put32(value, lastTsn);
    for (const std::uint16_t streamId : streamIds) put16(value, streamId);
    return chunk(130, 0, value);
  }
  SctpPacket& chunk(std::uint8_t type, std::uint8_t flags, const std::vector<std::uint8_t>& value) {
    bytes_.push_back(type);
    bytes_.push_back(flags);
    put16(bytes_, static_cast<std::uint16_t>(value.size() + 4));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    while (bytes_.size() % 4 != 0) bytes_.push_back(0);
    return *this;
  }

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  static void put16(std::vector<std::uint8_t>& to, std::uint16_t number) {
    to.push_back(static_cast<std::uint8_t>(number >> 8));
    to.push_back(static_cast<std::uint8_t>(number));
  }
  static void put32(std::vector<std::uint8_t>& to, std::uint32_t number) {
    put16(to, static_cast<std::uint16_t>(number >> 16));
    put16(to, static_cast<std::uint16_t>(number));
  }

  std::vector<std::uint8_t> bytes_;
};

}  // namespace cosoup::test
