#include "cosoup/rtc/parameters.hpp"

#include "examples.hpp"
#include "support/catch.hpp"

using namespace cosoup;
using example::integer;

namespace {

template <class T>
T read(const std::string& text) {
  return fromJson<T>(Json::parse(text));
}

/// The message of the error that reading gives.
template <class T>
std::string fault(const std::string& text) {
  try {
    read<T>(text);
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::InvalidArgument);
    return error.what();
  }
  return "no error";
}

std::string oneCodec(const std::string& fields) {
  return R"({"codecs":[{"mimeType":"audio/opus","clockRate":48000,"payloadType":100,)" + fields +
         "}]}";
}

std::string repeated(const std::string& item, int count) {
  std::string list = item;
  for (int i = 1; i < count; ++i) list += "," + item;
  return list;
}

}  // namespace

TEST_CASE("a router's capabilities are read whole") {
  const RtpCapabilities capabilities = example::router();
  REQUIRE(capabilities.codecs.size() == 11);
  REQUIRE(capabilities.headerExtensions.size() == 18);
  const RtpCodecCapability& opus = capabilities.codecs.front();
  CHECK(opus.kind == MediaKind::audio);
  CHECK(opus.preferredPayloadType == 100);
  CHECK(opus.channels == 2);
  CHECK(opus.rtcpFeedback == std::vector<RtcpFeedback>{{"nack", ""}, {"transport-cc", ""}});
  CHECK(capabilities.codecs[2].parameters == CodecParameters{{"apt", integer(101)}});
  CHECK(capabilities.codecs[7].parameters.at("profile-level-id") == ParameterValue("4d0032"));
  CHECK(capabilities.headerExtensions[2].direction == RtpHeaderExtensionDirection::recvonly);
}

TEST_CASE("a router's capabilities survive being written and read again") {
  CHECK(fromJson<RtpCapabilities>(toJson(example::router())) == example::router());
}

TEST_CASE("what is written of a router's capabilities is what the router wrote") {
  CHECK(fromJson<RtpCapabilities>(Json::parse(toJson(example::router()).text())) ==
        example::router());
}

TEST_CASE("a consumer's parameters survive being written and read again") {
  for (const RtpParameters& parameters : {example::videoConsumer(), example::audioConsumer()}) {
    CHECK(fromJson<RtpParameters>(Json::parse(toJson(parameters).text())) == parameters);
  }
}

TEST_CASE("a consumer's parameters are read whole") {
  const RtpParameters parameters = example::videoConsumer(77);
  CHECK(parameters.mid == "5");
  CHECK(parameters.codecs.at(1).parameters == CodecParameters{{"apt", integer(101)}});
  CHECK(parameters.encodings.at(0).ssrc == 77u);
  CHECK(parameters.encodings.at(0).rtxSsrc == 78u);
  CHECK(parameters.encodings.at(0).scalabilityMode == "L3T3");
  CHECK(parameters.rtcp.cname == "ada");
  CHECK(parameters.rtcp.mux == true);
}

TEST_CASE("empty objects are empty parameters") {
  CHECK(read<RtpCapabilities>("{}") == RtpCapabilities{});
  CHECK(read<RtpParameters>("{}") == RtpParameters{});
  CHECK(read<RtpEncodingParameters>("{}") == RtpEncodingParameters{});
}

TEST_CASE("unknown fields and nulls are ignored") {
  const RtpParameters parameters =
      read<RtpParameters>(R"({"new":[1],"mid":null,"rtcp":null,"codecs":[],"msid":null})");
  CHECK(parameters == RtpParameters{});
}

TEST_CASE("every field of an encoding is written and read") {
  RtpEncodingParameters encoding;
  encoding.ssrc = 4294967295u;
  encoding.rid = "r0";
  encoding.codecPayloadType = 100;
  encoding.rtxSsrc = 2;
  encoding.dtx = true;
  encoding.scalabilityMode = "L1T3";
  encoding.scaleResolutionDownBy = 1.5;
  encoding.maxBitrate = 900000;
  encoding.maxFramerate = 30;
  encoding.active = false;
  encoding.adaptivePtime = true;
  encoding.priority = "high";
  encoding.networkPriority = "low";
  const Json json = toJson(encoding);
  CHECK(json.keys().size() == 13);
  CHECK(json.get<Json>("rtx").text() == R"({"ssrc":2})");
  CHECK(fromJson<RtpEncodingParameters>(Json::parse(json.text())) == encoding);
}

