// Who is at the other end: certificates that are not the announced one, on transports to a real
// server.
#include "cosoup/rtc/fingerprints.hpp"
#include "integration/device_peer.hpp"
#include "integration/forwarding_signaler.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

/// The fingerprint of another certificate: its first digit differs.
void falsify(DtlsFingerprint& fingerprint) {
  char& digit = fingerprint.value.front();
  digit = digit == '0' ? '1' : '0';
}

void falsifyAll(TransportOptions& options) {
  for (auto& each : options.parameters.dtlsParameters.fingerprints) falsify(each);
}

template <class Transport>
Task<> hasFailed(std::shared_ptr<Transport> transport) {
  const Deferred<> failed;
  const Connection watching = transport->connectionStateChanged.connect([&](ConnectionState state) {
    if (state == ConnectionState::failed) Deferred<>(failed).resolve();
  });
  if (transport->connectionState() != ConnectionState::failed) {
    co_await withTimeout(20s, failed.wait(), "the transport fails");
  }
  REQUIRE(transport->failure());
  CHECK(transport->failure()->code() == Error::Code::Untrusted);
  CHECK_THAT(transport->failure()->what(), Catch::Matchers::ContainsSubstring("fingerprint"));
}

/// Throws nothing but Error(Untrusted).
Task<> isRefused(Task<> task) {
  try {
    co_await std::move(task);
    FAIL("it was not refused");
  } catch (const Error& error) {
    CAPTURE(error.what());
    CHECK(error.code() == Error::Code::Untrusted);
  }
}

Task<> begins(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {  // the handshake may have come first
    CAPTURE(error.what());
    CHECK(error.code() == Error::Code::Untrusted);
  }
}

Task<> producesData(SendTransport& transport) {
  DataProduceOptions options;
  options.label = "chat";
  const auto producer = co_await transport.produceData(std::move(options));
  producer->send("hello");
}

/// Ada, whose transports have falsified fingerprints, sends nothing, and bob, who has none, does.
Task<> sendsNothing(DtlsRole serverRole) {
  DeviceCall call(sharedServer());
  const DevicePeer::Adjust falsified = [&](TransportOptions& options) {
    options.parameters.dtlsParameters.role = serverRole;
    falsifyAll(options);
  };
  DevicePeer& ada = call.ada;
  co_await ada.connect(falsified);
  co_await call.bob.connect();
  co_await ada.join();
  co_await call.bob.join();
  co_await begins(ada.send->connect());
  co_await begins(ada.produce());
  co_await hasFailed(ada.send);
  co_await call.bob.produce();
  co_await call.bob.sends();
  const std::int64_t arrived = co_await ada.bytesAtServer();
  CHECK(arrived == 0);
  const Json seen = co_await ada.transportAtServer("send");
  CHECK(seen.getOr<std::string>("sctpState", "") != "connected");
  co_await isRefused(ada.produce());
  co_await isRefused(producesData(*ada.send));
  IceParameters other{"someone", "somewhere0123456789abcd"};
  co_await isRefused(ada.send->restartIce(std::move(other)));
  co_await call.end();
}

/// Ada sends and bob, whose fingerprints are falsified, gets none of it; carol does.
Task<> receivesNothing(DtlsRole serverRole) {
  DeviceCall call(sharedServer());
  DevicePeer carol(sharedServer(), call.room, "carol");
  const DevicePeer::Adjust falsified = [&](TransportOptions& options) {
    options.parameters.dtlsParameters.role = serverRole;
    falsifyAll(options);
  };
  co_await call.ada.connect();
  co_await call.bob.connect(falsified);
  co_await carol.connect();
  co_await call.ada.join();
  co_await call.bob.join();
  co_await carol.join();
  co_await call.ada.produce();
  co_await hasFailed(call.bob.recv);
  co_await carol.receives(2);
  for (const auto& consumer : call.bob.consumers) CHECK(consumer->counters().packets == 0);
  IceParameters other{"someone", "somewhere0123456789abcd"};
  co_await isRefused(call.bob.recv->restartIce(std::move(other)));
  co_await carol.leave();
  call.bob.failures.clear();  // the consumers that came too late
  co_await call.end();
}

