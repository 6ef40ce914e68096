// Fingerprints: which of a peer's announced fingerprints its certificate has to match. Internal.
#pragma once

#include <string>
#include <vector>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// The announced fingerprints that identify a certificate: those of sha-256, sha-384 and sha-512,
/// in one spelling (lower-case algorithm, upper-case digits). Weaker and unknown hashes are left
/// out, since anyone may have a second certificate with the same one (RFC 8122, section 5). Throws
/// Error(InvalidArgument) when none is left, when one has the wrong length for its hash, and when
/// two of the same hash differ, since no certificate matches both.
std::vector<DtlsFingerprint> verifiableFingerprints(const DtlsParameters& parameters);

/// The bytes of a digest as a fingerprint spells them: "AB:01:…".
std::string fingerprintText(const unsigned char* digest, std::size_t size);

}  // namespace cosoup
