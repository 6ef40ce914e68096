// Which H264 may be passed on as it is.
#include "cosoup/media/source/h264_order.hpp"

#include "unit/media/media_support.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

bool reorders(const std::string& fields) {
  return mayReorder(capsFrom("video/x-h264, " + fields).get());
}

// Parameter sets of profile main or high, level 3, 320x240. What they say of the order of frames
// stands in pic_order_cnt_type and in num_reorder_frames of the VUI.
constexpr const char* mainTwo = "014d001effe1000c674d001eed8508d00f162db801000468ee3c80";
constexpr const char* mainNone = "014d001effe1000c674d001eed8508d00f162ee001000468ee3c80";
constexpr const char* mainSilent = "014d001effe10008674d001eed8508c801000468ee3c80";
constexpr const char* mainByType = "014d001effe10008674d001edb0a119001000468ee3c80";
constexpr const char* highTwo = "0164001effe1000d6764001eacdb0a11a01e2c5b7001000468ee3c80";
constexpr const char* highNone = "0164001effe1000d6764001eacdb0a11a01e2c5dc001000468ee3c80";

std::string withData(const char* profile, const std::string& data) {
  return std::string("profile=") + profile + ", codec_data=(buffer)" + data;
}

}  // namespace

TEST_CASE("the parameter sets tell whether H264 frames come in another order than they are shown") {
  CHECK(reorders(withData("main", mainTwo)));
  CHECK_FALSE(reorders(withData("main", mainNone)));
  CHECK(reorders(withData("main", mainSilent)));
  CHECK_FALSE(reorders(withData("main", mainByType)));
  CHECK(reorders(withData("high", highTwo)));
  CHECK_FALSE(reorders(withData("high", highNone)));
  CHECK(saysOrder(capsFrom("video/x-h264, " + withData("high", highNone)).get()));
}

TEST_CASE("where there are no parameter sets the profile decides whether frames may be reordered") {
  CHECK(reorders("profile=main"));
  CHECK(reorders("profile=high"));
  CHECK(reorders("stream-format=byte-stream"));
  CHECK_FALSE(reorders("profile=constrained-baseline"));
  CHECK_FALSE(reorders("profile=baseline"));
  CHECK_FALSE(reorders("profile=constrained-high"));
  CHECK_FALSE(mayReorder(capsFrom("video/x-vp8").get()));
  CHECK_FALSE(mayReorder(nullptr));
  CHECK_FALSE(saysOrder(capsFrom("video/x-h264, profile=main").get()));
  CHECK(saysOrder(capsFrom("video/x-h264, profile=baseline").get()));
}

TEST_CASE("parameter sets that are broken count as reordering") {
  const std::string whole = mainNone;
  for (std::size_t length = 2; length < whole.size() - 10; length += 2) {
    INFO(length);
    CHECK(reorders(withData("main", whole.substr(0, length))));
  }
  CHECK(reorders(withData("main", "00")));
  CHECK(reorders(withData("main", "014d001effff674d001e")));
}
