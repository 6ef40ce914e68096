#include "cosoup/webrtc/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "cosoup/rtc/fingerprints.hpp"

namespace cosoup {
namespace {

// A month on either side is what libwebrtc uses; the peers compare fingerprints, not dates.
constexpr long kValidSeconds = 30L * 24 * 60 * 60;

template <auto function>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;

template <class T>
T checked(T result, const char* step) {
  if (!result) {
    throw Error(Error::Code::Media, std::string("DTLS certificate: cannot ") + step);
  }
  return result;
}

Certificate selfSigned(EVP_PKEY* key) {
  Certificate certificate(checked(X509_new(), "allocate it"));
  X509* x509 = certificate.get();
  std::uint32_t serial = 0;
  checked(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
          "draw a serial");
  checked(X509_set_version(x509, X509_VERSION_3), "set the version");
  checked(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial), "set the serial");
  checked(X509_gmtime_adj(X509_getm_notBefore(x509), -kValidSeconds), "set the start");
  checked(X509_gmtime_adj(X509_getm_notAfter(x509), kValidSeconds), "set the end");
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* commonName = reinterpret_cast<const unsigned char*>("WebRTC");
  checked(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, commonName, -1, -1, 0),
          "set the name");
  checked(X509_set_issuer_name(x509, name), "set the issuer");
  checked(X509_set_pubkey(x509, key), "set the key");
  checked(X509_sign(x509, key, EVP_sha256()), "sign it");
  return certificate;
}

std::string pemOf(X509* certificate, EVP_PKEY* key) {
  const Bio bio(checked(BIO_new(BIO_s_mem()), "write it"));
  checked(PEM_write_bio_X509(bio.get(), certificate), "write it");
  checked(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr),
          "write its key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

DtlsFingerprint fingerprintOf(X509* certificate, const std::string& algorithm) {
  std::string name = algorithm;
  std::erase(name, '-');  // as OpenSSL spells it
  const EVP_MD* hash = checked(EVP_get_digestbyname(name.c_str()), "hash it by such an algorithm");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  checked(X509_digest(certificate, hash, digest.data(), &size), "hash it");
  return DtlsFingerprint{algorithm, fingerprintText(digest.data(), size)};
}

DtlsCertificate make() {
  const Key key(checked(EVP_EC_gen("P-256"), "make a key"));
  const Certificate certificate = selfSigned(key.get());
  return DtlsCertificate{pemOf(certificate.get(), key.get()),
                         fingerprintOf(certificate.get(), "sha-256")};
}

}  // namespace

const DtlsCertificate& dtlsCertificate() {
  static const DtlsCertificate certificate = make();
  return certificate;
}

DtlsFingerprint certificateFingerprint(const std::string& pem, const std::string& algorithm) {
  const Bio bio(checked(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "read it"));
  const Certificate certificate(
      checked(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), "read it"));
  return fingerprintOf(certificate.get(), algorithm);
}

}  // namespace cosoup
