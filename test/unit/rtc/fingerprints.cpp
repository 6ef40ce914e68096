#include "cosoup/rtc/fingerprints.hpp"

#include "support/catch.hpp"

using namespace cosoup;
using Fingerprints = std::vector<DtlsFingerprint>;

namespace {

std::string ofBytes(std::size_t count, const std::string& byte) {
  std::string text = byte;
  for (std::size_t i = 1; i < count; ++i) text += ":" + byte;
  return text;
}

Fingerprints verifiable(Fingerprints announced) {
  return verifiableFingerprints({DtlsRole::automatic, std::move(announced)});
}

void checkRefused(Fingerprints announced, const std::string& reason) {
  CAPTURE(reason);
  CHECK_THROWS_WITH(verifiable(std::move(announced)), "'fingerprints' " + reason);
}

}  // namespace

TEST_CASE("of the announced fingerprints those of strong hashes count, all of them") {
  const Fingerprints strong = {{"sha-512", ofBytes(64, "0A")},
                               {"sha-256", ofBytes(32, "0B")},
                               {"sha-384", ofBytes(48, "0C")}};
  Fingerprints announced = strong;
  announced.insert(announced.begin(), {"sha-1", ofBytes(20, "01")});
  announced.push_back({"sha-224", ofBytes(28, "02")});
  announced.push_back({"md5", ofBytes(16, "03")});
  announced.push_back({"sha3-256", ofBytes(32, "04")});
  CHECK(verifiable(announced) == strong);
}

TEST_CASE("fingerprints are compared in one spelling") {
  CHECK(verifiable({{"SHA-256", ofBytes(32, "aB")}}) ==
        Fingerprints{{"sha-256", ofBytes(32, "AB")}});
}

TEST_CASE("fingerprints of weak or unknown hashes alone are refused") {
  const std::string reason = "has none of sha-256, sha-384 and sha-512";
  checkRefused({}, reason);
  checkRefused({{"sha-1", ofBytes(20, "01")}}, reason);
  checkRefused({{"md5", ofBytes(16, "01")}, {"sha-224", ofBytes(28, "01")}}, reason);
  checkRefused({{"sha256", ofBytes(32, "01")}}, reason);
}

TEST_CASE("a fingerprint of the wrong length is refused, also beside a good one") {
  const DtlsFingerprint good{"sha-512", ofBytes(64, "01")};
  for (const std::size_t bytes : {1, 20, 31, 33, 64}) {
    checkRefused({good, {"sha-256", ofBytes(bytes, "01")}}, "has a sha-256 of the wrong length");
  }
  checkRefused({good, {"sha-256", ""}}, "has a sha-256 of the wrong length");
}

TEST_CASE("two fingerprints of one hash have to agree") {
  const DtlsFingerprint one{"sha-256", ofBytes(32, "01")};
  const DtlsFingerprint other{"sha-256", ofBytes(32, "02")};
  CHECK(verifiable({one, one}) == Fingerprints{one, one});
  checkRefused({one, other}, "has two different values of sha-256");
}
