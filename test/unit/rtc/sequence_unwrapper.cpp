#include "cosoup/rtc/sequence_unwrapper.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using Kind = SequenceUnwrapper::Kind;

namespace {

/// All that came is awaited no more.
struct Numbering {
  Kind come(std::int64_t number, bool isResent = false) {
    const auto result =
        unwrapper.unwrap(static_cast<std::uint16_t>(number), isResent, oldestAwaited);
    last = result.number;
    if (result.kind == Kind::First || result.kind == Kind::Ahead) oldestAwaited = last + 1;
    return result.kind;
  }

  SequenceUnwrapper unwrapper;
  std::int64_t oldestAwaited = 0;
  std::int64_t last = 0;
};

}  // namespace

TEST_CASE("numbers go on where the 16 bits wrap, for and back") {
  Numbering numbering;
  CHECK(numbering.come(65534) == Kind::First);
  CHECK(numbering.last == 65534);
  for (std::int64_t number = 65535; number < 300'000; number += number % 3 + 1) {
    REQUIRE(numbering.come(number) == Kind::Ahead);
    REQUIRE(numbering.last == number);
    REQUIRE(numbering.come(number - 5) == Kind::Behind);
    REQUIRE(numbering.last == number - 5);
  }
}

TEST_CASE("a number the same as the newest is behind") {
  Numbering numbering;
  numbering.come(7);
  CHECK(numbering.come(7) == Kind::Behind);
  CHECK(numbering.last == 7);
}

TEST_CASE("how far a number may be ahead or behind") {
  struct Row {
    std::int64_t number;
    Kind kind;
  };
  for (const Row& row : {Row{13000, Kind::Ahead}, Row{13001, Kind::Stray},
                         Row{10001 - 512, Kind::Behind}, Row{10001 - 513, Kind::Stray}}) {
    INFO(row.number);
    Numbering numbering;
    numbering.come(10000);
    CHECK(numbering.come(row.number) == row.kind);
  }
}

TEST_CASE("a number that is still awaited is never a stray") {
  Numbering numbering;
  numbering.come(10000);
  numbering.come(12000);
  numbering.oldestAwaited = 10001;
  CHECK(numbering.come(10001) == Kind::Behind);
  CHECK(numbering.come(10001 - 512) == Kind::Behind);
  CHECK(numbering.come(10001 - 513) == Kind::Stray);
}

TEST_CASE("two far packets in order are a restart, and go on above all before") {
  for (const std::int64_t to : {1, 9000, 20000, 65534, 65535}) {
    INFO(to);
    Numbering numbering;
    numbering.come(10000);
    CHECK(numbering.come(to) == Kind::Stray);
    CHECK(numbering.come(to + 1) == Kind::Restart);
    CHECK(numbering.last > 10001);
    CHECK(static_cast<std::uint16_t>(numbering.last) == static_cast<std::uint16_t>(to + 1));
    const std::int64_t first = numbering.last;
    CHECK(numbering.come(to + 2) == Kind::Ahead);
    CHECK(numbering.last == first + 1);
  }
}

TEST_CASE("far packets out of order, twice the same, or apart are no restart") {
  Numbering numbering;
  numbering.come(10000);
  CHECK(numbering.come(30001) == Kind::Stray);
  CHECK(numbering.come(30000) == Kind::Stray);
  CHECK(numbering.come(30000) == Kind::Stray);
  CHECK(numbering.come(30002) == Kind::Stray);
  CHECK(numbering.come(10001) == Kind::Ahead);
  CHECK(numbering.come(30003) == Kind::Stray);
  CHECK(numbering.come(10001) == Kind::Behind);  // an old one between does no harm
  CHECK(numbering.come(30004) == Kind::Restart);
}

TEST_CASE("what is sent again begins nothing") {
  Numbering numbering;
  CHECK(numbering.come(30000, true) == Kind::Stray);
  CHECK(numbering.come(10000) == Kind::First);
  CHECK(numbering.come(30000, true) == Kind::Stray);
  CHECK(numbering.come(30001, true) == Kind::Stray);
  CHECK(numbering.come(30002) == Kind::Stray);
  CHECK(numbering.come(10001, true) == Kind::Ahead);
}
