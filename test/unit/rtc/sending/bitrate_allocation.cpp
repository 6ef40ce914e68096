#include "cosoup/rtc/sending/bitrate_allocation.hpp"

#include "support/catch.hpp"
#include "unit/rtc/sending/allocation_rows.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr BitrateAllocation::Time kStart{1h};

std::vector<ProducerShare> shares(std::vector<ProducerRequest> requests, double estimate) {
  BitrateAllocation allocation;
  allocation.setProducers(std::move(requests));
  return allocation.update(estimate, kStart);
}

std::size_t activeLayers(const ProducerShare& share) {
  std::size_t active = 0;
  for (const LayerShare& layer : share.layers) active += layer.active ? 1 : 0;
  return active;
}

/// One 640x360 video, over time.
class Watched {
 public:
  explicit Watched(std::vector<unsigned> widths = {640}) {
    allocation.setProducers({videoRequest(1, widths)});
  }
  ProducerShare with(double estimate) { return allocation.update(estimate, now)[0]; }

  BitrateAllocation::Time now = kStart;
  BitrateAllocation allocation;
};

}  // namespace

TEST_CASE("priorities have W3C's names, and each twice the weight of the one below") {
  CHECK(mediaPriority("very-low") == MediaPriority::veryLow);
  CHECK(mediaPriority("low") == MediaPriority::low);
  CHECK(mediaPriority("medium") == MediaPriority::medium);
  CHECK(mediaPriority("high") == MediaPriority::high);
  CHECK(mediaPriority("urgent") == MediaPriority::low);
  CHECK(weightOf(MediaPriority::veryLow) == 1);
  CHECK(weightOf(MediaPriority::low) == 2);
  CHECK(weightOf(MediaPriority::medium) == 4);
  CHECK(weightOf(MediaPriority::high) == 8);
}

