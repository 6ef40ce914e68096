#include "cosoup/rtc/fingerprints.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace cosoup {
namespace {

using Hash = std::pair<const char*, std::size_t>;  // its name and its size in bytes
constexpr std::array<Hash, 3> kStrongHashes{{{"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}}};

[[noreturn]] void fail(const std::string& reason) {
  throw Error(Error::Code::InvalidArgument, "'fingerprints' " + reason);
}

std::string mapped(std::string text, int (*convert)(int)) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [&](unsigned char c) { return static_cast<char>(convert(c)); });
  return text;
}

}  // namespace

std::vector<DtlsFingerprint> verifiableFingerprints(const DtlsParameters& parameters) {
  std::vector<DtlsFingerprint> strong;
  for (const DtlsFingerprint& announced : parameters.fingerprints) {
    const std::string algorithm = mapped(announced.algorithm, &std::tolower);
    const auto hash = std::find_if(kStrongHashes.begin(), kStrongHashes.end(),
                                   [&](const Hash& known) { return known.first == algorithm; });
    if (hash == kStrongHashes.end()) continue;
    const std::string value = mapped(announced.value, &std::toupper);
    if (value.size() != 3 * hash->second - 1) fail("has a " + algorithm + " of the wrong length");
    for (const DtlsFingerprint& other : strong) {
      if (other.algorithm == algorithm && other.value != value) {
        fail("has two different values of " + algorithm);
      }
    }
    strong.push_back({algorithm, value});
  }
  if (strong.empty()) fail("has none of sha-256, sha-384 and sha-512");
  return strong;
}

std::string fingerprintText(const unsigned char* digest, std::size_t size) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace cosoup
