#include "cosoup/room/silence.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"

namespace cosoup {
namespace {

using namespace std::chrono_literals;

// An encoder and a slow source may take a moment.
constexpr std::chrono::milliseconds kPatience{5000};
constexpr std::chrono::milliseconds kStep{500};

bool hasActiveLayer(const Producer& producer) {
  const std::vector<RtpEncodingParameters>& encodings = producer.encodings();
  return std::any_of(encodings.begin(), encodings.end(), [](const RtpEncodingParameters& encoding) {
    return encoding.active.value_or(true);
  });
}

}  // namespace

Task<bool> staysSilent(std::shared_ptr<Producer> producer, std::shared_ptr<Transport> transport) {
  const std::uint64_t before = producer->counters().packets;
  std::chrono::milliseconds waited{0};
  while (waited < kPatience) {
    co_await sleepFor(kStep);
    if (producer->isClosed() || producer->isPaused()) co_return false;
    if (producer->counters().packets != before) co_return false;
    const bool connected = transport->connectionState() == ConnectionState::connected;
    if (connected && producer->track() && hasActiveLayer(*producer)) waited += kStep;
  }
  co_return true;
}

Task<> untilResumed(std::shared_ptr<Producer> producer) {
  Deferred<> changed;
  const std::function<void()> resolve = [changed]() mutable { changed.resolve(); };
  const Connection resumed = producer->resumed.connect(resolve);
  const Connection closed = producer->closed.connect(resolve);
  if (producer->isClosed()) co_return;
  co_await changed.wait();
}

}  // namespace cosoup
