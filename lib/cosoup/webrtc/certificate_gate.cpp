#include "cosoup/webrtc/certificate_gate.hpp"

#include <utility>

#include "cosoup/gst/probe.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/gst/sink_pads.hpp"
#include "cosoup/webrtc/certificate.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

using Held = std::shared_ptr<CertificateGate>;

void release(gpointer data) { delete static_cast<Held*>(data); }

}  // namespace

CertificateGate::CertificateGate(std::function<void(const std::string&)> onRefused)
    : onRefused_(std::move(onRefused)) {}

void CertificateGate::expect(std::vector<DtlsFingerprint> fingerprints) {
  const std::lock_guard lock(mutex_);
  expected_ = std::move(fingerprints);
}

// ---- where packets pass ------------------------------------------------------------------------

void CertificateGate::watch(GstElement* element) {
  if (isMadeBy(element, inner::dtlsSrtpDec)) watchHandshake(element);
  // Behind the encryption's own wait for keys, so that what a source sends early is not lost.
  if (isMadeBy(element, inner::srtpEnc) || isMadeBy(element, inner::dtlsEnc)) {
    forEachSinkPad(element, [self = shared_from_this()](GstPad* pad) { self->guard(pad); });
  }
  if (!g_str_has_prefix(GST_OBJECT_NAME(element), inner::transportReceiveBin)) return;
  for (const char* name : {inner::receivedRtp, inner::receivedRtcp, inner::receivedData}) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, name));
    if (pad) guard(pad.get());
    if (!pad) refuse(std::string("this version of GStreamer has no pad ") + name + " to guard");
  }
}

void CertificateGate::guard(GstPad* pad) {
  addProbe(pad, kDataProbe, [self = shared_from_this()](GstPad*, GstPadProbeInfo*) {
    return self->isOpen() ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
  });
}

// ---- the certificate ---------------------------------------------------------------------------

void CertificateGate::watchHandshake(GstElement* dtlssrtpdec) {
  g_signal_connect_data(
      dtlssrtpdec, "notify::peer-pem", G_CALLBACK(&CertificateGate::onPeerCertificate),
      new Held(shared_from_this()), [](gpointer data, GClosure*) { release(data); },
      static_cast<GConnectFlags>(0));
}

void CertificateGate::onPeerCertificate(GObject* dtlssrtpdec, GParamSpec*, gpointer data) {
  const Held self = *static_cast<Held*>(data);
  char* pem = nullptr;
  g_object_get(dtlssrtpdec, inner::peerPem, &pem, nullptr);
  self->judge(pem ? pem : "");
  g_free(pem);
  if (self->verdict_ != Verdict::refused) return;
  // The handshake ends here, and so does all that would come after it.
  const auto sink =
      Ref<GstPad>::adopt(gst_element_get_static_pad(GST_ELEMENT(dtlssrtpdec), inner::sink));
  if (sink) addProbe(sink.get(), kDataProbe, [](auto&&...) { return GST_PAD_PROBE_DROP; });
}

// Of a chain every certificate is shown, the peer's own as the last one. One that does not match is
// enough: somebody else's chain may end in the certificate that we expect.
void CertificateGate::judge(const std::string& pem) {
  const std::optional<std::string> reason = mismatch(pem);
  if (reason) {
    refuse(*reason);
    return;
  }
  Verdict pending = Verdict::pending;
  verdict_.compare_exchange_strong(pending, Verdict::trusted);
}

std::optional<std::string> CertificateGate::mismatch(const std::string& pem) const {
  std::vector<DtlsFingerprint> expected;
  {
    const std::lock_guard lock(mutex_);
    expected = expected_;
  }
  if (expected.empty()) return "no fingerprint was announced";
  try {
    for (const DtlsFingerprint& announced : expected) {
      const DtlsFingerprint shown = certificateFingerprint(pem, announced.algorithm);
      if (shown == announced) continue;
      g_info("transport: the peer's certificate has the %s fingerprint %s, announced was %s",
             shown.algorithm.c_str(), shown.value.c_str(), announced.value.c_str());
      return "its certificate does not have the announced " + shown.algorithm + " fingerprint";
    }
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

void CertificateGate::refuse(const std::string& reason) {
  if (verdict_.exchange(Verdict::refused) != Verdict::refused) onRefused_(reason);
}

}  // namespace cosoup
