// WebSocket frames of a server.
#include "cosoup/signaling/frame_gate.hpp"
#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  using namespace std::string_literals;
  return {"\x81\x05hello\x89\x02pi\x88\x02\x0f\xa0"s, "\x01\x02he\x00\x01l\x80\x02lo"s,
          "\x81\x7e\x00\x04long\x81\x01x"s, "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x08too long"s};
}

void fuzz::read(std::string_view input) {
  constexpr std::size_t limit = 6;
  FrameGate gate(limit);
  FrameGate piecewise(limit);
  std::string whole;
  std::string pieces;
  gate.pass(input, whole);
  for (std::size_t i = 0; i < input.size(); i += 3) piecewise.pass(input.substr(i, 3), pieces);
  require(whole == pieces);
  // What is left out makes room; the frame that ends the connection takes a little.
  require(whole.size() <= input.size() + 10);
}

}  // namespace cosoup