TEST_CASE("an encoding without wishes is an empty object") {
  CHECK(toJson(RtpEncodingParameters{}).text() == "{}");
}

TEST_CASE("the kind of a codec is that of its media type unless it is given") {
  const auto kindOf = [](const std::string& field) {
    return read<RtpCapabilities>(R"({"codecs":[{"clockRate":90000,)" + field + "}]}")
        .codecs.at(0)
        .kind;
  };
  CHECK(kindOf(R"("mimeType":"video/VP8")") == MediaKind::video);
  CHECK(kindOf(R"("mimeType":"AUDIO/opus")") == MediaKind::audio);
  CHECK(kindOf(R"("mimeType":"video/VP8","kind":"audio")") == MediaKind::audio);
}

TEST_CASE("a codec's parameters keep their types") {
  const auto parameters =
      read<RtpParameters>(
          oneCodec(R"("parameters":{"i":1,"n":-3,"s":"1","d":0.5,"t":true,"f":false,"x":null})"))
          .codecs.at(0)
          .parameters;
  CHECK(parameters == CodecParameters{{"i", integer(1)},
                                      {"n", integer(-3)},
                                      {"s", "1"},
                                      {"d", 0.5},
                                      {"t", integer(1)},
                                      {"f", integer(0)}});
}

TEST_CASE("a codec's parameters are written in their types") {
  RtpParameters parameters;
  parameters.codecs.resize(1);
  parameters.codecs[0].parameters = {{"i", integer(1)}, {"s", "42e01f"}, {"d", 0.5}};
  const Json written = toJson(parameters).list("codecs").at(0).get<Json>("parameters");
  CHECK(written == Json::parse(R"({"i":1,"s":"42e01f","d":0.5})"));
}

TEST_CASE("parameters that no fmtp line could hold are refused") {
  for (const char* parameters :
       {R"({"a":[1]})", R"({"a":{}})", R"({"a":"1;b=2"})", R"({"a b":1})", R"({"a=b":1})",
        R"({"a;b":1})", R"({"":1})", R"({"a":"x\r\na=candidate:1"})", R"([])", R"("a=1")"}) {
    CAPTURE(parameters);
    CHECK_THROWS_AS(read<RtpParameters>(oneCodec(std::string(R"("parameters":)") + parameters)),
                    Error);
  }
}

TEST_CASE("a fault names the item and the field") {
  CHECK(
      fault<RtpCapabilities>(
          R"({"codecs":[{"mimeType":"audio/opus","clockRate":48000},{"mimeType":"video/VP8"}]})") ==
      "codecs[1]: 'clockRate' is missing");
  CHECK(fault<RtpParameters>(oneCodec(R"("rtcpFeedback":[{"type":5}])")) ==
        "codecs[0]: rtcpFeedback[0]: 'type' is not a string");
  CHECK(fault<RtpParameters>(R"({"rtcp":{"cname":1}})") == "'cname' is not a string");
}

TEST_CASE("values of another type are refused") {
  CHECK_THROWS_AS(read<RtpCapabilities>("[]"), Error);
  CHECK_THROWS_AS(read<RtpCapabilities>("null"), Error);
  CHECK_THROWS_AS(read<RtpCapabilities>(R"({"codecs":{}})"), Error);
  CHECK_THROWS_AS(read<RtpCapabilities>(R"({"codecs":[null]})"), Error);
  CHECK_THROWS_AS(read<RtpCapabilities>(R"({"codecs":["audio/opus"]})"), Error);
  CHECK_THROWS_AS(read<RtpParameters>(R"({"mid":5})"), Error);
  CHECK_THROWS_AS(read<RtpParameters>(R"({"rtcp":[]})"), Error);
  CHECK_THROWS_AS(read<RtpEncodingParameters>(R"({"rtx":5})"), Error);
  CHECK_THROWS_AS(read<RtpEncodingParameters>(R"({"active":"yes"})"), Error);
}

