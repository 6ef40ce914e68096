// Depayloaders and what they have to bear.
#include <gst/app/gstappsrc.h>

#include <atomic>
#include <random>

#include "cosoup/gst/probe.hpp"
#include "cosoup/media/rtp/payloader.hpp"
#include "support/eventually.hpp"
#include "unit/media/rtp/row.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

GstFlowReturn pushed(GstElement* source, GstBuffer* buffer) {
  GstFlowReturn flow = GST_FLOW_OK;
  g_signal_emit_by_name(source, "push-buffer", buffer, &flow);
  gst_buffer_unref(buffer);
  return flow;
}

GstBuffer* garbage(std::mt19937& random, std::uint8_t payloadType, std::uint16_t sequence) {
  const std::size_t size = random() % 200;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_WRITE);
  for (std::size_t i = 0; i < size; ++i) map.data[i] = static_cast<guint8>(random());
  if (size >= 12 && random() % 4 != 0) {  // most have a sound header
    map.data[0] = 0x80;
    map.data[1] = static_cast<guint8>(payloadType | (random() % 2 << 7));
    GST_WRITE_UINT16_BE(map.data + 2, sequence);
  }
  gst_buffer_unmap(buffer, &map);
  return buffer;
}

}  // namespace

TEST_CASE("a depayloader takes garbage without an error, and good packets after it") {
  struct Case {
    const char* mimeType;
    const char* name;
    int clockRate;
    int payloadType;
  };
  const Case row =
      GENERATE(Case{"video/VP8", "VP8", 90000, 96}, Case{"video/VP9", "VP9", 90000, 98},
               Case{"video/H264", "H264", 90000, 102}, Case{"audio/opus", "OPUS", 48000, 111},
               Case{"audio/PCMU", "PCMU", 8000, 0});
  INFO(row.mimeType);
  GstElement* source = makeElement("appsrc");
  const std::string media = std::string(row.mimeType).substr(0, 5);
  const auto caps = capsFrom("application/x-rtp,media=" + media + ",encoding-name=" + row.name +
                             ",clock-rate=" + std::to_string(row.clockRate) +
                             ",payload=" + std::to_string(row.payloadType));
  g_object_set(source, "caps", caps.get(), "format", GST_FORMAT_TIME, "max-bytes", guint64{0},
               nullptr);
  GstElement* sink = collector();
  g_object_set(sink, "drop", TRUE, "max-buffers", 1u, "wait-on-eos", FALSE, nullptr);
  Row chain({source, makeDepayloader(row.mimeType), sink});
  chain.play();
  std::mt19937 random(42);
  for (std::uint16_t i = 0; i < 2000; ++i) {
    REQUIRE(pushed(source, garbage(random, static_cast<std::uint8_t>(row.payloadType), i)) ==
            GST_FLOW_OK);
  }
  gst_app_src_end_of_stream(GST_APP_SRC(source));
  CHECK(chain.wait() == GST_MESSAGE_EOS);
}

namespace {

/// Behind the depayloader: an element that takes nothing.
void linkFailing(GstBin* bin, GstElement* depayloader) {
  GstElement* failing = makeElement("identity");
  GstElement* sink = makeElement("fakesink");
  g_object_set(sink, "async", FALSE, nullptr);
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(failing, "sink"));
  gst_pad_set_chain_function(pad.get(), [](GstPad*, GstObject*, GstBuffer* buffer) {
    gst_buffer_unref(buffer);
    return GST_FLOW_ERROR;
  });
  gst_bin_add_many(bin, failing, sink, nullptr);
  gst_element_link_many(depayloader, failing, sink, nullptr);
}

}  // namespace

TEST_CASE("a depayloader accepts packets even when what is behind it fails or is missing") {
  const bool linked = GENERATE(true, false);
  const auto pipeline = Ref<GstElement>::sink(gst_pipeline_new("pipeline"));
  GstElement* packets = gst_parse_bin_from_description(
      "audiotestsrc num-buffers=50 samplesperbuffer=960 ! opusenc ! rtpopuspay", TRUE, nullptr);
  GstElement* depayloader = makeDepayloader("audio/opus");
  gst_bin_add_many(GST_BIN(pipeline.get()), packets, depayloader, nullptr);
  gst_element_link(packets, depayloader);
  if (linked) linkFailing(GST_BIN(pipeline.get()), depayloader);
  std::atomic<int> packetCount = 0;
  std::atomic<bool> ended = false;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(packets, "src"));
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, [&](GstPad*, GstPadProbeInfo*) {
    ++packetCount;
    return GST_PAD_PROBE_OK;
  });
  addProbe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, [&](GstPad*, GstPadProbeInfo* info) {
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS) ended = true;
    return GST_PAD_PROBE_OK;
  });
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  runTest(eventually("the last packet", [&] { return ended.load(); }));
  CHECK(packetCount >= 50);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline.get()));
  CHECK_FALSE(Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)));
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