/// What is announced decides, hash by hash.
Task<> isJudgedBy(std::function<void(std::vector<DtlsFingerprint>&)> change, bool isTrusted) {
  DevicePeer ada(sharedServer(), freshRoom(), "ada");
  const DevicePeer::Adjust adjust = [&](TransportOptions& options) {
    change(options.parameters.dtlsParameters.fingerprints);
  };
  co_await ada.connect(adjust);
  co_await ada.join();
  co_await begins(ada.send->connect());
  if (isTrusted) {
    co_await ada.isConnected("send");
    co_await ada.produce();
    co_await ada.sends();
    CHECK_FALSE(ada.send->failure());
  } else {
    co_await hasFailed(ada.send);
  }
  co_await ada.leave();
}

void keepOnly(std::vector<DtlsFingerprint>& fingerprints, const std::string& algorithm) {
  std::erase_if(fingerprints, [&](const auto& each) { return each.algorithm != algorithm; });
  REQUIRE(fingerprints.size() == 1);
}

DtlsFingerprint& named(std::vector<DtlsFingerprint>& fingerprints, const std::string& algorithm) {
  for (auto& each : fingerprints) {
    if (each.algorithm == algorithm) return each;
  }
  throw std::runtime_error("the server announced no " + algorithm);
}

// ---- MediasoupClient ---------------------------------------------------------------------------

/// Between the client and its signaler sits somebody who knows another certificate.
class FalsifyingSignaler final : public ForwardingSignaler {
 public:
  explicit FalsifyingSignaler(std::shared_ptr<int> transports) : transports_(transports) {}

  Task<TransportParameters> createWebRtcTransport(WebRtcTransportOptions options) override {
    ++*transports_;
    const bool isSending = options.producing;
    TransportParameters parameters =
        co_await ForwardingSignaler::createWebRtcTransport(std::move(options));
    if (isSending) {
      for (auto& each : parameters.dtlsParameters.fingerprints) falsify(each);
    }
    co_return parameters;
  }

 private:
  const std::shared_ptr<int> transports_;
};

Task<> joinsAndStays(Member& ada) {
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await withTimeout(20s, ada.client.untilLeft(), "the stay ends");
}

Task<> clientDoesNotTryAgain() {
  const auto transports = std::make_shared<int>(0);
  Member ada(sharedServer(), freshRoom(), "ada", std::make_unique<FalsifyingSignaler>(transports));
  ada.client.reconnect.enabled = true;
  int reconnections = 0;
  const Connection watching = ada.client.events().on<event::Reconnecting>(
      [&](const event::Reconnecting&) { ++reconnections; });
  co_await isRefused(joinsAndStays(ada));
  CHECK(reconnections == 0);
  CHECK(*transports == 2);
  co_await ada.leave();
}

}  // namespace

TEST_CASE("a server with another certificate gets no media and no data, as the DTLS client") {
  runTest(sendsNothing(DtlsRole::client), 60s);
}

TEST_CASE("a server with another certificate gets no media and no data, as the DTLS server") {
  runTest(sendsNothing(DtlsRole::server), 60s);
}

TEST_CASE("nothing is taken from a server with another certificate, as the DTLS client") {
  runTest(receivesNothing(DtlsRole::client), 60s);
}

TEST_CASE("nothing is taken from a server with another certificate, as the DTLS server") {
  runTest(receivesNothing(DtlsRole::server), 60s);
}

TEST_CASE("a fingerprint of any strong hash is enough, and has to be right") {
  for (const char* algorithm : {"sha-256", "sha-384", "sha-512"}) {
    CAPTURE(algorithm);
    runTest(isJudgedBy([&](auto& fingerprints) { keepOnly(fingerprints, algorithm); }, true), 60s);
    const auto keepFalsified = [&](auto& fingerprints) {
      keepOnly(fingerprints, algorithm);
      falsify(fingerprints.front());
    };
    runTest(isJudgedBy(keepFalsified, false), 60s);
  }
}

TEST_CASE("one strong fingerprint that contradicts is enough to refuse the server") {
  for (const char* algorithm : {"sha-256", "sha-384", "sha-512"}) {
    CAPTURE(algorithm);
    runTest(isJudgedBy([&](auto& all) { falsify(named(all, algorithm)); }, false), 60s);
  }
}

TEST_CASE("weak fingerprints count neither for nor against the server") {
  runTest(isJudgedBy([](auto& all) { falsify(named(all, "sha-1")); }, true), 60s);
}

TEST_CASE("a client whose server has another certificate ends, and does not try again") {
  runTest(clientDoesNotTryAgain(), 60s);
}
