#include <cmath>

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;

namespace {

template <class T>
T read(const std::string& text) {
  return fromJson<T>(Json::parse(text));
}

std::string candidate(const std::string& fields) {
  return R"({"foundation":"f","priority":1,"port":5,)" + fields + "}";
}

}  // namespace

TEST_CASE("the parameters of a transport survive being written and read again") {
  TransportParameters parameters;
  parameters.id = "t1";
  parameters.iceParameters = example::ice();
  parameters.iceCandidates = example::candidates();
  parameters.dtlsParameters = example::dtls();
  CHECK(fromJson<TransportParameters>(Json::parse(toJson(parameters).text())) == parameters);
  parameters.sctpParameters = SctpParameters{5000, 10, 20, 262144, 1, 2, 3, 4, 5, true};
  CHECK(fromJson<TransportParameters>(Json::parse(toJson(parameters).text())) == parameters);
  parameters.sctpParameters = SctpParameters{};
  CHECK(fromJson<TransportParameters>(Json::parse(toJson(parameters).text())) == parameters);
}

TEST_CASE("a fault in a transport's parameters names the path to the field") {
  const std::string dtls = R"("dtlsParameters":{"fingerprints":[]})";
  CHECK_THROWS_WITH(read<TransportParameters>(R"({"id":"t"})"), "'iceParameters' is missing");
  CHECK_THROWS_WITH(read<TransportParameters>(R"({"id":"t","iceParameters":{}})"),
                    "iceParameters: 'usernameFragment' is missing");
  CHECK_THROWS_WITH(
      read<TransportParameters>(
          R"({"id":"t","iceParameters":{"usernameFragment":"u","password":"p"},)" + dtls + "}"),
      "dtlsParameters: 'fingerprints' is empty");
}

TEST_CASE("a transport has ICE lite only when the server says true") {
  CHECK(read<IceParameters>(R"({"usernameFragment":"u","password":"p","iceLite":true})").iceLite);
  CHECK_FALSE(
      read<IceParameters>(R"({"usernameFragment":"u","password":"p","iceLite":false})").iceLite);
  CHECK_FALSE(read<IceParameters>(R"({"usernameFragment":"u","password":"p"})").iceLite);
}

TEST_CASE("ICE credentials that would break a line are refused") {
  CHECK_THROWS_AS(read<IceParameters>(R"({"usernameFragment":"u\nx","password":"p"})"), Error);
  CHECK_THROWS_AS(read<IceParameters>(R"({"usernameFragment":"u","password":"p q"})"), Error);
  CHECK_THROWS_AS(read<IceParameters>(R"({"usernameFragment":"","password":"p"})"), Error);
}

TEST_CASE("a candidate's address is read under its new and its old name") {
  const auto addressOf = [](const std::string& fields) {
    return read<IceCandidate>(candidate(R"("protocol":"udp",)" + fields)).address;
  };
  CHECK(addressOf(R"("address":"192.0.2.1")") == "192.0.2.1");
  CHECK(addressOf(R"("ip":"192.0.2.2")") == "192.0.2.2");
  CHECK(addressOf(R"("ip":"192.0.2.2","address":"host.example")") == "host.example");
  CHECK_THROWS_AS(addressOf(R"("adress":"192.0.2.1")"), Error);
}

TEST_CASE("a candidate's address is written under both names") {
  const Json json = toJson(example::candidates().front());
  CHECK(json.get<std::string>("ip") == "192.0.2.1");
  CHECK(json.get<std::string>("address") == "192.0.2.1");
  CHECK_FALSE(json.has("tcpType"));
}

TEST_CASE("a tcp candidate is passive unless the server says otherwise") {
  const auto tcpTypeOf = [](const std::string& fields) {
    return read<IceCandidate>(candidate(R"("ip":"::1",)" + fields)).tcpType;
  };
  CHECK(tcpTypeOf(R"("protocol":"tcp")") == "passive");
  CHECK(tcpTypeOf(R"("protocol":"tcp","tcpType":"active")") == "active");
  CHECK(tcpTypeOf(R"("protocol":"udp","tcpType":"passive")").empty());
}

TEST_CASE("candidates that cannot be connected to are refused") {
  for (const char* fields :
       {R"("ip":"::1","protocol":"sctp")", R"("ip":"","protocol":"udp")",
        R"("ip":"1 2","protocol":"udp")", R"("ip":"::1","protocol":"udp","type":"host x")"}) {
    CAPTURE(fields);
    CHECK_THROWS_AS(read<IceCandidate>(candidate(fields)), Error);
  }
  CHECK_THROWS_AS(
      read<IceCandidate>(R"({"foundation":"f","priority":1,"port":0,"ip":"::1","protocol":"udp"})"),
      Error);
}

TEST_CASE("a DTLS role is auto unless it is given") {
  const std::string fingerprint = R"("fingerprints":[{"algorithm":"sha-256","value":
      "aB:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:aB:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F"
      }])";
  const auto roleOf = [&](const std::string& role) {
    return read<DtlsParameters>("{" + role + fingerprint + "}").role;
  };
  CHECK(roleOf("") == DtlsRole::automatic);
  CHECK(roleOf(R"("role":"auto",)") == DtlsRole::automatic);
  CHECK(roleOf(R"("role":"client",)") == DtlsRole::client);
  CHECK(roleOf(R"("role":"server",)") == DtlsRole::server);
  CHECK_THROWS_AS(roleOf(R"("role":"both",)"), Error);
}

