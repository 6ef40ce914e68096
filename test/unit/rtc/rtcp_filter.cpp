#include "cosoup/rtc/rtcp_filter.hpp"

#include "support/catch.hpp"
#include "support/packet_bytes.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

using Ranges = std::vector<ByteRange>;

constexpr std::uint32_t kAdmitted = 0x01020304;
constexpr std::uint32_t kStranger = 0x0a0b0c0d;

void append(Bytes& bytes, const Bytes& more) {
  for (const std::uint8_t byte : more) bytes.push_back(byte);
}

Bytes pictureLoss(std::uint32_t sender) {
  Bytes body = word(sender);
  append(body, word(kStranger));
  return rtcpPacket(206, 1, body);
}

/// A chunk of one item of so many letters, ended and filled up as RFC 3550, section 6.5 has it.
Bytes chunk(std::uint32_t ssrc, std::size_t letters) {
  Bytes bytes = word(ssrc);
  bytes.push_back(1);
  bytes.push_back(static_cast<std::uint8_t>(letters));
  bytes.resize(bytes.size() + letters, 'x');
  bytes.push_back(0);
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

Ranges admitted(const Bytes& compound) {
  return admittedRtcp(compound, [](std::uint32_t ssrc) { return ssrc == kAdmitted; });
}

/// Which of the packets go on, by their places.
std::vector<std::size_t> passing(const std::vector<Bytes>& packets) {
  Bytes compound;
  Ranges ranges;
  for (const Bytes& each : packets) {
    ranges.push_back({compound.size(), each.size()});
    append(compound, each);
  }
  std::vector<std::size_t> places;
  for (const ByteRange& range : admitted(compound)) {
    const auto place = std::find(ranges.begin(), ranges.end(), range);
    REQUIRE(place != ranges.end());
    places.push_back(static_cast<std::size_t>(place - ranges.begin()));
  }
  return places;
}

using Places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("reports of admitted senders go on, in whatever order they stand") {
  CHECK(passing({senderReport(kAdmitted)}) == Places{0});
  CHECK(passing({receiverReport(kAdmitted)}) == Places{0});
  CHECK(passing({receiverReport(kAdmitted), senderReport(kAdmitted)}) == Places{0, 1});
}

TEST_CASE("reports of others are cut out, at every place of a compound") {
  CHECK(passing({senderReport(kStranger)}).empty());
  CHECK(passing({receiverReport(kStranger)}).empty());
  CHECK(passing({receiverReport(kAdmitted), senderReport(kStranger)}) == Places{0});
  CHECK(passing({receiverReport(kStranger), senderReport(kAdmitted)}) == Places{1});
  CHECK(passing({senderReport(kAdmitted), senderReport(kStranger), receiverReport(kStranger),
                 senderReport(kAdmitted)}) == Places{0, 3});
}

TEST_CASE("descriptions go on when every source that they describe is admitted") {
  const auto describes = [](const std::vector<std::pair<std::uint32_t, std::size_t>>& chunks) {
    Bytes body;
    for (const auto& [ssrc, letters] : chunks) append(body, chunk(ssrc, letters));
    return !passing({rtcpPacket(202, static_cast<std::uint8_t>(chunks.size()), body)}).empty();
  };
  for (const std::size_t letters : {0, 1, 2, 3, 4, 5, 255}) {
    CAPTURE(letters);
    CHECK(describes({{kAdmitted, letters}}));
    CHECK_FALSE(describes({{kStranger, letters}}));
    CHECK(describes({{kAdmitted, letters}, {kAdmitted, 3}}));
    CHECK_FALSE(describes({{kAdmitted, letters}, {kStranger, 3}}));
    CHECK_FALSE(describes({{kAdmitted, letters}, {kAdmitted, 1}, {kStranger, 3}}));
  }
  CHECK(describes({}));
}

TEST_CASE("a description whose chunks are cut off does not go on") {
  Bytes body = word(kAdmitted);
  append(body, {1, 200, 'x', 'x'});
  CHECK(passing({rtcpPacket(202, 1, body)}).empty());
  CHECK(passing({rtcpPacket(202, 2, chunk(kAdmitted, 3))}).empty());
  CHECK(passing({rtcpPacket(202, 1, word(kAdmitted))}).empty());
}

TEST_CASE("feedback goes on, since it names no source that would be kept") {
  CHECK(passing({pictureLoss(kStranger)}) == Places{0});
  CHECK(passing({receiverReport(kStranger), pictureLoss(kStranger)}) == Places{1});
  CHECK(passing({rtcpPacket(205, 15, Bytes(12))}) == Places{0});
}

TEST_CASE("no goodbye goes on, and nothing of unknown types") {
  CHECK(passing({senderReport(kAdmitted), goodbye(kAdmitted)}) == Places{0});
  CHECK(passing({goodbye(kStranger)}).empty());
  for (const std::uint8_t type : {0, 192, 199, 204, 207, 208, 255}) {
    CAPTURE(type);
    CHECK(passing({rtcpPacket(type, 0, word(kAdmitted)), senderReport(kAdmitted)}) == Places{1});
  }
}

TEST_CASE("what follows a malformed packet is left out") {
  const Bytes good = senderReport(kAdmitted);
  Bytes compound = good;
  append(compound, {0x40, 200, 0, 1, 1, 2, 3, 4});  // another version
  append(compound, good);
  CHECK(admitted(compound) == Ranges{{0, good.size()}});
  compound = good;
  append(compound, {0x80, 200, 0xff, 0xff});  // longer than the rest
  append(compound, good);
  CHECK(admitted(compound) == Ranges{{0, good.size()}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(admitted(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))).empty());
  }
  CHECK(admitted(rtcpPacket(200, 0, {})).empty());
}
