// Senders with congestion control, and a line that they share, in a time that is computed.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "cosoup/rtc/congestion/congestion_controller.hpp"

namespace cosoup {

struct BottleneckOptions {
  double bitrate = 3e6;     // of the line; bit/s
  int queue = 300;          // ms at its bitrate; drop-tail
  double policer = 0;       // bit/s beyond which packets are dropped at once; 0: none
  double loss = 0;          // of packets, at random
  double feedbackLoss = 0;  // of feedback
  int roundTrip = 40;       // ms, without the queue
  int jitter = 0;           // ms: up to so much later, in order
  double cross = 0;         // bit/s of somebody else in the queue, of no control
  unsigned senders = 1;     // which begin 5 s after each other
  double wanted = 10e6;     // bit/s of each source at most
  unsigned seed = 1;
};

/// Each sender has a source of 30 frames a second that follows the target, and a pacer. The
/// receiver sends feedback every 100 ms, of which the bytes are written and read.
class ModelledBottleneck {
 public:
  using Time = SentPackets::Time;
  using Microseconds = std::chrono::microseconds;

  /// Of 100 ms.
  struct Sample {
    double target = 0;    // bit/s, of the first sender
    double received = 0;  // bit/s, of the first sender
    double other = 0;     // bit/s received of the second one
    double queue = 0;     // ms: the average that packets found
    double lost = 0;      // packets, of all senders
    double packets = 0;
  };
  static constexpr double samplesPerSecond = 10;

  explicit ModelledBottleneck(const BottleneckOptions& options);

  void run(double seconds);
  void setBitrate(double bitrate) { options_.bitrate = bitrate; }
  void setPolicer(double bitrate) { options_.policer = bitrate; }
  void setLoss(double loss) { options_.loss = loss; }
  CongestionController& controller(unsigned sender = 0) { return senders_[sender]->controller; }

  /// From the beginning on.
  const std::vector<Sample>& samples() const { return samples_; }
  /// On average from one second to another.
  double mean(double Sample::*value, double from, double to) const;
  /// What a share of the samples does not exceed.
  double quantile(double Sample::*value, double share, double from, double to) const;
  /// The second from which on the value has been at least (or at most) so much for a second.
  std::optional<double> reached(double Sample::*value, double bound, bool isAbove,
                                double from) const;

 private:
  struct Sender {
    explicit Sender(const CongestionBounds& bounds) : controller(bounds) {}
    CongestionController controller;
    std::uint16_t nextNumber = 65000;
    double backlog = 0;  // bytes
    bool isPacing = false;
    std::optional<ProbeCluster> probe;
    std::vector<std::pair<std::uint16_t, Microseconds>> received;  // since the last feedback
    std::uint16_t expected = 65000;
    std::uint8_t serial = 0;
    Microseconds lastArrival{0};
    double receivedBytes = 0;
  };
  enum class Kind { Frame, Pace, Depart, Arrive, Feedback, Report, Cross, Sample };
  struct Packet {
    std::optional<unsigned> sender;  // absent: somebody else's
    std::uint16_t number = 0;
    double size = 0;
  };
  struct Event {
    Microseconds at;
    std::uint64_t order;
    Kind kind;
    unsigned sender;
    Packet packet;
    std::shared_ptr<const std::vector<std::uint8_t>> feedback;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  Time now() const { return Time(now_); }
  void schedule(Microseconds in, Kind kind, unsigned sender = 0) {
    schedule(in, kind, sender, Packet());
  }
  void schedule(Microseconds in, Kind kind, unsigned sender, const Packet& packet);
  void handle(const Event& event);
  double drawn(double from, double to);
  void makeFrame(unsigned sender);
  void pace(unsigned sender);
  double send(unsigned sender, std::optional<unsigned> probe);
  void enqueue(const Packet& packet);
  bool isPoliced(const Packet& packet);
  void serve();
  void depart();
  void arrive(const Packet& packet);
  void sendFeedback(unsigned sender);
  void sample();

  BottleneckOptions options_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  Microseconds now_{0};
  std::deque<Packet> queue_;
  double queued_ = 0;  // bytes
  double tokens_ = 0;  // bytes
  Microseconds refilled_{0};
  double waited_ = 0;
  unsigned entered_ = 0;
  unsigned lost_ = 0;
  std::vector<Sample> samples_;
};

}  // namespace cosoup
