#include "bench/paced_sender.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <thread>

namespace cosoup::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Some ten packets of two hundred pairs.
constexpr Nanoseconds kShortestSleep = 200us;
constexpr Nanoseconds kLongestSleep = 100ms;
constexpr Nanoseconds kLate = 10ms;

std::atomic<bool> isStopped = false;
static_assert(std::atomic<bool>::is_always_lock_free);

[[noreturn]] void fail(const char* operation) {
  throw std::system_error(errno, std::generic_category(), operation);
}

}  // namespace

UdpSocket::UdpSocket() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) fail("socket");
  const sockaddr_in any = loopbackAddress(0);
  if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0) return;
  close(descriptor_);
  fail("bind");
}

UdpSocket::~UdpSocket() { close(descriptor_); }

sockaddr_in UdpSocket::address() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("getsockname");
  }
  return address;
}

sockaddr_in loopbackAddress(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

PacketBatch::PacketBatch(int socket) : socket_(socket), slots_(kSlots), messages_{} {
  for (std::size_t at = 0; at < kSlots; ++at) {
    Slot& slot = slots_[at];
    slot.part = {slot.bytes.data(), 0};
    messages_[at].msg_hdr.msg_name = &slot.destination;
    messages_[at].msg_hdr.msg_namelen = sizeof slot.destination;
    messages_[at].msg_hdr.msg_iov = &slot.part;
    messages_[at].msg_hdr.msg_iovlen = 1;
  }
}

std::span<std::uint8_t> PacketBatch::room() {
  if (used_ == kSlots) flush();
  return slots_[used_].bytes;
}

void PacketBatch::add(std::size_t size, const sockaddr_in& destination) {
  slots_[used_].part.iov_len = size;
  slots_[used_].destination = destination;
  ++used_;
}

void PacketBatch::flush() {
  std::size_t done = 0;
  while (done < used_) {
    const int count = sendmmsg(socket_, &messages_[done], static_cast<unsigned>(used_ - done), 0);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      sent_ += static_cast<std::uint64_t>(count);
    } else if (errno != EINTR) {
      // The first of them.
      ++done;
      ++failed_;
    }
  }
  used_ = 0;
}

void PacedSender::run(const std::atomic<bool>& stopped) {
  const Clock::time_point began = Clock::now();
  while (!stopped) {
    const Nanoseconds now = Clock::now() - began;
    schedule_.takeDue(now,
                      [&](std::size_t index, SentStream& stream) { send(index, stream, now); });
    batch_.flush();
    const Nanoseconds wait = schedule_.due() - (Clock::now() - began);
    std::this_thread::sleep_for(std::clamp(wait, kShortestSleep, kLongestSleep));
  }
}

void PacedSender::send(std::size_t index, SentStream& stream, Nanoseconds now) {
  const Nanoseconds lateness = now - stream.due();
  latest_ = std::max(latest_, lateness);
  if (lateness > kLate) ++late_;
  const sockaddr_in& destination = destinations_[index];
  const std::span<std::uint8_t> packet = batch_.room();
  std::size_t size = stream.write(packet);
  if (wrap_) size = wrap_(packet, size);
  batch_.add(size, destination);
  if (wrap_ || !stream.wantsReport(now)) return;
  const std::span<std::uint8_t> report = batch_.room();
  stream.writeReport(report.first<kSenderReportSize>(), now,
                     ntpTime(std::chrono::system_clock::now()));
  batch_.add(kSenderReportSize, destination);
}

std::string PacedSender::summary() const {
  const auto latestMs = std::chrono::duration_cast<std::chrono::milliseconds>(latest_).count();
  return "{\"sent\":" + std::to_string(batch_.sent()) +
         ",\"failed\":" + std::to_string(batch_.failed()) +
         ",\"latest\":" + std::to_string(latestMs) + ",\"late\":" + std::to_string(late_) + "}";
}

const std::atomic<bool>& stopSignal() {
  struct sigaction action {};
  action.sa_handler = [](int) { isStopped = true; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  return isStopped;
}

}  // namespace cosoup::bench
