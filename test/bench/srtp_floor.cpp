// usage: srtp-floor CLIP PAIRS
// The least that receiving can cost: recv() and srtp_unprotect() (AES_CM_128_HMAC_SHA1_80) of what
// rtp-sender sends for so many pairs, at the same times, on one thread and with nothing done to the
// packets, until SIGTERM. A process of its own, its child, encrypts and sends. Says "receiving" on
// stdout with the first packet, and at the end {"received", "failed"}.
#include <srtp2/srtp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "bench/clip_media.hpp"
#include "bench/paced_sender.hpp"

using namespace cosoup::bench;

namespace {

constexpr int kReceiveBuffer = 4 << 20;  // as much as cosoup asks for
constexpr std::uint32_t kFirstSsrc = 1;

void check(srtp_err_status_t status, const char* operation) {
  if (status == srtp_err_status_ok) return;
  throw std::runtime_error(operation + std::string(": status ") + std::to_string(status));
}

/// For all SSRCs, one way.
class SrtpSession {
 public:
  explicit SrtpSession(srtp_ssrc_type_t direction) {
    srtp_policy_t policy{};
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    policy.ssrc.type = direction;
    policy.key = key_.data();
    policy.window_size = 1024;
    check(srtp_create(&session_, &policy), "srtp_create");
  }
  SrtpSession(const SrtpSession&) = delete;
  SrtpSession& operator=(const SrtpSession&) = delete;
  ~SrtpSession() { srtp_dealloc(session_); }

  srtp_t get() const { return session_; }

 private:
  std::array<unsigned char, SRTP_AES_ICM_128_KEY_LEN_WSALT> key_{1, 2, 3};
  srtp_t session_ = nullptr;
};

void feed(const std::string& clip, std::size_t pairs, const sockaddr_in& receiver) {
  const SrtpSession session(ssrc_any_outbound);
  PacedSender sender(PacketSchedule(streamsOfPairs(readClip(clip), pairs, kFirstSsrc)),
                     std::vector<sockaddr_in>(2 * pairs, receiver));
  sender.wrapWith([&](std::span<std::uint8_t> room, std::size_t size) {
    int length = static_cast<int>(size);
    check(srtp_protect(session.get(), room.data(), &length), "srtp_protect");
    return static_cast<std::size_t>(length);
  });
  sender.run(stopSignal());
}

/// The pid of a process that feeds the receiver.
pid_t startFeeding(const std::string& clip, std::size_t pairs, const sockaddr_in& receiver) {
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int status = 0;
  try {
    feed(clip, pairs, receiver);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "srtp-floor: %s\n", error.what());
    status = 1;
  }
  _exit(status);
}

void receiveAll(int socket, const std::atomic<bool>& stopped) {
  const SrtpSession session(ssrc_any_inbound);
  std::array<std::uint8_t, kMaxPacketSize> packet;
  unsigned long received = 0;
  unsigned long failed = 0;
  while (!stopped) {
    const ssize_t size = recv(socket, packet.data(), packet.size(), 0);
    if (size <= 0) continue;
    int length = static_cast<int>(size);
    if (srtp_unprotect(session.get(), packet.data(), &length) == srtp_err_status_ok) {
      ++received;
    } else {
      ++failed;
    }
    if (received + failed == 1) {
      std::printf("receiving\n");
      std::fflush(stdout);
    }
  }
  std::printf("{\"received\":%lu,\"failed\":%lu}\n", received, failed);
}

void measure(const std::string& clip, std::size_t pairs) {
  check(srtp_init(), "srtp_init");
  const UdpSocket socket;
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  const std::atomic<bool>& stopped = stopSignal();
  const pid_t feeder = startFeeding(clip, pairs, socket.address());
  receiveAll(socket.descriptor(), stopped);
  kill(feeder, SIGTERM);
  waitpid(feeder, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
  const int pairs = argc == 3 ? std::atoi(argv[2]) : 0;
  if (pairs <= 0) {
    std::fprintf(stderr, "usage: srtp-floor CLIP PAIRS\n");
    return 2;
  }
  try {
    measure(argv[1], static_cast<std::size_t>(pairs));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "srtp-floor: %s\n", error.what());
    return 1;
  }
  return 0;
}