TEST_CASE("audio has what it wants before video has anything") {
  const auto shared = shares({videoRequest(2, {640}), audioRequest()}, 80'000);
  CHECK(shared[1].layers[0].bitrate == 48'000);
  CHECK(shared[1].wire == Approx(74'400));
  CHECK(shared[1].fits);
  CHECK_FALSE(shared[0].fits);
  CHECK_FALSE(shared[0].layers[0].active);
}

TEST_CASE("audio gets less where there is less, but never nothing") {
  struct Row {
    double estimate;
    std::uint32_t bitrate;
    bool fits;
  };
  for (const Row& row :
       {Row{74'400, 48'000, true}, Row{66'400, 40'000, true}, Row{50'400, 24'000, true},
        Row{50'399, 24'000, false}, Row{0, 24'000, false}}) {
    const auto shared = shares({audioRequest()}, row.estimate);
    CHECK(shared[0].layers[0].active);
    CHECK(std::abs(static_cast<double>(shared[0].layers[0].bitrate) - row.bitrate) <= 1);
    CHECK(shared[0].fits == row.fits);
  }
}

TEST_CASE("audio has its most once all video has") {
  const auto shared = shares({audioRequest(), videoRequest(2, {640})}, 5'000'000);
  CHECK(shared[0].layers[0].bitrate == 64'000);
  CHECK(shared[1].layers[0].bitrate == 700'000);
  CHECK(shares({audioRequest(), videoRequest(2, {640})}, 700'000)[0].layers[0].bitrate == 48'000);
}

TEST_CASE("headers are taken off for each stream by its packets") {
  // 30 frames/s with 66 bytes each, and as much for each packet that is full.
  const auto shared = shares({videoRequest(1, {640})}, 600'000);
  CHECK(shared[0].layers[0].bitrate == Approx((600'000 - 15'840) / (1 + 66 / 1150.0)).margin(1));
  ProducerRequest request = videoRequest(1, {640});
  request.overhead = {.ip = IpVersion::v6, .extensions = 0};
  CHECK(shares({request}, 600'000)[0].layers[0].bitrate ==
        Approx((600'000 - 16'800) / (1 + 70 / 1150.0)).margin(1));
}

TEST_CASE("a picture that has too little loses frames, then size, then all") {
  struct Row {
    double media;  // kbit/s
    bool active;
    double frameRate;
    double scale;
  };
  // Of 640x360, which needs 150.
  for (const Row& row :
       {Row{151, true, 30, 1}, Row{149, true, 15, 1}, Row{100, true, 15, 1}, Row{98, true, 10, 1},
        Row{79, true, 10, 1}, Row{76, true, 10, 0.75}, Row{44, true, 10, 0.75},
        Row{42, true, 10, 0.25}, Row{31, true, 10, 0.25}, Row{29, false, 0, 1}}) {
    INFO(row.media);
    const double frameRate = row.active ? row.frameRate : 10;
    const auto step = shares({videoRequest(1, {640})},
                             wireBitrate(MediaKind::video, row.media * 1000, frameRate, 66))[0];
    CHECK(step.fits == row.active);
    CHECK(step.layers[0].active == row.active);
    CHECK(step.layers[0].frameRate == row.frameRate);
    // Half and a quarter need no less than 30 kbit/s, both.
    CHECK(step.layers[0].scale == (row.scale == 0.25 ? 0.5 : row.scale));
  }
}

TEST_CASE("videos get their shares by priority, and what one cannot use the others get") {
  const auto shared = shares(
      {videoRequest(1, {1280}, MediaPriority::high), videoRequest(2, {1280}, MediaPriority::medium),
       videoRequest(3, {1280}, MediaPriority::veryLow)},
      2'600'000);
  CHECK(shared[0].wire == Approx(1'600'000));
  CHECK(shared[1].wire == Approx(800'000));
  CHECK(shared[2].wire == Approx(200'000));
  const auto rich =
      shares({videoRequest(1, {640}, MediaPriority::high), videoRequest(2, {1280})}, 2'000'000);
  CHECK(rich[0].layers[0].bitrate == 700'000);
  CHECK(totalWire(rich) == Approx(2'000'000));
}

TEST_CASE("where not all pictures fit the more important ones do") {
  const auto shared = shares(
      {videoRequest(1, {640}, MediaPriority::low), videoRequest(2, {640}, MediaPriority::veryLow),
       videoRequest(3, {640}, MediaPriority::high)},
      80'000);
  CHECK(shared[0].fits);
  CHECK_FALSE(shared[1].fits);
  CHECK(shared[1].wire == 0);
  CHECK(shared[2].fits);
}

TEST_CASE("a video does not take the place of a more important one that needs more") {
  ProducerRequest large = videoRequest(1, {640}, MediaPriority::high);
  large.layers[0].bitrates.least = 2'000'000;  // its poorest picture needs 65 and headers
  const auto shared = shares({large, videoRequest(2, {640})}, 60'000);
  CHECK_FALSE(shared[0].fits);
  CHECK_FALSE(shared[1].fits);
  CHECK(shares({videoRequest(2, {640})}, 60'000)[0].fits);
}

TEST_CASE("layers get what they want from the bottom up, and the top one the rest") {
  struct Row {
    double estimate;
    std::vector<std::uint32_t> most;  // kbit/s
  };
  for (const Row& row :
       {Row{4'000'000, {150, 500, 2500}}, Row{1'500'000, {150, 500, 723}},
        Row{800'000, {150, 574, 0}}, Row{250'000, {150, 66, 0}}, Row{150'000, {126, 0, 0}}}) {
    INFO(row.estimate);
    const auto shared = shares({videoRequest(1, {320, 640, 1280})}, row.estimate);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(shared[0].layers[i].bitrate / 1000 == Approx(row.most[i]).margin(4));
      CHECK(shared[0].layers[i].active == (row.most[i] > 0));
    }
    CHECK(shared[0].wire <= row.estimate);
  }
}

TEST_CASE("a layer that is not wanted is left out, and the size below it counts") {
  ProducerRequest request = videoRequest(1, {320, 640, 1280});
  request.layers[1].active = false;
  const auto shared = shares({request}, 4'000'000);
  CHECK_FALSE(shared[0].layers[1].active);
  CHECK(shared[0].layers[2].bitrate == 2'500'000);
  for (LayerRequest& layer : request.layers) layer.active = false;
  const auto none = shares({request, videoRequest(2, {640}, MediaPriority::veryLow)}, 400'000);
  CHECK_FALSE(none[0].fits);
  CHECK(none[0].wire == 0);
  CHECK(none[1].wire == Approx(400'000));
}

TEST_CASE("untouched video fits as a whole or not at all, beside the poorest pictures") {
  struct Row {
    double estimate;
    bool fits;
  };
  // With its headers 861.7; the camera's poorest picture takes 37.
  for (const Row& row : {Row{890'000, false}, Row{905'000, true}}) {
    INFO(row.estimate);
    const auto shared = shares(
        {untouchedRequest(1, 800'000, MediaPriority::high), videoRequest(2, {640})}, row.estimate);
    CHECK(shared[0].fits == row.fits);
    CHECK(shared[0].layers[0].active == row.fits);
    CHECK(shared[0].layers[0].bitrate == (row.fits ? 800'000 : 0));
    CHECK(shared[1].fits);
    CHECK(totalWire(shared) <= row.estimate);
  }
}

TEST_CASE("of untouched videos the more important one goes first") {
  const auto shared =
      shares({untouchedRequest(1, 800'000), untouchedRequest(2, 900'000, MediaPriority::medium),
              untouchedRequest(3, 100'000, MediaPriority::veryLow)},
             1'200'000);
  CHECK_FALSE(shared[0].fits);
  CHECK(shared[1].fits);
  CHECK(shared[2].fits);
}

TEST_CASE("a picture is reduced at once and comes back after 3 s of a fifth more") {
  Watched watched;
  CHECK(watched.with(400'000).layers[0].frameRate == 30);
  watched.now += 100ms;
  CHECK(watched.with(150'000).layers[0].frameRate == 15);
  // 30 frames/s need 150 and their headers, 174.4 in all; with the margin 209.3.
  for (int i = 0; i < 100; ++i, watched.now += 100ms) {
    CHECK(watched.with(208'000).layers[0].frameRate == 15);
  }
  for (int i = 0; i < 30; ++i, watched.now += 100ms) {
    CHECK(watched.with(211'000).layers[0].frameRate == 15);
  }
  CHECK(watched.with(211'000).layers[0].frameRate == 30);
}

TEST_CASE("the 3 s begin anew with each time that is too little") {
  Watched watched;
  watched.with(150'000);
  for (int i = 0; i < 100; ++i, watched.now += 100ms) {
    CHECK(watched.with(i % 25 == 0 ? 190'000 : 300'000).layers[0].frameRate == 15);
  }
}

TEST_CASE("it comes back as far as the worst of the 3 s allowed") {
  Watched watched;
  watched.with(60'000);
  CHECK(watched.with(60'000).layers[0].scale == 0.75);
  for (int i = 0; i < 30; ++i, watched.now += 100ms) watched.with(i == 15 ? 160'000 : 900'000);
  const auto back = watched.with(900'000).layers[0];
  CHECK(back.frameRate == 15);
  CHECK(back.scale == 1);
}

TEST_CASE("layers go off from the top and come back likewise") {
  Watched watched({320, 640, 1280});
  CHECK(activeLayers(watched.with(3'000'000)) == 3);
  watched.now += 100ms;
  CHECK(activeLayers(watched.with(800'000)) == 2);
  CHECK(activeLayers(watched.with(150'000)) == 1);
  for (int i = 0; i < 30; ++i, watched.now += 100ms) {
    CHECK(activeLayers(watched.with(3'000'000)) == 1);
  }
  CHECK(activeLayers(watched.with(3'000'000)) == 3);
}

TEST_CASE("untouched video comes back likewise") {
  BitrateAllocation allocation;
  allocation.setProducers({untouchedRequest(1, 800'000)});
  auto now = kStart;
  CHECK(allocation.update(900'000, now)[0].fits);
  CHECK_FALSE(allocation.update(850'000, now)[0].fits);
  for (int i = 0; i < 100; ++i, now += 100ms)
    CHECK_FALSE(allocation.update(1'020'000, now)[0].fits);
  for (int i = 0; i < 30; ++i, now += 100ms) CHECK_FALSE(allocation.update(1'040'000, now)[0].fits);
  CHECK(allocation.update(1'040'000, now)[0].fits);
}

TEST_CASE("another producer changes nothing of the state of those that are there") {
  Watched watched;
  watched.with(150'000);
  watched.now += 100ms;
  watched.allocation.setProducers({videoRequest(2, {640}), videoRequest(1, {640})});
  const auto shared = watched.allocation.update(2'000'000, watched.now);
  CHECK(shared[0].id == 2);
  CHECK(shared[0].layers[0].frameRate == 30);  // new, and so not held back
  CHECK(shared[1].layers[0].frameRate == 15);
  watched.allocation.setProducers({videoRequest(1, {320, 640})});
  CHECK(watched.allocation.update(2'000'000, watched.now)[0].layers[1].frameRate == 30);
}
