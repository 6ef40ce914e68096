#include "cosoup/core/utf8.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using namespace std::string_literals;

TEST_CASE("NUL and all of Unicode are UTF-8") {
  CHECK(isUtf8(""));
  CHECK(isUtf8("a\0b\0"s));
  CHECK(isUtf8("ä€😀"));
  CHECK(toUtf8("a\0ä€😀\0"s) == "a\0ä€😀\0"s);
}

TEST_CASE("what is no UTF-8 is seen, and replaced byte by byte") {
  CHECK_FALSE(isUtf8("\xff"));
  CHECK_FALSE(isUtf8("a\xc3"));
  CHECK_FALSE(isUtf8("\0\x80"s));
  CHECK_FALSE(isUtf8("\xed\xa0\x80"));  // a surrogate
  CHECK(toUtf8("a\xff\0b\xc3"s) == "a\uFFFD\0b\uFFFD"s);
}
