#include "cosoup/webrtc/sdp_exchange.hpp"

#include <gst/sdp/gstsdpmessage.h>
#include <gst/webrtc/webrtc.h>

#include <memory>

#include "cosoup/core/taken.hpp"
#include "cosoup/webrtc/promise.hpp"

namespace cosoup {

Task<std::string> createDescription(Ref<GstElement> webrtcbin, const char* action,
                                    const char* field) {
  const Ref<GstPromise> promise = co_await awaitPromise([&](GstPromise* promise) {
    g_signal_emit_by_name(webrtcbin.get(), action, nullptr, promise);
  });
  const GstStructure* reply = replyOf(promise, action);
  GstWebRTCSessionDescription* description = nullptr;
  if (reply) {
    gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, nullptr);
  }
  if (!description) throw Error(Error::Code::Media, std::string(action) + ": no description");
  std::string result = taken(gst_sdp_message_as_text(description->sdp));
  gst_webrtc_session_description_free(description);
  co_return result;
}

Task<> setDescription(Ref<GstElement> webrtcbin, const char* action, SdpType type,
                      std::string sdp) {
  GstSDPMessage* message = nullptr;
  if (gst_sdp_message_new_from_text(sdp.c_str(), &message) != GST_SDP_OK) {
    throw Error(Error::Code::Media, std::string(action) + ": malformed description");
  }
  const GstWebRTCSDPType sdpType =
      type == SdpType::offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER;
  const std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>
      description(gst_webrtc_session_description_new(sdpType, message),
                  &gst_webrtc_session_description_free);
  const Ref<GstPromise> promise = co_await awaitPromise([&](GstPromise* promise) {
    g_signal_emit_by_name(webrtcbin.get(), action, description.get(), promise);
  });
  replyOf(promise, action);
}

}  // namespace cosoup
