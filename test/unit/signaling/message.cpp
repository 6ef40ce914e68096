// The framing of protoo as pure functions, with texts that a hostile server might send.
#include "cosoup/signaling/protoo_message.hpp"

#include <vector>

#include "cosoup/signaling/protoo_url.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using namespace cosoup::protoo;

namespace {

template <class T>
T parsed(std::string_view text) {
  const Message message = parse(text);
  REQUIRE(std::holds_alternative<T>(message));
  return std::get<T>(message);
}

}  // namespace

TEST_CASE("a request, a success, an error and a notification are told apart") {
  const auto request =
      parsed<Request>(R"({"request":true,"id":7,"method":"newConsumer","data":{"a":1}})");
  CHECK(request.id == 7);
  CHECK(request.method == "newConsumer");
  CHECK(request.data.text() == R"({"a":1})");

  const auto success = parsed<Success>(R"({"response":true,"id":0,"ok":true,"data":[1]})");
  CHECK(success.id == 0);
  CHECK(success.data.text() == "[1]");

  const auto failure = parsed<Failure>(
      R"({"response":true,"id":9,"errorCode":403,"errorReason":"I do not want to consume"})");
  CHECK(failure.id == 9);
  CHECK(failure.errorCode == 403);
  CHECK(failure.errorReason == "I do not want to consume");

  const auto notice = parsed<Notice>(R"({"notification":true,"method":"m","data":{"b":2}})");
  CHECK(notice.method == "m");
  CHECK(notice.data.text() == R"({"b":2})");
}

TEST_CASE("data that is missing or null is an empty object") {
  CHECK(parsed<Request>(R"({"request":true,"id":1,"method":"m"})").data.text() == "{}");
  CHECK(parsed<Success>(R"({"response":true,"id":1,"ok":true,"data":null})").data.text() == "{}");
  CHECK(parsed<Notice>(R"({"notification":true,"method":"m"})").data.text() == "{}");
}

