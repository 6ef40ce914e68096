// What a peer sends that is faster than our loop.
#include "cosoup/core/limits.hpp"
#include "support/eventually.hpp"
#include "support/loop_watch.hpp"
#include "support/run_test.hpp"
#include "unit/webrtc/association.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// So many messages of so many bytes, from a peer that is faster than the loop.
class Flood {
 public:
  explicit Flood(Association& association) : association_(association) {
    association.inject(SctpPacket().init(1));
  }
  void send(std::uint16_t stream, std::size_t count, std::size_t size) {
    const LoopMayWait whileItComes;
    SctpPacket::Data data;
    data.streamId = stream;
    data.unordered = true;
    data.content.assign(size, 'x');
    while (count > 0) {
      SctpPacket packet;
      for (std::size_t bytes = 0; count > 0 && bytes < kPacket; bytes += size + 16, --count) {
        data.tsn = ++last_;
        packet.data(data);
      }
      association_.inject(packet);
    }
  }

 private:
  static constexpr std::size_t kPacket = 1200;

  Association& association_;
  std::uint32_t last_ = 0;
};

Task<> keepsSoMany(std::size_t count, std::size_t size, std::size_t kept) {
  Association association;
  const Ear ear(association.here, 3);
  const Ear other(association.here, 4);
  std::vector<std::uint16_t> told;
  const Connection onDropped = association.here.dropped.connect(
      [&](std::uint16_t streamId, const Error&) { told.push_back(streamId); });
  co_await association.start();
  Flood flood(association);
  flood.send(3, count, size);
  flood.send(4, 1, size);
  co_await eventually("what is lost is told", [&] { return told.size() == 2; });
  co_await eventually("what was kept is delivered", [&] { return ear.heard->size() == kept; });
  CHECK(told == std::vector<std::uint16_t>{3, 4});
  CHECK(other.heard->empty());
  flood.send(4, 1, size);
  co_await eventually("it is taken again", [&] { return other.heard->size() == 1; });
  CHECK(told.size() == 2);
  co_await association.stop();
}

}  // namespace

TEST_CASE("of messages that come faster than they are taken so many are kept, the loss is told") {
  runTest(keepsSoMany(66'000, 8, limits::arrivedMessages), 70s);
  constexpr std::size_t size = 60'000;
  runTest(keepsSoMany(700, size, limits::arrivedMessageBytes / size), 70s);
}
