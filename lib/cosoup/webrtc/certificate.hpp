// The DTLS certificate of this process.
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

}  // namespace cosoup
