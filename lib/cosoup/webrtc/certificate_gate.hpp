// CertificateGate: nothing passes before the peer has proved that it is the one we were told of.
// Internal.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// Holds the certificate that the peer shows in the DTLS handshake against the fingerprints that it
/// announced through signaling (RFC 8827, section 6.5), which webrtcbin does not do. Until every
/// one matches no RTP, RTCP or data passes in either direction; after a mismatch nothing ever does.
/// Thread-safe.
class CertificateGate : public std::enable_shared_from_this<CertificateGate> {
 public:
  /// `onRefused` runs at most once, on a streaming thread, with why.
  explicit CertificateGate(std::function<void(const std::string&)> onRefused);

  /// What the certificate has to match, as verifiableFingerprints() gives it. To be called before
  /// the handshake; without it no certificate is good enough.
  void expect(std::vector<DtlsFingerprint> fingerprints);

  /// To be called with every element inside webrtcbin, as it is added.
  void watch(GstElement* element);

  bool isOpen() const { return verdict_ == Verdict::trusted; }

 private:
  enum class Verdict { pending, trusted, refused };

  static void onPeerCertificate(GObject* dtlssrtpdec, GParamSpec*, gpointer self);

  void watchHandshake(GstElement* dtlssrtpdec);
  void guard(GstPad* pad);
  void judge(const std::string& pem);
  std::optional<std::string> mismatch(const std::string& pem) const;
  void refuse(const std::string& reason);

  const std::function<void(const std::string&)> onRefused_;
  mutable std::mutex mutex_;
  std::vector<DtlsFingerprint> expected_;
  std::atomic<Verdict> verdict_ = Verdict::pending;
};

}  // namespace cosoup
