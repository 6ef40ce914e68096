#include "cosoup/webrtc/certificate.hpp"

#include "support/catch.hpp"

using namespace cosoup;

namespace {

// Made by `openssl req -x509`, its fingerprints printed by `openssl x509 -fingerprint`.
constexpr char kCertificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUGFv0f6iqPL3Q+Z2gidaPvTSlYawwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjkxNzI2MTNaGA8yMTI2MTEwNTE3MjYx
M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAwm
77zHmXwF88oSWOHNZxmU/gJl3FKsxsiBoO0b45WNu5bj42Vx0QZG1Le1sn98NyDH
THnCZC8iCYKGUV7osL2jUzBRMB0GA1UdDgQWBBQERw1w/0PpVgWt/9W4kJYgr4kn
PzAfBgNVHSMEGDAWgBQERw1w/0PpVgWt/9W4kJYgr4knPzAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCZ0FBGhW4UiKxCIen58FirkcVoMmkwYqQM
76/yGxhxMQIgVE4h9jVVAXcMZzFgM/ZcFpOwigXdJ3cXy5TpxovLxM8=
-----END CERTIFICATE-----
)";

}  // namespace

TEST_CASE("a certificate has the fingerprints that openssl prints") {
  const auto of = [](const char* algorithm) {
    const DtlsFingerprint fingerprint = certificateFingerprint(kCertificate, algorithm);
    CHECK(fingerprint.algorithm == algorithm);
    return fingerprint.value;
  };
  CHECK(of("sha-256") ==
        "4C:B5:3A:B3:05:C0:3A:F8:76:6F:98:6A:47:7C:2D:37:3D:E7:C4:96:BC:DE:58:11:5B:AF:0D:A9:51:19:"
        "B2:61");
  CHECK(of("sha-384") ==
        "83:C0:CA:2F:8A:B1:82:18:24:B8:99:4C:1E:CB:EA:27:D5:9C:BF:FA:C7:E7:34:35:00:A1:7B:5D:BF:F5:"
        "CD:60:95:C4:4F:5C:BD:EC:B3:CD:C4:5F:D6:67:9F:91:7D:ED");
  CHECK(of("sha-512") ==
        "89:F8:DC:C4:58:CD:49:52:6E:55:45:A5:2A:A4:E2:4C:73:C8:8B:71:7C:9D:AF:51:83:58:42:66:D4:78:"
        "6D:A6:F0:C1:DF:70:AA:01:EF:EB:D3:BA:B6:7C:70:45:60:92:29:82:E1:A8:DA:1F:1C:A8:04:04:3F:56:"
        "57:BE:FB:3D");
}

TEST_CASE("our own certificate has the fingerprint that the server is given") {
  const DtlsCertificate& ours = dtlsCertificate();
  CHECK(certificateFingerprint(ours.pem, "sha-256") == ours.fingerprint);
}

TEST_CASE("what is not a certificate has no fingerprint") {
  for (const char* pem :
       {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CAPTURE(pem);
    CHECK_THROWS_AS(certificateFingerprint(pem, "sha-256"), Error);
  }
  CHECK_THROWS_AS(certificateFingerprint(kCertificate, "sha-257"), Error);
}
