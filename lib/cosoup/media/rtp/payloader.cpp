#include "cosoup/media/rtp/payloader.hpp"

#include <gst/rtp/rtp.h>

#include <array>
#include <string_view>

#include "cosoup/core/error.hpp"
#include "cosoup/media/elements.hpp"
#include "cosoup/media/rtp/header_values.hpp"
#include "cosoup/media/rtp/header_writer.hpp"
#include "cosoup/rtc/codec_match.hpp"
#include "cosoup/rtc/extension_values.hpp"
#include "cosoup/rtc/header_extension_uris.hpp"

namespace cosoup {
namespace {

constexpr guint largestPacket = 1200;
// The payloader does not count header extensions: mid, abs-send-time or transport-cc, a rid, and
// some that come now and then (abs-capture-time, video-orientation, playout-delay).
constexpr guint extensionReserve = 40;

struct Packing {
  const char* mimeType;
  const char* payloader;
  const char* depayloader;
  const char* depayloadedCaps;  // null: whatever the depayloader gives
};

constexpr std::array packings = {
    Packing{"audio/opus", "rtpopuspay", "rtpopusdepay", nullptr},
    Packing{"audio/PCMU", "rtppcmupay", "rtppcmudepay", nullptr},
    Packing{"audio/PCMA", "rtppcmapay", "rtppcmadepay", nullptr},
    Packing{"video/VP8", "rtpvp8pay", "rtpvp8depay", nullptr},
    Packing{"video/VP9", "rtpvp9pay", "rtpvp9depay", nullptr},
    Packing{"video/H264", "rtph264pay", "rtph264depay",
            "video/x-h264, stream-format=byte-stream, alignment=au"},
    Packing{"video/H265", "rtph265pay", "rtph265depay",
            "video/x-h265, stream-format=byte-stream, alignment=au"},
    Packing{"video/AV1", "rtpav1pay", "rtpav1depay", nullptr},
};

const Packing& packingOf(const std::string& mimeType, const char* operation) {
  for (const Packing& packing : packings) {
    if (g_ascii_strcasecmp(packing.mimeType, mimeType.c_str()) == 0) return packing;
  }
  throw Error(Error::Code::Unsupported,
              std::string(operation) + ": unknown codec '" + mimeType + "'");
}

GstElement* makeInstalled(const char* factory, const std::string& mimeType, const char* operation) {
  ensureGStreamer();
  if (GstElement* element = gst_element_factory_make(factory, nullptr)) return element;
  throw Error(Error::Code::Unsupported, std::string(operation) + ": no element '" + factory +
                                            "' for " + mimeType + " is installed");
}

Ref<GstRTPHeaderExtension> makeExtension(GstElement* payloader, const std::string& uri) {
  ensureGStreamer();
  if (auto writer = HeaderWriter::make(uri, payloader)) {
    return Ref<GstRTPHeaderExtension>::sink(makeHeaderExtension(uri, std::move(writer)));
  }
  // Whether the reference still floats depends on GStreamer's version.
  GstRTPHeaderExtension* made = gst_rtp_header_extension_create_from_uri(uri.c_str());
  if (made) g_object_take_ref(made);
  return Ref<GstRTPHeaderExtension>::adopt(made);
}

// Headers that promise more bytes than there are go no further.
bool isSoundRtp(GstBuffer* buffer) {
  constexpr gsize fixedSize = 12;
  const gsize size = gst_buffer_get_size(buffer);
  std::array<guint8, fixedSize> header;
  if (gst_buffer_extract(buffer, 0, header.data(), fixedSize) < fixedSize) return false;
  if (header[0] >> 6 != 2) return false;
  gsize length = fixedSize + 4 * (header[0] & 0x0fu);
  if (header[0] & 0x10) {
    std::array<guint8, 4> extension;
    if (gst_buffer_extract(buffer, length, extension.data(), 4) < 4) return false;
    length += 4 + 4 * static_cast<gsize>(GST_READ_UINT16_BE(extension.data() + 2));
  }
  if (length > size) return false;
  if (!(header[0] & 0x20)) return true;
  guint8 padding = 0;
  gst_buffer_extract(buffer, size - 1, &padding, 1);
  return padding > 0 && length + padding <= size;
}

// Whatever happens inside or behind the bin, its pad accepts. Only while the bin is stopping,
// "flushing" goes up, or a task upstream would spin on a dead pad.
GstFlowReturn acceptBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  if (!isSoundRtp(buffer)) {
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  }
  // GstRTPBaseDepayload (1.22) unmaps a shared buffer after it has let go of it, where it marks a
  // discontinuity: a use after free if the other owner was quicker.
  GstBuffer* own = gst_buffer_make_writable(buffer);
  const GstFlowReturn flow = gst_proxy_pad_chain_default(pad, parent, own);
  return flow == GST_FLOW_FLUSHING ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

GstFlowReturn acceptList(GstPad* pad, GstObject* parent, GstBufferList* list) {
  GstFlowReturn flow = GST_FLOW_OK;
  for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
    flow = acceptBuffer(pad, parent, gst_buffer_ref(gst_buffer_list_get(list, i)));
  }
  gst_buffer_list_unref(list);
  return flow;
}

constexpr const char* kChain = "cosoup-chain";

GstPadChainFunction chainOf(GstPad* pad) {
  return reinterpret_cast<GstPadChainFunction>(g_object_get_data(G_OBJECT(pad), kChain));
}

// A frame that makes no sense to the payloader is dropped; an error would end the stream.
GstFlowReturn acceptFrame(GstPad* pad, GstObject* parent, GstBuffer* frame) {
  const GstFlowReturn flow = chainOf(pad)(pad, parent, frame);
  return flow == GST_FLOW_ERROR ? GST_FLOW_OK : flow;
}

// rtpvp8pay of GStreamer 1.22 forgets to let go of what it cannot parse.
GstFlowReturn acceptVp8Frame(GstPad* pad, GstObject* parent, GstBuffer* frame) {
  const auto held = Ref<GstBuffer>::share(frame);
  const GstFlowReturn flow = chainOf(pad)(pad, parent, frame);
  if (flow != GST_FLOW_ERROR) return flow;
  if (GST_MINI_OBJECT_REFCOUNT_VALUE(frame) == 2) gst_buffer_unref(frame);
  return GST_FLOW_OK;
}

void acceptFrames(GstElement* payloader, GstPadChainFunction accept) {
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(payloader, "sink"));
  g_object_set_data(G_OBJECT(pad.get()), kChain,
                    reinterpret_cast<gpointer>(GST_PAD_CHAINFUNC(pad.get())));
  gst_pad_set_chain_function(pad.get(), accept);
}

}  // namespace

