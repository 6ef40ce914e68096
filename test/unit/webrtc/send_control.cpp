#include "cosoup/webrtc/send_control.hpp"

#include <algorithm>
#include <numeric>

#include "support/catch.hpp"
#include "unit/webrtc/rtp_packets.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Time = SendControl::Time;

/// Sends by a clock of its own, whenever the control says so.
class Sending {
 public:
  Sending() {
    control.add(audioSection());
    control.add(videoSection());
    control.setBounds({30'000, 1'000'000, 1'000'000}, now);
  }

  void push(const RtpPacket& packet) { control.push(write(packet), now); }
  /// A frame of so many packets.
  void pushFrame(std::uint32_t frame, std::uint16_t packets, bool isKey = false) {
    for (std::uint16_t i = 0; i < packets; ++i) {
      RtpPacket packet = videoPacket(next_++, frame, isKey);
      if (i > 0) packet.payload[0] = 0;
      push(packet);
    }
  }
  void ask(std::uint32_t ssrc, std::vector<std::uint16_t> numbers) {
    control.take(RetransmissionRequest{ssrc, std::move(numbers)}, now);
  }
  /// What goes out from now on until then.
  std::vector<RtpPacket> run(std::chrono::milliseconds time) {
    std::vector<RtpPacket> out;
    const Time end = now + time;
    while (const auto next = control.nextWake()) {
      if (*next > end) break;
      now = std::max(now, *next);
      std::vector<Ref<GstBuffer>> packets;
      control.wake(now, packets);
      for (const auto& packet : packets) {
        out.push_back(read(packet.get()));
        sent.emplace_back(*out.back().number, now);
      }
    }
    now = end;
    return out;
  }
  /// All that was sent since the last feedback has come, with so much on top for each packet.
  void acknowledge(std::chrono::microseconds growth = 0us) {
    TransportCcFeedback feedback;
    feedback.base = sent.front().first;
    feedback.count = static_cast<std::uint16_t>(sent.size());
    feedback.serial = serial_++;
    const auto base = std::chrono::duration_cast<std::chrono::milliseconds>(
        sent.front().second.time_since_epoch());
    feedback.reference = static_cast<std::uint32_t>(base / 64ms);
    for (const auto& [number, time] : sent) {
      delay_ += growth;
      const auto arrival = time.time_since_epoch() - feedback.reference * 64ms + 20ms + delay_;
      feedback.arrivals.push_back(
          {number, std::chrono::duration_cast<std::chrono::microseconds>(arrival)});
    }
    sent.clear();
    control.take(feedback, now);
  }
  std::uint16_t next() const { return next_; }

  SendControl control;
  Time now{1h};
  std::vector<std::pair<std::uint16_t, Time>> sent;  // number, time

 private:
  std::uint16_t next_ = 1000;
  std::uint8_t serial_ = 0;
  std::chrono::microseconds delay_{0};
};

std::vector<std::uint32_t> ssrcsOf(const std::vector<RtpPacket>& packets) {
  std::vector<std::uint32_t> ssrcs;
  for (const RtpPacket& packet : packets) ssrcs.push_back(packet.ssrc);
  return ssrcs;
}

std::vector<RtpPacket> only(const std::vector<RtpPacket>& packets, std::uint32_t ssrc) {
  std::vector<RtpPacket> found;
  std::copy_if(packets.begin(), packets.end(), std::back_inserter(found),
               [&](const RtpPacket& packet) { return packet.ssrc == ssrc; });
  return found;
}

}  // namespace

TEST_CASE("packets get transport-wide numbers in the order in which they go out, and the time") {
  Sending sending;
  sending.pushFrame(1, 3, true);
  sending.push(audioPacket(1));
  const auto out = sending.run(1s);
  REQUIRE(out.size() == 4);
  CHECK(out[0].ssrc == kAudioSsrc);  // pushed last
  for (std::size_t i = 0; i < out.size(); ++i) {
    CHECK(out[i].number == i);
    CHECK(isRecent(out[i].sendTime));
  }
}

TEST_CASE("a frame is spread over time, and sound overtakes it") {
  Sending sending;
  sending.pushFrame(1, 40, true);
  const auto first = sending.run(20ms);
  CHECK(first.size() > 2);
  CHECK(first.size() < 20);
  sending.push(audioPacket(1));
  const auto rest = sending.run(2s);
  CHECK(rest.at(0).ssrc == kAudioSsrc);
  CHECK(first.size() + rest.size() == 41);
}

TEST_CASE("a packet without extensions is sent as it is, and takes no number") {
  Sending sending;
  RtpPacket plain = audioPacket(1);
  plain.hasExtensions = false;
  sending.push(plain);
  std::vector<Ref<GstBuffer>> packets;
  sending.control.wake(sending.now, packets);
  REQUIRE(packets.size() == 1);
  CHECK_FALSE(read(packets[0].get()).number);
  sending.push(audioPacket(2));
  CHECK(sending.run(1s).at(0).number == 0);
}

TEST_CASE("a packet of no section that is known goes out at once") {
  Sending sending;
  RtpPacket other = audioPacket(1);
  other.payloadType = 77;
  sending.push(other);
  CHECK(sending.run(0ms).size() == 1);
}

TEST_CASE("what the other side misses is sent again, under a number of its own") {
  Sending sending;
  sending.pushFrame(1, 3, true);
  sending.push(audioPacket(5));
  sending.run(1s);
  sending.ask(kVideoSsrc, {1001});
  sending.ask(kAudioSsrc, {5});
  const auto out = sending.run(1s);
  CHECK(ssrcsOf(out) == std::vector<std::uint32_t>{kRtxSsrc, kAudioSsrc});
  CHECK(out[0].number == 4);
  CHECK(out[0].payload.substr(0, 2) == "\x03\xe9");
  CHECK(out[1].number == 5);
  CHECK(out[1].payload == "sound");
  CHECK(isRecent(out[1].sendTime));
}

TEST_CASE("what has not gone out yet cannot be sent again") {
  Sending sending;
  sending.pushFrame(1, 40, true);
  sending.run(1ms);
  sending.ask(kVideoSsrc, {1039});
  CHECK(only(sending.run(2s), kRtxSsrc).empty());
}

TEST_CASE("a packet is sent again once in a round trip, however often it is asked for") {
  Sending sending;
  sending.pushFrame(1, 3, true);
  sending.run(200ms);
  for (int i = 0; i < 5; ++i) sending.ask(kVideoSsrc, {1001, 1001});
  CHECK(only(sending.run(50ms), kRtxSsrc).size() == 1);
}

TEST_CASE("what is sent again has a share of what the line carries") {
  Sending sending;
  sending.pushFrame(1, 200, true);
  sending.run(800ms);
  std::vector<std::uint16_t> all(200);
  std::iota(all.begin(), all.end(), std::uint16_t{1000});
  sending.ask(kVideoSsrc, all);
  const auto again = only(sending.run(1s), kRtxSsrc);
  CHECK(again.size() >= 5);
  CHECK(again.size() < 40);
  // The newest of the picture first.
  CHECK(again[0].payload.substr(0, 2) == "\x04\xaf");
}

TEST_CASE("when more can be used padding shows whether there is as much") {
  Sending sending;
  sending.push(audioPacket(1));
  CHECK(sending.run(100ms).size() == 1);  // nothing to pad with
  sending.pushFrame(1, 5, true);
  sending.run(1s);
  sending.acknowledge();
  sending.run(1s);
  sending.control.setBounds({30'000, 1'000'000, 8'000'000}, sending.now);
  const auto padding = only(sending.run(1s), kRtxSsrc);
  REQUIRE(padding.size() >= 10);
  for (const RtpPacket& packet : padding) {
    CHECK(packet.payload.empty());
    CHECK(packet.padding > 100);
  }
}

TEST_CASE("where the line fills up, less may be sent") {
  Sending sending;
  CongestionReport before;
  CongestionReport last;
  int reports = 0;
  for (int i = 0; i < 200; ++i) {
    sending.pushFrame(static_cast<std::uint32_t>(i), 4, i == 0);
    sending.run(33ms);
    // From the fourth second on each packet takes longer than the one before.
    if (i % 3 == 2) sending.acknowledge(i < 120 ? 0us : 3ms);
    if (const auto report = sending.control.report()) {
      last = *report;
      ++reports;
    }
    if (i == 119) before = last;
  }
  CHECK(before.target > 900'000);
  CHECK(last.target < 0.7 * before.target);
  CHECK(last.queue > 50ms);
  CHECK(reports > 5);
  CHECK(reports < 50);
}

TEST_CASE("without transport-cc what the other side allows holds, and first nothing") {
  SendControl control;
  control.add(section("media=video, encoding-name=VP8, payload=101", {}));
  const Time now{1h};
  control.setBounds({30'000, 300'000, 2'000'000}, now);
  REQUIRE(control.report());
  for (std::uint16_t i = 0; i < 100; ++i) control.push(write(videoPacket(i, 1, true)), now);
  std::vector<Ref<GstBuffer>> packets;
  control.wake(now, packets);
  control.wake(now + 1ms, packets);
  CHECK(packets.size() == 100);
  control.take(Remb{250'000}, now);
  const auto report = control.report();
  REQUIRE(report);
  CHECK(report->target == 250'000);
  CHECK_FALSE(control.report());
}

TEST_CASE("video that is too much for the line is late, and nothing of it is left out") {
  Sending sending;
  sending.control.setBounds({100'000, 100'000, 100'000}, sending.now);
  std::size_t sent = 0;
  for (std::uint32_t frame = 0; frame < 60; ++frame) {
    sending.pushFrame(frame, 10, frame == 0);
    sent += sending.run(33ms).size();
  }
  CHECK(sent < 500);
  sent += sending.run(3s).size();
  CHECK(sent == 600);
}

TEST_CASE("with nothing to send nothing wakes") {
  Sending sending;
  CHECK_FALSE(sending.control.nextWake());
  sending.push(audioPacket(1));
  CHECK(sending.control.nextWake() <= sending.now);
  sending.run(1s);
  CHECK_FALSE(sending.control.nextWake());
}
