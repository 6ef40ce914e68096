// Sends streams over UDP, each packet when it is due.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>

#include "bench/sent_streams.hpp"

namespace cosoup::bench {

constexpr std::size_t kMaxPacketSize = 1500;

/// A UDP socket on 127.0.0.1 on a free port, closed at the end.
class UdpSocket {
 public:
  UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket();

  int descriptor() const { return descriptor_; }
  sockaddr_in address() const;

 private:
  int descriptor_;
};

sockaddr_in loopbackAddress(std::uint16_t port);

/// Packets that go out with one call of the kernel.
class PacketBatch {
 public:
  explicit PacketBatch(int socket);

  /// For the next packet, which add() adds. Sends those before when there is no more room.
  std::span<std::uint8_t> room();
  void add(std::size_t size, const sockaddr_in& destination);
  void flush();

  std::uint64_t sent() const { return sent_; }
  std::uint64_t failed() const { return failed_; }

 private:
  struct Slot {
    std::array<std::uint8_t, kMaxPacketSize> bytes;
    sockaddr_in destination;
    iovec part;
  };
  static constexpr std::size_t kSlots = 64;

  int socket_;
  std::size_t used_ = 0;
  std::vector<Slot> slots_;
  std::array<mmsghdr, kSlots> messages_;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
};

class PacedSender {
 public:
  /// Makes of a packet of that size, in place, what is sent, and gives its size.
  using Wrap = std::function<std::size_t(std::span<std::uint8_t> room, std::size_t size)>;

  /// Each stream has a destination.
  PacedSender(PacketSchedule schedule, std::vector<sockaddr_in> destinations)
      : schedule_(std::move(schedule)), destinations_(std::move(destinations)) {}

  /// Sends no reports, and wraps packets.
  void wrapWith(Wrap wrap) { wrap_ = std::move(wrap); }
  /// Until stopped.
  void run(const std::atomic<bool>& stopped);
  /// {"sent", "failed", "latest" (ms), "late": how many went out more than 10 ms late}, as JSON.
  std::string summary() const;

 private:
  void send(std::size_t index, SentStream& stream, Nanoseconds now);

  UdpSocket socket_;
  PacketBatch batch_{socket_.descriptor()};
  PacketSchedule schedule_;
  std::vector<sockaddr_in> destinations_;
  Wrap wrap_;
  Nanoseconds latest_{0};
  std::uint64_t late_ = 0;
};

/// Becomes true with SIGTERM or SIGINT, from the first call on; they interrupt what waits.
const std::atomic<bool>& stopSignal();

}  // namespace cosoup::bench