GstElement* makePayloader(const RtpCodecParameters& codec, std::uint32_t ssrc) {
  const Packing& packing = packingOf(codec.mimeType, "send");
  GstElement* payloader = makeInstalled(packing.payloader, codec.mimeType, "send");
  g_object_set(payloader, "pt", static_cast<guint>(codec.payloadType), "ssrc", ssrc, "mtu",
               largestPacket - extensionReserve, nullptr);
  setProperties(payloader, {{"picture-id-mode", "15-bit"},
                            {"config-interval", "-1"},
                            {"aggregate-mode", "zero-latency"},
                            // A negotiated extension is added by hand, with its value.
                            {"auto-header-extension", "false"}});
  // Packetization mode 0 has no aggregates (RFC 6184, section 6.2).
  const std::string_view factory = packing.payloader;
  if (factory == "rtph264pay" &&
      ortc::parameterInteger(codec.parameters, "packetization-mode").value_or(0) == 0) {
    setProperty(payloader, "aggregate-mode", "none");
  }
  if (factory == "rtppcmupay" || factory == "rtppcmapay") {
    g_object_set(payloader, "min-ptime", gint64{20 * GST_MSECOND}, "max-ptime",
                 gint64{20 * GST_MSECOND}, nullptr);
  }
  HeaderValues::attach(payloader);
  acceptFrames(payloader, factory == "rtpvp8pay" ? &acceptVp8Frame : &acceptFrame);
  return payloader;
}

bool canWriteHeaderExtension(GstElement* payloader, const std::string& uri) {
  return static_cast<bool>(makeExtension(payloader, uri));
}

void addHeaderExtension(GstElement* payloader, const std::string& uri, std::uint8_t id,
                        const std::string& value) {
  const Ref<GstRTPHeaderExtension> extension = makeExtension(payloader, uri);
  if (!extension) {
    throw Error(Error::Code::Unsupported, "send: no element writes the header extension " + uri);
  }
  gst_rtp_header_extension_set_id(extension.get(), id);
  if (!value.empty()) {
    setProperty(GST_ELEMENT(extension.get()), uri == ridExtensionUri ? "rid" : "mid", value);
  }
  g_signal_emit_by_name(payloader, "add-extension", extension.get());
}

void setCaptured(GstElement* payloader, bool captured) {
  HeaderValues::of(payloader)->captured = captured;
}

void setPlayoutDelay(GstElement* payloader, const std::optional<PlayoutDelay>& delay) {
  std::uint32_t value = HeaderValues::kNoDelay;
  if (delay) {
    const auto bytes = playoutDelayBytes(*delay);
    value = GST_READ_UINT24_BE(bytes.data());
  }
  HeaderValues::of(payloader)->playoutDelay = value;
}

GstElement* makeDepayloader(const std::string& mimeType) {
  const Packing& packing = packingOf(mimeType, "receive");
  GstElement* depayloader = makeInstalled(packing.depayloader, mimeType, "receive");
  setProperties(depayloader, {{"request-keyframe", "true"}, {"auto-header-extension", "false"}});
  GstElement* bin = nullptr;
  if (packing.depayloadedCaps) {
    bin = chainBin(makeQuietBin(), {depayloader, makeCapsFilter(packing.depayloadedCaps)});
  } else {
    bin = chainBin(makeQuietBin(), {depayloader});
  }
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "sink"));
  gst_pad_set_chain_function(pad.get(), &acceptBuffer);
  gst_pad_set_chain_list_function(pad.get(), &acceptList);
  return bin;
}

}  // namespace cosoup
