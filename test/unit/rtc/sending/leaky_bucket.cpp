#include "cosoup/rtc/sending/leaky_bucket.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr LeakyBucket::Time kStart{1h};

/// How many packets of 100 bytes go in at once.
int packetsAt(LeakyBucket& bucket, LeakyBucket::Time now) {
  int packets = 0;
  for (; bucket.isEmpty(now); ++packets) bucket.fill(100);
  return packets;
}

}  // namespace

TEST_CASE("a full bucket is empty when its bitrate has emptied it") {
  LeakyBucket bucket(80'000);  // 100 bytes in 10 ms
  bucket.isEmpty(kStart);
  CHECK(packetsAt(bucket, kStart) == 1 + 0);  // half a packet of credit, then one more
  CHECK(bucket.emptyAt() == kStart + 5ms);
  CHECK_FALSE(bucket.isEmpty(kStart + 4999us));
  CHECK(bucket.isEmpty(kStart + 5ms));
}

TEST_CASE("who comes when a bucket is to be empty finds it empty") {
  for (double bitrate = 30'000; bitrate < 1e7; bitrate *= 1.07) {
    LeakyBucket bucket(bitrate);
    CHECK(bucket.isEmpty(kStart));
    bucket.forfeit();
    bucket.fill(1);
    CHECK(bucket.isEmpty(bucket.emptyAt()));
  }
}

TEST_CASE("a bucket takes a packet of any size, which is made up for") {
  LeakyBucket bucket(80'000);
  CHECK(bucket.isEmpty(kStart));
  bucket.fill(4050);
  CHECK(bucket.emptyAt() == kStart + 400ms);
}

TEST_CASE("what cannot wait fills a bucket no higher than what half a second empties") {
  LeakyBucket bucket(80'000);
  CHECK(bucket.isEmpty(kStart));
  for (int i = 0; i < 100; ++i) bucket.fill(200);
  CHECK(bucket.emptyAt() == kStart + 500ms);
  // What it holds is not less for a lower bitrate.
  bucket.setBitrate(40'000, kStart);
  bucket.fill(200);
  CHECK(bucket.emptyAt() == kStart + 1s);
}

TEST_CASE("credit that is forfeited is gone, and what is owed is still owed") {
  LeakyBucket bucket(80'000);
  CHECK(bucket.isEmpty(kStart));
  bucket.forfeit();
  bucket.fill(100);
  CHECK(bucket.emptyAt() == kStart + 10ms);
  bucket.forfeit();
  CHECK(bucket.emptyAt() == kStart + 10ms);
}

TEST_CASE("an empty bucket collects 5 ms of credit and no more") {
  for (const auto silence : {5ms, 6ms, 1000ms}) {
    LeakyBucket bucket(1'600'000);  // 100 bytes in 0.5 ms
    packetsAt(bucket, kStart);
    const auto empty = bucket.emptyAt();
    CHECK(packetsAt(bucket, empty + silence) == 11);
  }
  LeakyBucket bucket(1'600'000);
  packetsAt(bucket, kStart);
  CHECK(packetsAt(bucket, bucket.emptyAt() + 2ms) == 5);
}

TEST_CASE("another bitrate counts from its time on") {
  LeakyBucket bucket(80'000);
  CHECK(bucket.isEmpty(kStart));
  bucket.fill(250);  // 50 are covered by credit
  bucket.setBitrate(160'000, kStart + 10ms);
  CHECK(bucket.emptyAt() == kStart + 15ms);
  bucket.setBitrate(40'000, kStart + 11ms);
  CHECK(bucket.emptyAt() == kStart + 27ms);
}
