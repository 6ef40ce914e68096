// A camera of the network, where there is GStreamer's server for that (see meson.build).
#include <gst/rtsp-server/rtsp-server.h>

#include "cosoup/media/source/source.hpp"
#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

/// A camera of the network; runs on the loop of the test.
class RtspCamera {
 public:
  RtspCamera() : server_(Ref<GstRTSPServer>::adopt(gst_rtsp_server_new())) {
    gst_rtsp_server_set_service(server_.get(), "0");
    gst_rtsp_server_set_address(server_.get(), "127.0.0.1");
    GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
    gst_rtsp_media_factory_set_launch(
        factory,
        "( videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1 ! "
        "openh264enc gop-size=15 ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 "
        "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay "
        "name=pay1 pt=8 )");
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server_.get());
    gst_rtsp_mount_points_add_factory(mounts, "/camera", factory);
    g_object_unref(mounts);
    attached_ = gst_rtsp_server_attach(server_.get(), g_main_context_get_thread_default());
    REQUIRE(attached_ != 0);
  }
  ~RtspCamera() {
    gst_rtsp_server_client_filter(
        server_.get(),
        [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; }, nullptr);
    GSource* source =
        g_main_context_find_source_by_id(g_main_context_get_thread_default(), attached_);
    if (source) g_source_destroy(source);
  }

  std::string uri() const {
    return "rtsp://127.0.0.1:" + std::to_string(gst_rtsp_server_get_bound_port(server_.get())) +
           "/camera";
  }

 private:
  const Ref<GstRTSPServer> server_;
  guint attached_ = 0;
};

Task<> watchesCamera() {
  const RtspCamera camera;
  UriSourceOptions options;
  options.latency = 50ms;
  const auto source = makeUriSource(camera.uri(), options);
  Ref<GstCaps> accepted = capsFrom(
      "video/x-h264, stream-format=byte-stream, alignment=au, "
      "profile={ constrained-baseline, baseline }; audio/x-alaw, rate=8000, channels=1");
  co_await source->open(std::move(accepted));
  CHECK_FALSE(source->position());
  REQUIRE(source->tracks().size() == 2);
  const auto video = trackOf(source->tracks(), MediaKind::video);
  const auto audio = trackOf(source->tracks(), MediaKind::audio);
  CHECK(capsText(video->caps()).starts_with("video/x-h264"));
  CHECK(capsText(audio->caps()).starts_with("audio/x-alaw"));
  const auto seen = logOf(video);
  const auto heard = logOf(audio);
  co_await source->play();
  co_await eventually(
      "frames", [&] { return seen->count() >= 15 && heard->count() >= 15; }, 20s);
  const auto skew = static_cast<double>(seen->notes().back().time) -
                    static_cast<double>(heard->notes().back().time);
  CHECK(std::abs(skew) < 1e9);
  co_await source->close();
}

}  // namespace

TEST_CASE("the H264 and PCMA of an RTSP camera pass undecoded") { runTest(watchesCamera(), 40s); }
