// A program whose client and signaler are static objects, which go when main() has returned and the
// thread's own objects have gone: with what they hold closed before, or not.
#include <cstdio>
#include <string_view>

#include "cosoup/cosoup.hpp"
#include "unit/room/fake_signaler.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

std::shared_ptr<FakeSignaler::Wire> wire() {
  static const auto made = std::make_shared<FakeSignaler::Wire>();
  return made;
}

MediasoupClient& client() {
  static MediasoupClient made(std::make_unique<FakeSignaler>(wire()));
  return made;
}

ProtooSignaler& signaler() {
  static ProtooSignaler made;
  return made;
}

Task<> connectInVain() {
  RoomAddress address("ws://127.0.0.1:1", "room");
  try {
    co_await signaler().connect(std::move(address), "ada");
  } catch (const Error&) {  // nobody listens there
  }
}

Task<> run(bool closes) {
  co_await Device::warmUp();  // no thread is to be at work when main() returns
  RoomAddress address("ws://nowhere", "room");
  PeerInfo me("ada", "Ada");
  co_await client().joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                             ConsumeConfig::none());
  co_await connectInVain();
  if (!closes) co_return;
  co_await client().close();
  co_await signaler().close();
}

}  // namespace

int main(int, char** arguments) {
  const bool closes = std::string_view(arguments[1]) == "closed";
  const int status = runMain(run(closes));
  std::puts("main returns");
  return status;
}