TEST_CASE("a response without a true ok is an error, however it is described") {
  struct Row {
    const char* text;
    int errorCode;
    const char* errorReason;
  };
  const Row rows[] = {
      {R"({"response":true,"id":1})", 500, "no reason given"},
      {R"({"response":true,"id":1,"ok":false})", 500, "no reason given"},
      {R"({"response":true,"id":1,"ok":null,"data":{"id":"x"}})", 500, "no reason given"},
      {R"({"response":true,"id":1,"ok":"true"})", 500, "no reason given"},
      {R"({"response":true,"id":1,"ok":1})", 500, "no reason given"},
      {R"({"response":true,"id":1,"errorCode":"403","errorReason":5})", 500, "no reason given"},
      {R"({"response":true,"id":1,"errorCode":1.5,"errorReason":"r"})", 500, "r"},
      {R"({"response":true,"id":1,"errorCode":99999999999,"errorReason":"r"})", 500, "r"},
      {R"({"response":true,"id":1,"errorCode":-7,"errorReason":""})", -7, ""},
      {R"({"response":true,"id":1,"errorCode":[],"errorReason":{}})", 500, "no reason given"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto failure = parsed<Failure>(row.text);
    CHECK(failure.id == 1);
    CHECK(failure.errorCode == row.errorCode);
    CHECK(failure.errorReason == row.errorReason);
  }
}

TEST_CASE("texts that are no protoo message are refused with a reason") {
  struct Row {
    std::string text;
    std::string reason;
  };
  const Row rows[] = {
      {"[]", "not a JSON object"},
      {"5", "not a JSON object"},
      {"null", "not a JSON object"},
      {R"("request")", "not a JSON object"},
      {"{}", "neither request, response nor notification"},
      {R"({"request":false,"id":1,"method":"m"})", "neither request, response nor notification"},
      {R"({"request":1,"id":1,"method":"m"})", "neither request, response nor notification"},
      {R"({"request":"true","id":1,"method":"m"})", "neither request, response nor notification"},
      {R"({"request":true,"method":"m"})", "'id' is missing"},
      {R"({"request":true,"id":null,"method":"m"})", "'id' is missing"},
      {R"({"request":true,"id":"1","method":"m"})", "'id' is not an integer"},
      {R"({"request":true,"id":1.5,"method":"m"})", "'id' is not an integer"},
      {R"({"request":true,"id":true,"method":"m"})", "'id' is not an integer"},
      {R"({"request":true,"id":[1],"method":"m"})", "'id' is not an integer"},
      {R"({"request":true,"id":-1,"method":"m"})", "'id' is out of range"},
      {R"({"request":true,"id":9007199254740992,"method":"m"})", "'id' is out of range"},
      {R"({"request":true,"id":123456789012345678901234567890,"method":"m"})",
       "'id' is out of range"},
      {R"({"request":true,"id":1})", "'method' is missing"},
      {R"({"request":true,"id":1,"method":5})", "'method' is not a string"},
      {R"({"request":true,"id":1,"method":""})", "'method' is empty"},
      {R"({"response":true,"ok":true})", "'id' is missing"},
      {R"({"response":true,"id":"x","ok":true})", "'id' is not an integer"},
      {R"({"response":true,"id":{},"errorCode":500})", "'id' is not an integer"},
      {R"({"notification":true})", "'method' is missing"},
      {R"({"notification":true,"method":["m"]})", "'method' is not a string"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK_THROWS_WITH(parse(row.text), row.reason);
  }
}

TEST_CASE("texts that are no JSON are refused") {
  const std::vector<std::string> texts = {
      "",
      " ",
      "{",
      "}",
      "hello",
      R"({"request":true,"id":1,"method":"m"} trailing)",
      std::string("{\"request\":true\0,\"id\":1}", 25),
      std::string(100'000, '['),
      "{\"request\":true,\"id\":1,\"method\":\"\xff\xfe\"}",
  };
  for (const std::string& text : texts) CHECK_THROWS_AS(parse(text), Error);
}

TEST_CASE("what stands in a message first decides what it is") {
  CHECK(std::holds_alternative<Request>(parse(
      R"({"notification":true,"response":true,"ok":true,"request":true,"id":1,"method":"m"})")));
}

TEST_CASE("messages are written as protoo has them") {
  CHECK(writeRequest(3, "join", Json::object({{"a", 1}})) ==
        R"({"request":true,"id":3,"method":"join","data":{"a":1}})");
  CHECK(writeSuccess(4, Json::object()) == R"({"response":true,"id":4,"ok":true,"data":{}})");
  CHECK(writeFailure(5, 403, "no") ==
        R"({"response":true,"id":5,"errorCode":403,"errorReason":"no"})");
}

TEST_CASE("a reason that is not UTF-8 does not make the message so") {
  CHECK(writeFailure(1, 500, "a\xff z") ==
        "{\"response\":true,\"id\":1,\"errorCode\":500,\"errorReason\":\"a\xEF\xBF\xBD z\"}");
}

TEST_CASE("what is written is read back") {
  const Json data = Json::parse(R"({"text":"ä\"\\\n","list":[1,2.5,null,true]})");
  const auto request = parsed<Request>(writeRequest(8, "m", data));
  CHECK(request.data == data);
  const auto failure = parsed<Failure>(writeFailure(8, 400, "why \"so\""));
  CHECK(failure.errorReason == "why \"so\"");
}

TEST_CASE("room and peer go into the URL's query, escaped, beside what is there") {
  struct Row {
    const char* url;
    const char* result;
  };
  const Row rows[] = {
      {"wss://h:4443", "wss://h:4443/?roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"WSS://h:4443/", "wss://h:4443/?roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"ws://[::1]:8080/path", "ws://[::1]:8080/path?roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"wss://h/p%20q/?x=%26y&z", "wss://h/p%20q/?x=%26y&z&roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"wss://h?consumerReplicas=2#top",
       "wss://h/?consumerReplicas=2&roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"wss://h/?roomId=old&k=v&peerId=old", "wss://h/?k=v&roomId=a%20b&peerId=%C3%A4%26%3D"},
      {"wss://user@h/", "wss://user@h/?roomId=a%20b&peerId=%C3%A4%26%3D"},
  };
  for (const Row& row : rows) {
    INFO(row.url);
    CHECK(connectionUrl(row.url, "a b", "ä&=") == row.result);
  }
}

TEST_CASE("an address that is no WebSocket URL is refused with its form") {
  for (const char* url :
       {"", "h:4443", "//h", "https://h", "wss://", "wss:h", "wss://h:99999", "127.0.0.1"}) {
    INFO(url);
    CHECK_THROWS_WITH(connectionUrl(url, "r", "p"),
                      "connect: '" + std::string(url) + "' is no URL of the form wss://host:port");
  }
}
