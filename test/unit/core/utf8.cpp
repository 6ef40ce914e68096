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

TEST_CASE("what steers a terminal or a log is not printable, all of Unicode's text is") {
  CHECK(printable("ä€😀 👩‍👩‍👧") == "ä€😀 👩‍👩‍👧");
  CHECK(printable("a\x1b[31mb\r\nc\td\x7f\0e"s) == "a[31mb  c de");
  CHECK(printable("a\u009b31mb\u0085c") == "a31mbc");             // of 8 bits
  CHECK(printable("a\u202eb\u2066c\u2069d\u2028e") == "abcd e");  // turns, a line's end
  CHECK(printable("a\xff") == "a\uFFFD");
}

TEST_CASE("a text that is too long is cut between two characters") {
  CHECK(printable("abcd", 4) == "abcd");
  CHECK(printable("abcde", 4) == "abcd");
  CHECK(printable("abc€", 6) == "abc€");
  CHECK(printable("abc€", 5) == "abc");
  CHECK(printable("abc€", 4) == "abc");
  CHECK(printable("€", 1) == "");
  CHECK(printable("\xff\xff", 4) == "\uFFFD");
  CHECK(printable("abc", 0) == "");
}
