#include "cosoup/core/json.hpp"

#include "support/catch.hpp"

using cosoup::Error;
using cosoup::Json;

TEST_CASE("a copy of a JSON value keeps its members when the original changes") {
  Json original = Json::parse(R"({"id":3,"list":[1,2]})");
  const Json copy = original;
  original.set("id", 4);
  CHECK(copy.get<std::int64_t>("id") == 3);
  CHECK(original.get<std::int64_t>("id") == 4);
}

TEST_CASE("a value put into another does not change with it") {
  Json inner = Json::array({1});
  Json outer = Json::object({{"inner", inner}});
  inner.push(2);
  CHECK(outer.text() == R"({"inner":[1]})");
  CHECK(inner.text() == "[1,2]");
}

TEST_CASE("typed access names the field that is missing or of another type") {
  const Json json = Json::parse(R"({"text":"x","number":300,"nothing":null})");
  CHECK_THROWS_WITH(json.get<std::string>("absent"), "'absent' is missing");
  CHECK_THROWS_WITH(json.get<std::string>("nothing"), "'nothing' is missing");
  CHECK_THROWS_WITH(json.get<std::string>("number"), "'number' is not a string");
  CHECK_THROWS_WITH(json.get<std::uint8_t>("number"), "'number' is out of range");
  CHECK_THROWS_WITH(json.get<bool>("text"), "'text' is not a boolean");
  CHECK_THROWS_WITH(json.list("text"), "'text' is not an array");
}

TEST_CASE("an absent optional member is no error, a wrong one is") {
  const Json json = Json::parse(R"({"text":"x","nothing":null})");
  CHECK_FALSE(json.find<std::string>("absent"));
  CHECK_FALSE(json.find<std::string>("nothing"));
  CHECK(json.find<std::string>("text") == "x");
  CHECK_THROWS_AS(json.find<double>("text"), Error);
}

TEST_CASE("text that is not one JSON value is refused") {
  for (const char* text : {"", "{", "nul", R"({"a":1}x)", "[1,]x", "{}[]", "2[[1]]", "'a'",
                           "/* a comment */1", "[1]/**/", "var a = {}", "0x10", R"(["a)", R"(["\")",
                           R"("\ud0")", R"("\u00g0")", R"("\2337")", R"("\x41")", R"("\")"}) {
    INFO(text);
    CHECK_THROWS_AS(Json::parse(text), Error);
  }
}

TEST_CASE("half a surrogate pair is read as a replacement character") {
  const auto read = [](const char* text) { return Json::parse(text).as<std::string>(); };
  CHECK(read(R"("A\ud83d")") == "A\uFFFD");
  CHECK(read(R"("\ude00\ud83d\u0041")") == "\uFFFD\uFFFD\u0041");
  CHECK(read(R"("\ud83d\uDAe0")") == "\uFFFD\uFFFD");
  CHECK(read(R"("\ud83d\ude00")") == "\U0001F600");
  CHECK(read(R"("\\ud83d")") == R"(\ud83d)");
  CHECK(Json::parse(R"({"\ud83d":1})").keys().front() == "\uFFFD");
}

namespace {

std::string nested(int levels, const std::string& inner = "") {
  return std::string(static_cast<std::size_t>(levels), '[') + inner +
         std::string(static_cast<std::size_t>(levels), ']');
}

std::string ones(int count) {
  std::string result = "[1";
  for (int i = 1; i < count; ++i) result += ",1";
  return result + "]";
}

}  // namespace

TEST_CASE("a value that is nested too deeply is null, and costs none of its neighbours") {
  CHECK(Json::parse(nested(64)).text() == nested(64));
  CHECK(Json::parse(nested(65)).text() == nested(64, "null"));
  CHECK(Json::parse(nested(500'000)).text() == nested(64, "null"));
  const std::string deep = R"({"a":)" + nested(300, R"("]]]",{"x":[]},5)") + R"(,"b":[2,{}]})";
  const Json json = Json::parse(deep);
  CHECK(json.get<Json>("a").text() == nested(63, "null"));
  CHECK(json.get<Json>("b").text() == "[2,{}]");
  CHECK(Json::parse(nested(62, "[[[]],[{}],7]")).text() == nested(62, "[[null],[null],7]"));
}

TEST_CASE("brackets without end or partner are refused, however many there are") {
  CHECK_THROWS_AS(Json::parse(std::string(500'000, '[')), Error);
  CHECK_THROWS_AS(Json::parse(nested(100, "}")), Error);
  CHECK_THROWS_AS(Json::parse("[}"), Error);
  // A quote in a comment must not hide the brackets after it.
  CHECK_THROWS_AS(Json::parse("/*\"*/" + std::string(500'000, '[')), Error);
  CHECK_NOTHROW(
      Json::parse(R"(["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])"));
}

TEST_CASE("an entry that holds very many values is null, and a text of too many is refused") {
  const auto entry = [](int count) { return R"({"l":[{"d":)" + ones(count) + "},7]}"; };
  const auto level5 = [&](int count) { return "[" + entry(count) + "]"; };
  CHECK(Json::parse(level5(1'000)).text() == level5(1'000));
  CHECK(Json::parse(level5(1'002)).text() == R"([{"l":[{"d":null},7]}])");
  CHECK(Json::parse(entry(5'000)).text() == entry(5'000));  // of a level above
  CHECK_THROWS_WITH(Json::parse(ones(300'000)), "JSON has too many values");
  // Many entries of which each is left out do not add up.
  std::string many = "[[[[";
  for (int i = 0; i < 500; ++i) many += (i ? "," : "") + ones(5'000);
  const Json list = Json::parse(many + "]]]]").items()[0].items()[0].items()[0];
  CHECK(list.items().size() == 500);
  CHECK(list.items()[0].isNull());
}

TEST_CASE("a member that is set to itself stays as it is, and nothing is lost") {
  Json object = Json::parse(R"({"id":"a text"})");
  object.set("id", object.get<Json>("id"));
  const Json other = object;
  object.set("id", other.get<Json>("id"));
  CHECK(object.text() == R"({"id":"a text"})");
}
