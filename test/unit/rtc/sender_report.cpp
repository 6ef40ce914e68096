#include "cosoup/rtc/sender_report.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace cosoup;

namespace {

using Bytes = std::vector<std::uint8_t>;

const Bytes kReport{0x80, 200,  0,    6,                 // length in words, less one
                    0x0a, 0x0b, 0x0c, 0x0d,              // sender
                    0xe5, 1,    2,    3,    4, 5, 6, 7,  // NTP time
                    0x11, 0x22, 0x33, 0x44,              // RTP time stamp
                    0,    0,    0,    9,    0, 0, 4, 0};

}  // namespace

TEST_CASE("a sender report says which time stamp belongs to which time") {
  Bytes compound = kReport;
  compound.insert(compound.end(), {0x81, 202, 0, 1, 0, 0, 0, 0});
  const auto report = readSenderReport(compound);
  REQUIRE(report);
  CHECK(report->ssrc == 0x0a0b0c0d);
  CHECK(report->ntp == 0xe501020304050607);
  CHECK(report->rtpTimestamp == 0x11223344);
}

TEST_CASE("what does not begin with a whole sender report is none") {
  for (std::size_t size = 0; size < kReport.size(); ++size) {
    CHECK_FALSE(readSenderReport(std::span(kReport).first(size)));
  }
  Bytes other = kReport;
  other[1] = 201;
  CHECK_FALSE(readSenderReport(other));
  other = kReport;
  other[0] = 0x40;
  CHECK_FALSE(readSenderReport(other));
}