TEST_CASE("DTLS roles are written under mediasoup's names") {
  const auto written = [](DtlsRole role) {
    return toJson(DtlsParameters{role, {}}).get<std::string>("role");
  };
  CHECK(written(DtlsRole::automatic) == "auto");
  CHECK(written(DtlsRole::client) == "client");
  CHECK(written(DtlsRole::server) == "server");
}

TEST_CASE("a fingerprint is pairs of hexadecimal digits") {
  for (const char* value : {"", "A", "AB:", "AB:C", "ABCD", "AB-CD", "GH:01", "AB:CD:", ":AB"}) {
    CAPTURE(value);
    CHECK_THROWS_AS(read<DtlsParameters>(R"({"fingerprints":[{"algorithm":"sha-256","value":")" +
                                         std::string(value) + "\"}]}"),
                    Error);
  }
}

TEST_CASE("SCTP parameters are read, and refused when they are out of range") {
  const SctpParameters parameters = read<SctpParameters>(
      R"({"port":5000,"OS":1024,"MIS":1024,"maxMessageSize":262144,"isDataChannel":true})");
  CHECK(parameters.OS == 1024);
  CHECK(parameters.MIS == 1024);
  CHECK(parameters.maxMessageSize == 262144u);
  CHECK(parameters.isDataChannel == true);
  CHECK_FALSE(parameters.sendBufferSize);
  for (const char* text : {
           R"({})",
           R"({"port":0})",
           R"({"port":1,"OS":65536,"MIS":1,"maxMessageSize":1})",
           R"({"port":1,"OS":0})",
           R"({"port":1,"MIS":0})",
           R"({"port":1,"maxMessageSize":-1})",
           R"({"port":1,"maxSendMessageSize":-1})",
           R"({"port":1,"maxReceiveMessageSize":-9223372036854775808})",
           R"({"port":1,"maxReceiveMessageSize":1.5})",
           R"({"port":1,"maxReceiveMessageSize":1e999})",
           R"({"port":1,"maxReceiveMessageSize":"262144"})",
           R"({"port":1,"sendBufferSize":true})",
           R"({"port":1,"perStreamSendQueueLimit":-1})",
           R"({"port":1,"maxReceiverWindowBufferSize":[]})",
           R"({"port":1,"isDataChannel":1})",
       }) {
    CAPTURE(text);
    CHECK_THROWS_AS(read<SctpParameters>(text), Error);
  }
  CHECK_THROWS_AS(
      fromJson<SctpParameters>(Json::object({{"port", 1}, {"maxSendMessageSize", std::nan("")}})),
      Error);
}

TEST_CASE("the largest message has a size for each direction, whatever the server's age") {
  struct Row {
    const char* says;
    std::uint32_t toServer;
    std::uint32_t fromServer;
  };
  constexpr std::uint32_t any = 4294967295;
  const auto row = GENERATE(
      Row{R"({"port":5000,"OS":1,"MIS":1,"maxMessageSize":262144})", 262144, 262144},
      Row{R"({"port":5000,"maxSendMessageSize":1000,"maxReceiveMessageSize":2000})", 2000, 1000},
      Row{R"({"port":5000,"maxMessageSize":3000,"maxSendMessageSize":1000,
              "maxReceiveMessageSize":2000})",
          2000, 1000},
      Row{R"({"port":5000,"maxMessageSize":3000,"maxSendMessageSize":1000})", 3000, 1000},
      Row{R"({"port":5000,"maxMessageSize":3000,"maxReceiveMessageSize":2000})", 2000, 3000},
      Row{R"({"port":5000,"maxReceiveMessageSize":2000})", 2000, 65536},
      Row{R"({"port":5000})", 65536, 65536},
      Row{R"({"port":5000,"maxMessageSize":null})", 65536, 65536},
      Row{R"({"port":5000,"maxMessageSize":0})", any, any},
      Row{R"({"port":5000,"maxMessageSize":3000,"maxSendMessageSize":0,
              "maxReceiveMessageSize":0})",
          any, any},
      Row{R"({"port":5000,"maxMessageSize":4294967295})", any, any},
      Row{R"({"port":5000,"maxMessageSize":9223372036854775807})", any, any});
  CAPTURE(row.says);
  const auto parameters = read<SctpParameters>(row.says);
  CHECK(maxMessageSizeToServer(parameters) == row.toServer);
  CHECK(maxMessageSizeFromServer(parameters) == row.fromServer);
}

TEST_CASE("SCTP capabilities survive being written and read again") {
  const SctpCapabilities capabilities{{512, 2048}};
  CHECK(fromJson<SctpCapabilities>(Json::parse(toJson(capabilities).text())) == capabilities);
  CHECK(toJson(SctpCapabilities{}).text() == R"({"numStreams":{"OS":1024,"MIS":1024}})");
}

TEST_CASE("reliability that is not set is not written") {
  SctpStreamParameters parameters;
  parameters.streamId = 7;
  CHECK(toJson(parameters).text() == R"({"streamId":7})");
  parameters.ordered = false;
  parameters.maxRetransmits = 0;
  CHECK(toJson(parameters).text() == R"({"streamId":7,"ordered":false,"maxRetransmits":0})");
  CHECK(fromJson<SctpStreamParameters>(Json::parse(toJson(parameters).text())) == parameters);
}

TEST_CASE("an SCTP stream has an id below 65535") {
  CHECK(read<SctpStreamParameters>(R"({"streamId":65534})").streamId == 65534);
  CHECK_THROWS_AS(read<SctpStreamParameters>(R"({"streamId":65535})"), Error);
  CHECK_THROWS_AS(read<SctpStreamParameters>(R"({})"), Error);
  CHECK_THROWS_AS(read<SctpStreamParameters>(R"({"streamId":1,"maxPacketLifeTime":70000})"), Error);
}
