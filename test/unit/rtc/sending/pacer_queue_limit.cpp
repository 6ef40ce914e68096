// What the pacer does with more than its rate carries.
#include <algorithm>
#include <memory>

#include "cosoup/rtc/sending/pacer.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace std::chrono_literals;

namespace {

constexpr Pacer<int>::Time kStart{1h};

/// Sends 1000 bytes in 10 ms, and knows when each packet was sent; those are numbered as they are
/// pushed.
class Timed {
 public:
  explicit Timed(PacerOptions options = {}) : pacer(options) {
    pacer.setTarget(320'000, kStart - 1s);
  }

  int push(SendPriority priority, std::uint32_t ssrc = 1, std::size_t size = 1000) {
    sentAfter.emplace_back();
    pushed_.push_back(now);
    pacer.push({.priority = priority, .ssrc = ssrc, .size = size}, next_, now);
    return next_++;
  }
  void video(int packets) {
    for (int i = 0; i < packets; ++i) push(SendPriority::video);
  }
  /// Woken as the pacer says.
  void until(Pacer<int>::Time end) {
    for (auto at = pacer.nextWake(); at && *at <= end; at = pacer.nextWake()) {
      now = std::max(now, *at);
      pacer.wake(now, actions);
      for (const auto& each : actions.packets) {
        sentAfter[each.packet] = now - pushed_[each.packet];
        ++sent;
      }
    }
    now = end;
  }

  Pacer<int>::Time now = kStart;
  Pacer<int> pacer;
  Pacer<int>::Actions actions;
  std::vector<std::optional<Pacer<int>::Duration>> sentAfter;  // by number
  int sent = 0;

 private:
  std::vector<Pacer<int>::Time> pushed_;
  int next_ = 0;
};

}  // namespace

TEST_CASE("what takes less than the queue limit goes at the pacing rate") {
  Timed timed;
  timed.video(195);
  timed.until(kStart + 1s);
  CHECK(timed.sent == 101);
  CHECK(timed.pacer.bitrate() == 800'000);
}

TEST_CASE(
    "what would take more goes evenly within the queue limit, and then the rate is as before") {
  Timed timed;
  timed.video(400);
  CHECK(timed.pacer.bitrate() == Approx(1'600'000));
  CHECK(timed.pacer.expectedWait() == 2s);
  timed.until(kStart + 1s);
  CHECK(std::abs(timed.sent - 200) <= 2);
  timed.until(kStart + 2001ms);
  CHECK(timed.sent == 400);
  CHECK(timed.pacer.bitrate() == 800'000);
  timed.until(kStart + 3s);
  timed.video(20);
  timed.until(kStart + 3100ms);
  CHECK(timed.sent == 411);
}

TEST_CASE("what is always too much waits for two thirds of the queue limit") {
  Timed timed;
  for (; timed.now < kStart + 20s; timed.until(timed.now + 5ms)) timed.video(1);
  // Twice the pacing rate, and half of what waits has waited longer than the average.
  CHECK(timed.pacer.bitrate() == Approx(1'600'000).epsilon(0.02));
  for (std::size_t i = 2000; i < 3500; ++i) {
    INFO("packet " << i);
    REQUIRE(timed.sentAfter[i]);
    CHECK(std::abs(std::chrono::duration<double>(*timed.sentAfter[i]).count() - 1.333) < 0.05);
  }
}

TEST_CASE("the queue limit can be set") {
  Timed timed({.queueLimit = 500ms});
  timed.video(100);
  timed.until(kStart + 501ms);
  CHECK(timed.sent == 100);
}

TEST_CASE("a push of much brings the next wake forward") {
  Timed timed;
  timed.pacer.setTarget(0, kStart - 1s);
  timed.video(2);
  timed.until(kStart);
  const auto before = timed.pacer.nextWake();
  timed.video(1000);
  CHECK(*timed.pacer.nextWake() < *before - 200ms);
}

TEST_CASE("video goes on though more is sent again than the pacing rate carries") {
  Timed timed;
  std::vector<int> videos;
  for (; timed.now < kStart + 10s; timed.until(timed.now + 5ms)) {
    timed.push(SendPriority::retransmission);
    if ((timed.now - kStart) % 100ms == 0ms) videos.push_back(timed.push(SendPriority::video, 2));
  }
  timed.until(timed.now + 3s);
  for (std::size_t i = 0; i < timed.sentAfter.size(); ++i) {
    INFO("packet " << i);
    REQUIRE(timed.sentAfter[i]);
    CHECK(*timed.sentAfter[i] <= 2001ms);
  }
  // It has waited for what is sent again all the same, once there was too much of that.
  for (std::size_t i = 1; i < 50; ++i) CHECK(*timed.sentAfter[videos[i]] > 1900ms);
}

TEST_CASE("video goes on though there is more audio than the pacing rate carries") {
  Timed timed;
  timed.pacer.setTarget(0, kStart);
  const auto audio = [&](Pacer<int>::Duration time) {
    for (const auto end = timed.now + time; timed.now < end; timed.until(timed.now + 20ms)) {
      const int packet = timed.push(SendPriority::audio, 2, 200);
      timed.until(timed.now);
      CHECK(timed.sentAfter[packet] == 0ms);
    }
  };
  audio(60s);
  const int video = timed.push(SendPriority::video);
  audio(2040ms);
  CHECK(timed.sentAfter[video]);
}

TEST_CASE("padding that waits is dropped in the end, and makes nothing faster") {
  Timed timed;
  for (int i = 0; i < 1000; ++i) timed.push(SendPriority::padding);
  CHECK(timed.pacer.bitrate() == 800'000);
  timed.until(kStart + 10s);
  CHECK(timed.sent == 201);
  CHECK(timed.pacer.packets() == 0);
}

TEST_CASE("unless told so the pacer drops nothing, and need not know of frames") {
  Timed timed;
  timed.video(1000);
  timed.now += 10s;  // nobody woke it
  timed.video(10);
  timed.until(timed.now + 3s);
  CHECK(timed.sent == 1010);
}

TEST_CASE("a packet may be what can only be moved") {
  Pacer<std::unique_ptr<int>> pacer;
  pacer.push({.size = 100}, std::make_unique<int>(7), kStart);
  pacer.push({.ssrc = 5, .size = 100}, std::make_unique<int>(8), kStart);
  pacer.forget(5);
  Pacer<std::unique_ptr<int>>::Actions actions;
  pacer.wake(kStart, actions);
  REQUIRE(actions.packets.size() == 1);
  CHECK(*actions.packets[0].packet == 7);
}
