#include "cosoup/webrtc/webrtcbin_stats.hpp"

#include <algorithm>
#include <string>

#include "cosoup/webrtc/promise.hpp"
#include "cosoup/webrtc/rtp_session.hpp"
#include "cosoup/webrtc/structure_json.hpp"
#include "cosoup/webrtc/webrtcbin_names.hpp"

namespace cosoup {
namespace {

/// webrtcbin 1.22 to 1.26 calls a local candidate remote, and the other way round; its ids are
/// right.
Json withRightType(const std::string& id, Json entry) {
  for (const char* side : {"local", "remote"}) {
    if (id.starts_with("ice-candidate-" + std::string(side))) {
      entry.set("type", std::string(side) + "-candidate");
    }
  }
  return entry;
}

}  // namespace

Task<Json> webrtcbinStats(Ref<GstElement> webrtcbin) {
  const Ref<GstPromise> promise = co_await awaitPromise([&](GstPromise* promise) {
    g_signal_emit_by_name(webrtcbin.get(), "get-stats", nullptr, promise);
  });
  const GstStructure* reply = replyOf(promise, "get-stats");
  Json entries = Json::object();
  if (!reply) co_return entries;
  const Json told = toJson(reply);
  for (const std::string& id : told.keys()) {
    const Json entry = told.get<Json>(id);
    if (entry.isObject()) entries.set(id, withRightType(id, entry));
  }
  co_return entries;
}

std::vector<Json> rtpSourceStats(GstElement* rtpbin) {
  const Ref<GObject> session = rtpSession(rtpbin);
  if (!session) return {};
  GstStructure* stats = nullptr;
  g_object_get(session.get(), inner::stats, &stats, nullptr);
  if (!stats) return {};
  const Json told = toJson(stats);
  gst_structure_free(stats);
  return told.list("source-stats");
}

std::int64_t packetsLostOf(GstElement* rtpbin, std::uint32_t ssrc) {
  const Ref<GObject> session = rtpSession(rtpbin);
  if (!session) return 0;
  GObject* source = nullptr;
  g_signal_emit_by_name(session.get(), inner::getSourceBySsrc, ssrc, &source);
  if (!source) return 0;
  GstStructure* stats = nullptr;
  g_object_get(source, inner::stats, &stats, nullptr);
  g_object_unref(source);
  gint lost = 0;
  if (stats) gst_structure_get_int(stats, "packets-lost", &lost);
  if (stats) gst_structure_free(stats);
  return std::max(lost, 0);
}

}  // namespace cosoup
