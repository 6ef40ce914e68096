// The DTLS certificate of this process, and fingerprints of others. Internal.
#pragma once

#include <string>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// A self-signed ECDSA P-256 certificate, as browsers use them (RFC 8827, section 6.5).
struct DtlsCertificate {
  std::string pem;              ///< certificate, then private key
  DtlsFingerprint fingerprint;  ///< sha-256 of the certificate's DER form
};

/// Made once per process, on the first call; thread-safe. Throws Error(Media).
const DtlsCertificate& dtlsCertificate();

/// The hash of a certificate's DER form (RFC 8122, section 5); `algorithm` is "sha-256", "sha-384"
/// or "sha-512". Thread-safe. Throws Error(Media), also for what is not a certificate.
DtlsFingerprint certificateFingerprint(const std::string& pem, const std::string& algorithm);

}  // namespace cosoup
