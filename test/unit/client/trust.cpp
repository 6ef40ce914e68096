// A server whose certificate is not the announced one, and SSRCs that are not a consumer's to have.
#include "unit/client/fake_call.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

Task<Error> errorFrom(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  throw std::runtime_error("it did not throw");
}

template <class T>
Task<> ignored(Task<T> task) {
  co_await std::move(task);
}

ProduceOptions opus() { return ProduceOptions(opusTrack()); }

}  // namespace

TEST_CASE("the certificate has to match every strong fingerprint of the server") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    std::vector<DtlsFingerprint> strong = transportParameters().dtlsParameters.fingerprints;
    std::erase_if(strong, [](const auto& each) { return each.algorithm == "sha-1"; });
    CHECK(strong.size() == 2);
    CHECK(call.peer().expectedFingerprints() == strong);
    co_await transport->close();
  }());
}

TEST_CASE("a transport whose server has another certificate has failed for good") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    auto first = opus();
    const auto producer = co_await transport->produce(std::move(first));
    CHECK_FALSE(transport->failure());
    bool knewWhy = false;
    const Connection watching =
        transport->connectionStateChanged.connect([&](ConnectionState state) {
          knewWhy = state == ConnectionState::failed && transport->failure().has_value();
        });
    call.peer().refusePeer();
    CHECK(knewWhy);
    auto second = opus();
    const Error produce = co_await errorFrom(ignored(transport->produce(std::move(second))));
    CHECK(produce.code() == Error::Code::Untrusted);
    CHECK(std::string(produce.what()).starts_with("produce: DTLS: "));
    IceParameters ice = transportParameters().iceParameters;
    const Error restart = co_await errorFrom(transport->restartIce(std::move(ice)));
    CHECK(restart.code() == Error::Code::Untrusted);
    CHECK(call.peer().restarts().empty());
    CHECK_FALSE(producer->isClosed());  // for the app to end, as after any failure
    co_await transport->close();
    CHECK(producer->isClosed());
  }());
}

TEST_CASE("a produce() that is under way fails with the certificate") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.sendTransport();
    call.steps->hold("produce");
    Scope scope;
    auto options = opus();
    const auto failed = begin(scope, errorFrom(ignored(transport->produce(std::move(options)))));
    co_await call.steps->untilHeld();
    call.peer().refusePeer();
    call.steps->release();
    const Error error = co_await failed.wait();
    CHECK(error.code() == Error::Code::Untrusted);
    co_await scope.join();
    co_await transport->close();
  }());
}

TEST_CASE("a consumer cannot have the SSRC of bandwidth probation, nor its RTX its own") {
  runTest([]() -> Task<> {
    FakeCall call;
    const auto transport = call.recvTransport();
    const Error probation = co_await errorFrom(ignored(transport->consume(videoConsumer(1234))));
    CHECK(probation.code() == Error::Code::InvalidArgument);
    ConsumeOptions same = videoConsumer(1000);
    same.rtpParameters.encodings.front().rtxSsrc = 1000;
    const Error rtx = co_await errorFrom(ignored(transport->consume(std::move(same))));
    CHECK(rtx.code() == Error::Code::InvalidArgument);
    const auto consumer = co_await transport->consume(videoConsumer(1000));
    CHECK(call.peer().receivePacket(1000));
    co_await transport->close();
  }());
}
