// Two SCTP associations that face each other without a network, and who listens at them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/loop.hpp"
#include "cosoup/gst/pipeline.hpp"
#include "cosoup/webrtc/sctp_channels.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "unit/rtc/sctp_packets.hpp"

namespace cosoup::test {

using namespace std::chrono_literals;

/// Two associations whose packets reach each other, unless they are lost on the way.
class Association {
 public:
  Association() : pipeline_("sctp") {
    const Side ada = makeSide(here);
    const Side bob = makeSide(there);
    gst_element_link_pads(ada.encoder, "src", bob.decoder, "sink");
    gst_element_link_pads(bob.encoder, "src", ada.decoder, "sink");
    const auto way = Ref<GstPad>::adopt(gst_element_get_static_pad(ada.encoder, "src"));
    gst_pad_add_probe(way.get(), GST_PAD_PROBE_TYPE_BUFFER, &Association::onPacket, this, nullptr);
    intoHere_ = Ref<GstPad>::adopt(gst_element_get_static_pad(ada.decoder, "sink"));
  }

  Task<> start() {
    co_await pipeline_.setState(GST_STATE_PLAYING, "start");
    co_await eventually("the association is up",
                        [this] { return here.isOpen() && there.isOpen(); });
  }
  Task<> stop() {
    here.requestStop();
    there.requestStop();
    co_await pipeline_.stop();
    co_await here.stop();
    co_await there.stop();
  }
  /// As if it had come from the other side.
  void inject(const SctpPacket& packet) {
    const auto& bytes = packet.bytes();
    gst_pad_chain(intoHere_.get(), gst_buffer_new_memdup(bytes.data(), bytes.size()));
  }

  SctpChannels here;
  SctpChannels there;
  std::atomic<bool> losesData = false;  ///< from here to there
  std::atomic<int> skips = 0;           ///< FORWARD-TSN chunks that were sent from here

 private:
  struct Side {
    GstElement* encoder;
    GstElement* decoder;
  };

  Side makeSide(SctpChannels& channels) {
    constexpr guint id = 7;  // webrtcbin may draw the same one for several
    Side side{pipeline_.add(makeElement("sctpenc")), pipeline_.add(makeElement("sctpdec"))};
    g_object_set(side.encoder, "sctp-association-id", id, "remote-sctp-port", 5000u, nullptr);
    g_object_set(side.decoder, "sctp-association-id", id, "local-sctp-port", 5000u, nullptr);
    channels.watch(side.encoder);
    channels.watch(side.decoder);
    return side;
  }

  static GstPadProbeReturn onPacket(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto* self = static_cast<Association*>(data);
    GstMapInfo map;
    gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ);
    bool hasData = false;
    for (std::size_t at = 12; at + 4 <= map.size;) {
      const std::size_t length = static_cast<std::size_t>(map.data[at + 2]) << 8 | map.data[at + 3];
      if (map.data[at] == 0) hasData = true;
      if (map.data[at] == 192) ++self->skips;
      at += std::max<std::size_t>((length + 3) / 4 * 4, 4);
    }
    gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
    return hasData && self->losesData ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
  }

  Pipeline pipeline_;
  Ref<GstPad> intoHere_;
};

inline SctpStreamParameters stream(std::uint16_t id) {
  SctpStreamParameters parameters;
  parameters.streamId = id;
  return parameters;
}

/// Collects what comes on a stream.
struct Ear {
  Ear(DataChannels& channels, std::uint16_t id) {
    channels.receive(
        id, [heard = heard](const DataMessage& message) { heard->push_back(message.text()); });
  }
  std::shared_ptr<std::vector<std::string>> heard = std::make_shared<std::vector<std::string>>();
};

}  // namespace cosoup::test
