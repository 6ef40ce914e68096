// Requests and notifications on the wire, one after the other, and what the calls give.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/signaling/protoo.hpp"
#include "support/catch.hpp"
#include "support/fake_server.hpp"
#include "support/run_test.hpp"

namespace cosoup::test {

struct Exchange {
  std::string method;
  std::string data;    ///< of the request, as JSON
  std::string answer;  ///< data of the response, as JSON; empty: it is a notification
  std::string result;  ///< what the call gives, as a text
  std::function<Task<std::string>(Signaler&)> call;
};

inline Task<std::string> done(Task<> task) {
  co_await std::move(task);
  co_return std::string("done");
}

inline Task<std::string> textOf(Task<Json> task) { co_return (co_await std::move(task)).text(); }

template <class T>
Task<std::string> jsonOf(Task<T> task) {
  co_return toJson(co_await std::move(task)).text();
}

inline Task<std::string> names(Task<std::vector<PeerDescription>> task) {
  std::string result;
  for (const PeerDescription& peer : co_await std::move(task)) {
    result += peer.id + "/" + peer.displayName + "/" + peer.device.flag + "/" + peer.device.name +
              "/" + peer.device.version + "/" + peer.remoteAddress.value_or("") + " ";
  }
  co_return result;
}

inline Task<std::string> transportOf(Task<TransportParameters> task) {
  const TransportParameters transport = co_await std::move(task);
  co_return transport.id + " " + transport.iceParameters.usernameFragment + " " +
      transport.iceCandidates.at(0).address + " " +
      std::to_string(transport.sctpParameters.value().port);
}

inline Task<> play(ProtooDialect dialect, std::vector<Exchange> exchanges) {
  FakeServer server;
  ProtooOptions options;
  options.dialect = dialect;
  ProtooSignaler signaler(options);
  co_await signaler.connect(server.address(), "ada");
  const std::shared_ptr<FakePeer> peer = co_await server.peer();
  for (const Exchange& exchange : exchanges) {
    Running<std::string> running(exchange.call(signaler));
    const Json message = co_await peer->message();
    const bool isRequest = !exchange.answer.empty();
    std::vector<std::string> members{"notification", "method", "data"};
    if (isRequest) members = {"request", "id", "method", "data"};
    CHECK(message.keys() == members);
    CHECK(message.get<bool>(members.front()));
    CHECK(message.get<std::string>("method") == exchange.method);
    CHECK(message.getOr<Json>("data", Json()).text() == exchange.data);
    if (isRequest) {
      CHECK(message.get<Json>("id").isInteger());
      peer->accept(message, Json::parse(exchange.answer));
    }
    const std::string result = co_await running.result();
    CHECK(result == exchange.result);
  }
  co_await signaler.close();
}

/// Answered with nothing but that it was done.
inline Exchange told(std::string method, std::string data, std::function<Task<>(Signaler&)> call) {
  return {std::move(method), std::move(data), "{}", "done",
          [call](Signaler& signaler) { return done(call(signaler)); }};
}

/// Not answered at all.
inline Exchange notified(std::string method, std::string data,
                         std::function<Task<>(Signaler&)> call) {
  return {std::move(method), std::move(data), "", "done",
          [call](Signaler& signaler) { return done(call(signaler)); }};
}

inline WebRtcTransportOptions sending() {
  WebRtcTransportOptions options(true);
  options.sctpCapabilities = SctpCapabilities();
  return options;
}

inline JoinOptions joining() {
  JoinOptions options(PeerInfo("ada", "Ada"));
  options.rtpCapabilities = RtpCapabilities();
  options.sctpCapabilities = SctpCapabilities();
  return options;
}

inline DtlsParameters dtlsClient() {
  DtlsParameters dtls;
  dtls.role = DtlsRole::client;
  dtls.fingerprints.push_back({"sha-256", "AA:BB"});
  return dtls;
}

/// What a transport is made of, but for its id.
inline std::string transportNamed(const std::string& idMember) {
  return R"({")" + idMember + R"(":"t1",
  "iceParameters":{"usernameFragment":"u","password":"p","iceLite":true},
  "iceCandidates":[{"foundation":"f","priority":1,"ip":"127.0.0.1","protocol":"udp","port":4,
    "type":"host"}],
  "dtlsParameters":{"role":"auto","fingerprints":[{"algorithm":"sha-256","value":
    "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"}]},
  "sctpParameters":{"port":5000,"OS":1024,"MIS":1024,"maxMessageSize":262144}})";
}

inline NetworkThrottle aBadNetwork() {
  NetworkThrottle throttle("s");
  throttle.uplink = 1000;
  throttle.packetLoss = 2.5;
  return throttle;
}

}  // namespace cosoup::test