TEST_CASE("numbers out of range are refused") {
  const auto capability = [](const std::string& fields) {
    return fault<RtpCapabilities>(R"({"codecs":[{"mimeType":"audio/opus",)" + fields + "}]}");
  };
  CHECK(capability(R"("clockRate":0)") ==
        "codecs[0]: "
        "'clockRate' is out of range");
  CHECK(capability(R"("clockRate":-1)") ==
        "codecs[0]: "
        "'clockRate' is out of range");
  CHECK(capability(R"("clockRate":4294967296)") ==
        "codecs[0]: "
        "'clockRate' is out of range");
  CHECK(capability(R"("clockRate":1.5)") ==
        "codecs[0]: "
        "'clockRate' is not an integer");
  CHECK(capability(R"("clockRate":1,"preferredPayloadType":128)") ==
        "codecs[0]: "
        "'preferredPayloadType' is out of range");
  CHECK(capability(R"("clockRate":1,"channels":0)") ==
        "codecs[0]: "
        "'channels' is out of range");
  CHECK(capability(R"("clockRate":1,"channels":256)") ==
        "codecs[0]: "
        "'channels' is out of range");
  CHECK(fault<RtpParameters>(R"({"headerExtensions":[{"uri":"u","id":0}]})") ==
        "headerExtensions[0]: "
        "'id' is out of range");
}

TEST_CASE("an encoding's numbers have to make sense") {
  for (const char* text :
       {R"({"ssrc":-1})", R"({"ssrc":4294967296})", R"({"scaleResolutionDownBy":0.5})",
        R"({"scaleResolutionDownBy":1e999})", R"({"maxFramerate":-1})", R"({"maxBitrate":-5})",
        R"({"codecPayloadType":200})", R"({"rtx":{}})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read<RtpEncodingParameters>(text), Error);
  }
}

TEST_CASE("too many items are refused") {
  const std::string codec = R"({"mimeType":"audio/opus","clockRate":1})";
  CHECK(read<RtpCapabilities>(R"({"codecs":[)" + repeated(codec, 64) + "]}").codecs.size() == 64);
  CHECK(fault<RtpCapabilities>(R"({"codecs":[)" + repeated(codec, 65) + "]}") ==
        "'codecs' has too many items");
  CHECK(fault<RtpParameters>(R"({"encodings":[)" + repeated("{}", 65) + "]}") ==
        "'encodings' has too many items");
}

TEST_CASE("text that could break a line of SDP is refused") {
  CHECK(fault<RtpParameters>(R"({"mid":"0\r\na=x"})") == "'mid' holds control characters");
  CHECK(fault<RtpParameters>(R"({"rtcp":{"cname":"a\nb"}})") == "'cname' holds control characters");
  CHECK(fault<RtpParameters>(R"({"mid":"0 1"})") == "'mid' holds a blank");
  CHECK(fault<RtpParameters>(R"({"mid":""})") == "'mid' is empty");
  CHECK(fault<RtpParameters>(R"({"mid":")" + std::string(257, 'x') + "\"}") == "'mid' is too long");
}

TEST_CASE("media types other than audio and video are refused") {
  for (const char* mimeType : {"opus", "audio/", "/opus", "text/plain", "", "audio/opus x"}) {
    CAPTURE(mimeType);
    CHECK_THROWS_AS(read<RtpCapabilities>(R"({"codecs":[{"clockRate":1,"mimeType":")" +
                                          std::string(mimeType) + "\"}]}"),
                    Error);
  }
}

TEST_CASE("a media kind is audio or video") {
  CHECK(read<MediaKind>(R"("audio")") == MediaKind::audio);
  CHECK(fromJson<MediaKind>(toJson(MediaKind::video)) == MediaKind::video);
  CHECK(toString(MediaKind::audio) == "audio");
  CHECK_THROWS_AS(read<MediaKind>(R"("application")"), Error);
  CHECK_THROWS_AS(read<MediaKind>("1"), Error);
}

TEST_CASE("a header extension's direction is sendrecv unless it is given") {
  const auto directionOf = [](const std::string& field) {
    return read<RtpCapabilities>(R"({"headerExtensions":[{"uri":"u","preferredId":1)" + field +
                                 "}]}")
        .headerExtensions.at(0)
        .direction;
  };
  CHECK(directionOf("") == RtpHeaderExtensionDirection::sendrecv);
  CHECK(directionOf(R"(,"direction":"sendonly")") == RtpHeaderExtensionDirection::sendonly);
  CHECK(directionOf(R"(,"direction":"inactive")") == RtpHeaderExtensionDirection::inactive);
  CHECK_THROWS_AS(directionOf(R"(,"direction":"both")"), Error);
}

TEST_CASE("channels of video are dropped") {
  const auto parameters = read<RtpParameters>(
      R"({"codecs":[{"mimeType":"video/VP8","payloadType":96,"clockRate":90000,"channels":1}]})");
  CHECK_FALSE(parameters.codecs.at(0).channels);
}
