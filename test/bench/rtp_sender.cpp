// usage: rtp-sender CLIP FIRST_SSRC PORT...
// Sends the audio and video of a WebM (VP8 at 30 frames/s, Opus) again and again to each of these
// UDP ports of 127.0.0.1, until SIGTERM: the audio of the first with SSRC FIRST_SSRC and payload
// type 100, its video with the next SSRC and 101, and so on. Each stream's packets are spread over
// its time, the streams over the two seconds between key frames. Each reports once a second (RTCP
// SR); whatever is answered is ignored. Says "sending" on stdout when it begins, and at the end
// what it has sent.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "bench/clip_media.hpp"
#include "bench/paced_sender.hpp"

using namespace cosoup::bench;

namespace {

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void sendTo(const std::vector<std::uint16_t>& ports, const ClipMedia& clip,
            std::uint32_t firstSsrc) {
  std::vector<sockaddr_in> destinations;
  for (const std::uint16_t port : ports)
    destinations.insert(destinations.end(), 2, loopbackAddress(port));
  PacedSender sender(PacketSchedule(streamsOfPairs(clip, ports.size(), firstSsrc)),
                     std::move(destinations));
  const std::atomic<bool>& stopped = stopSignal();
  say("sending");
  sender.run(stopped);
  say(sender.summary());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: rtp-sender CLIP FIRST_SSRC PORT...\n");
    return 2;
  }
  std::vector<std::uint16_t> ports;
  for (int at = 3; at < argc; ++at)
    ports.push_back(static_cast<std::uint16_t>(std::atoi(argv[at])));
  try {
    sendTo(ports, readClip(argv[1]), static_cast<std::uint32_t>(std::atoll(argv[2])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rtp-sender: %s\n", error.what());
    return 1;
  }
  return 0;
}
