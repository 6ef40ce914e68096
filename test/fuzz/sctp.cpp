// SCTP packets of the server, each behind its length in two bytes.
#include "cosoup/rtc/sctp_reader.hpp"
#include "fuzz/target.hpp"
#include "unit/rtc/sctp_packets.hpp"

namespace cosoup {
namespace {

using cosoup::test::SctpPacket;

std::string framed(const std::vector<SctpPacket>& packets) {
  std::string text;
  for (const SctpPacket& packet : packets) {
    const std::size_t size = packet.bytes().size();
    text += static_cast<char>(size >> 8);
    text += static_cast<char>(size);
    text.append(packet.bytes().begin(), packet.bytes().end());
  }
  return text;
}

SctpPacket::Data part(std::uint32_t tsn, const char* content, bool begins, bool ends) {
  SctpPacket::Data data;
  data.tsn = tsn;
  data.streamId = 1;
  data.content = content;
  data.begins = begins;
  data.ends = ends;
  return data;
}

}  // namespace

std::vector<std::string> fuzz::examples() {
  const SctpPacket begin = SctpPacket().init(1000);
  const SctpPacket whole = SctpPacket().data(part(1000, "whole", true, true));
  const SctpPacket first = SctpPacket().data(part(1001, "in two ", true, false));
  const SctpPacket second = SctpPacket().data(part(1002, "parts", false, true));
  return {framed({begin, whole, first, second}), framed({begin, second, first, whole}),
          framed({begin, first, SctpPacket().forwardTsn(1002, {{1, 1}})}),
          framed({begin, whole, SctpPacket().resetStreams(1, 1000, {1, 2}), first, second}),
          framed({begin, SctpPacket().chunk(6, 0, {0, 0, 0, 0}), whole})};
}

void fuzz::read(std::string_view input) {
  constexpr std::size_t most = 2000;
  sctp::SctpReader reader(most);
  std::size_t received = 0;
  std::size_t read = 0;
  while (input.size() >= 2) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[at]); };
    const std::size_t wanted = static_cast<std::size_t>(byte(0)) << 8 | byte(1);
    const std::size_t size = std::min(wanted, input.size() - 2);
    const std::vector<std::uint8_t> packet(input.begin() + 2, input.begin() + 2 + size);
    input.remove_prefix(2 + size);
    received += size;
    for (const sctp::Event& event : reader.read(packet)) {
      const auto* message = std::get_if<sctp::Message>(&event);
      if (message) read += message->bytes.size();
      require(!message || message->bytes.size() <= most);
    }
  }
  require(read <= received);
}

}  // namespace cosoup
