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

TEST_CASE("nesting that could exhaust the stack is refused") {
  CHECK_THROWS_WITH(Json::parse(std::string(500000, '[')), "JSON is nested too deeply");
  // A quote in a comment must not hide the brackets after it.
  CHECK_THROWS_AS(Json::parse("/*\"*/" + std::string(500000, '[')), Error);
  CHECK_NOTHROW(
      Json::parse(R"(["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])"));
}

TEST_CASE("a member that is set to itself stays as it is, and nothing is lost") {
  Json object = Json::parse(R"({"id":"a text"})");
  object.set("id", object.get<Json>("id"));
  const Json other = object;
  object.set("id", other.get<Json>("id"));
  CHECK(object.text() == R"({"id":"a text"})");
}
