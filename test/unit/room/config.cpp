// What a client is told to send, and by which way to go.
#include "cosoup/client/device_internals.hpp"
#include "cosoup/cosoup.hpp"
#include "support/catch.hpp"
#include "support/run_test.hpp"
#include "unit/room/fake_signaler.hpp"
#include "unit/rtc/examples.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

TransportParameters transportParameters() {
  TransportParameters parameters;
  parameters.id = "transport";
  parameters.iceParameters = example::ice();
  parameters.iceCandidates = example::candidates();
  parameters.dtlsParameters = example::dtls();
  return parameters;
}

RoomAddress addressOf(const std::string& server) {
  RoomAddress address("ws://nowhere", "room");
  address.iceServers.emplace_back(std::vector<std::string>{server});
  return address;
}

/// Why a client that only receives does not get in.
Task<std::string> refusal(std::shared_ptr<FakeSignaler::Wire> wire, RoomAddress address,
                          DeviceOptions device = DeviceOptions()) {
  MediasoupClient client(std::make_unique<FakeSignaler>(std::move(wire)));
  client.device = std::move(device);
  PeerInfo me("ada", "Ada");
  std::string reason;
  try {
    co_await client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                             ConsumeConfig::discard());
  } catch (const Error& error) {
    reason = error.what();
  }
  co_await client.close();
  co_return reason;
}

}  // namespace

TEST_CASE("a screen is told as such, and other sources as the app says") {
  const Json share = Json::object({{"share", true}});
  CHECK(ProduceConfig::screen().sources().at(0).appData == share);
  CHECK(ProduceConfig::test().sources().at(0).appData == Json::object());
  const Json mine = Json::object({{"color", "blue"}});
  CHECK(ProduceConfig::test().setAppData(mine).sources().at(0).appData == mine);
}

TEST_CASE("sources that are added keep what is told of them") {
  ProduceConfig both = ProduceConfig::camera();
  both.setAppData(Json::object({{"color", "blue"}}));
  both.add(ProduceConfig::screen());
  REQUIRE(both.sources().size() == 2);
  CHECK(both.sources()[0].appData == Json::object({{"color", "blue"}}));
  CHECK(both.sources()[1].appData == Json::object({{"share", true}}));
}

TEST_CASE("the server is asked for TCP when the address says so") {
  runTest([]() -> Task<> {
    for (const bool tcp : {false, true}) {
      const auto wire = std::make_shared<FakeSignaler::Wire>();
      RoomAddress address("ws://nowhere", "room");
      address.forceTcp = tcp;
      co_await refusal(wire, std::move(address));
      REQUIRE(wire->transportsAskedFor.size() == 1);
      CHECK(wire->transportsAskedFor[0].forceTcp == tcp);
      CHECK_FALSE(wire->transportsAskedFor[0].producing);
    }
  }());
}

TEST_CASE("the ICE servers and the policy of the address are those of the transports") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    wire->transport = transportParameters();
    const std::string malformed = co_await refusal(wire, addressOf("http://x"));
    CHECK(malformed.find("iceServers[0]: 'http://x' begins with") != std::string::npos);
    RoomAddress relayed = addressOf("stun:x");
    relayed.iceTransportPolicy = IceTransportPolicy::relay;
    const std::string noTurn = co_await refusal(wire, std::move(relayed));
    CHECK(noTurn.find("'iceTransportPolicy' is relay") != std::string::npos);
  }());
}

TEST_CASE("the device of a client is made with the client's options for it") {
  runTest([]() -> Task<> {
    const auto wire = std::make_shared<FakeSignaler::Wire>();
    wire->transport = transportParameters();
    DeviceOptions broken;
    const auto fail = [](bool receives) -> std::shared_ptr<PeerConnection> {
      throw Error(Error::Code::Media, receives ? "no receiver" : "no sender");
    };
    DeviceOptions::Internals::setPeerConnections(broken, fail);
    const std::string failed =
        co_await refusal(wire, RoomAddress("ws://nowhere", "room"), std::move(broken));
    CHECK(failed.find("no receiver") != std::string::npos);
    RtpHeaderExtension nameless;
    nameless.preferredId = 9;
    DeviceOptions senseless;
    senseless.headerExtensions = {nameless};
    const std::string refused =
        co_await refusal(wire, RoomAddress("ws://nowhere", "room"), std::move(senseless));
    CHECK(refused.find("a header extension has no uri") != std::string::npos);
  }());
}
