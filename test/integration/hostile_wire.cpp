// What a server, or somebody on the way to it, makes of packets: foreign sources, and broken ones.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "cosoup/client/device_internals.hpp"
#include "cosoup/gst/ref.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "cosoup/webrtc/webrtcbin_connection.hpp"
#include "integration/breaker.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/packet_bytes.hpp"
#include "support/udp_relay.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Bytes description(std::uint32_t ssrc) {
  return rtcpPacket(202, 1, joined({word(ssrc), {1, 3, 'e', 'v', 'e', 0, 0, 0}}));
}

std::uint32_t ssrcOf(const Consumer& consumer) {
  return *consumer.rtpParameters().encodings.front().ssrc;
}

/// A packet of one stream that names other sources.
Bytes contributed(const Consumer& stream, const std::vector<std::uint32_t>& sources) {
  const RtpParameters& parameters = stream.rtpParameters();
  return rtpPacket(ssrcOf(stream), parameters.codecs.front().payloadType, sources);
}

/// COSOUP_TEST_SEED repeats a run, COSOUP_TEST_PACKETS makes it longer.
std::uint64_t fromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

unsigned seed() {
  static const auto drawn =
      static_cast<unsigned>(fromEnvironment("COSOUP_TEST_SEED", std::random_device()()));
  return drawn;
}

/// The connections of one client, and what is done to them behind the decryption, where only the
/// server writes.
class Wire {
 public:
  DeviceOptions deviceOptions() {
    DeviceOptions options;
    DeviceOptions::Internals::setPeerConnections(options, [this](bool receives) {
      auto made = std::make_shared<WebrtcbinConnection>(receives ? "recv" : "send", receives);
      if (receives) receiving_ = made;
      return made;
    });
    return options;
  }

  /// As if it had come from the server: out of "rtp_src" or "rtcp_src".
  void inject(const char* padName, const Bytes& packet) {
    const auto bin = element("transportreceivebin");
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(bin.get(), padName));
    REQUIRE(pad);
    gst_pad_push(pad.get(), gst_buffer_new_memdup(packet.data(), packet.size()));
  }
  /// From now on of every `nth` decrypted packet of each kind so many bytes are others.
  void breakPackets(std::shared_ptr<Breaker> breaker) {
    const auto decryption =
        Ref<GstElement>::adopt(findElement(receiving_->pipeline().element(), "dtlssrtpdec"));
    REQUIRE(decryption);
    for (const char* name : {"rtp_src", "rtcp_src", "data_src"}) {
      const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(decryption.get(), name));
      REQUIRE(pad);
      gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, &Breaker::onPacket,
                        new std::shared_ptr<Breaker>(breaker),
                        [](gpointer data) { delete static_cast<std::shared_ptr<Breaker>*>(data); });
    }
  }
  std::size_t sources() const { return receiving_->rtpSources().size(); }
  Pipeline& pipeline() const { return receiving_->pipeline(); }

 private:
  Ref<GstElement> element(const char* prefix) const {
    Ref<GstElement> found;
    GstIterator* all = gst_bin_iterate_recurse(receiving_->pipeline().bin());
    GValue item = G_VALUE_INIT;
    while (gst_iterator_next(all, &item) == GST_ITERATOR_OK) {
      auto* each = GST_ELEMENT(g_value_get_object(&item));
      if (!found && g_str_has_prefix(GST_OBJECT_NAME(each), prefix)) {
        found = Ref<GstElement>::share(each);
      }
      g_value_reset(&item);
    }
    g_value_unset(&item);
    gst_iterator_free(all);
    return found;
  }

  std::shared_ptr<WebrtcbinConnection> receiving_;
};

// ---- foreign sources ---------------------------------------------------------------------------

/// Before one of the later consumers is negotiated, packets name its SSRC.
class NamesEarly final : public ConsumerRequestListener {
 public:
  explicit NamesEarly(Wire& wire) : wire_(wire) {}

  Task<bool> onNewConsumer(NewConsumer offer, std::shared_ptr<Peer>) override {
    const std::uint32_t ssrc = *offer.rtpParameters.encodings.front().ssrc;
    if (stream) {
      const std::uint32_t known = ssrcOf(*stream);
      for (const Bytes& packet :
           {receiverReport(ssrc), joined({receiverReport(7), senderReport(ssrc)}),
            joined({senderReport(known), senderReport(ssrc)}),
            joined({receiverReport(ssrc), description(ssrc)}),
            joined({receiverReport(known), description(ssrc)}), goodbye(ssrc),
            joined({senderReport(known), goodbye(known)})}) {
        wire_.inject("rtcp_src", packet);
      }
      wire_.inject("rtp_src", contributed(*stream, {ssrc}));
      wire_.inject("rtp_src", contributed(*stream, std::vector<std::uint32_t>(15, ssrc)));
    }
    co_return true;
  }

  std::shared_ptr<Consumer> stream;  ///< one that has been negotiated

 private:
  Wire& wire_;
};

Task<> namesConsumersEarly() {
  RoomServer& server = sharedServer();
  Wire wire;
  const auto names = std::make_shared<NamesEarly>(wire);
  Listeners listeners;
  listeners.consumerRequests = names;
  Member bob(server, freshRoom(), "bob", std::make_unique<ProtooSignaler>(), listeners);
  bob.client.device = wire.deviceOptions();
  Member ada(server, bob.room, "ada");
  Member carol(server, bob.room, "carol");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  names->stream = bob.consumers.front();
  co_await carol.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.receives(4);
  CHECK(bob.failures.empty());
  co_await leaveAll(ada, bob, carol);
}

Task<> namesManySources() {
  RoomServer& server = sharedServer();
  Wire wire;
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  bob.client.device = wire.deviceOptions();
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  const std::size_t before = wire.sources();
  const LoopMayWait injecting;
  std::mt19937 random(1);
  const std::shared_ptr<Consumer> stream = bob.consumers.front();
  for (int packet = 0; packet < 500; ++packet) {
    std::vector<std::uint32_t> sources(15);
    std::generate(sources.begin(), sources.end(), [&] { return random(); });
    wire.inject("rtp_src", contributed(*stream, sources));
    wire.inject("rtcp_src", joined({receiverReport(sources[0]), description(sources[1])}));
  }
  CHECK(wire.sources() <= before + 1);  // the server's other stream may have come meanwhile
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

// ---- broken packets ----------------------------------------------------------------------------

Task<bool> isAtLeast(std::shared_ptr<Breaker> breaker, std::uint64_t packets) {
  co_return breaker->broken() >= packets;
}

Task<> chats(Member& from) {
  while (true) {
    co_await from.client.sendChat("hello");
    co_await sleepFor(20ms);
  }
}

Task<> hasBroken(std::shared_ptr<Breaker> breaker, std::uint64_t packets) {
  const auto enough = [=]() -> Task<bool> { return isAtLeast(breaker, packets); };
  co_await eventually("enough packets are broken", enough);
}

/// Bob records ada and gets her messages, while what his connections decrypt is broken.
Task<> survivesAHostileServer() {
  CAPTURE(seed());
  TemporaryFolder folder;
  Wire wire;
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(ada.server, ada.room, "bob");
  bob.client.device = wire.deviceOptions();
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::record(folder.path()));
  co_await bob.receives(2);
  const auto breaker = std::make_shared<Breaker>(seed(), 3);
  wire.breakPackets(breaker);
  Scope chatting;
  chatting.spawn(chats(ada));
  co_await hasBroken(breaker, fromEnvironment("COSOUP_TEST_PACKETS", 400));
  breaker->stop();
  chatting.requestStop();
  co_await chatting.join();
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

/// A broken packet takes the place of the whole one; a broken STUN message comes before it: without
/// an answer to its checks of consent libnice ends a connection, as RFC 7675 wants it, and in the
/// 10 s that it waits there may be a single check.
std::vector<std::string> broken(Breaker& breaker, std::string_view packet) {
  std::vector<std::string> packets{breaker.change(packet)};
  const bool isStun = !packet.empty() && static_cast<unsigned char>(packet[0]) < 4;  // RFC 7983
  if (isStun && packets.front() != packet) packets.emplace_back(packet);
  return packets;
}

/// In the handshake a broken packet may end the connection, as it does for browsers.
Task<> joinsOrFails(Member& member) {
  try {
    co_await member.join(ProduceConfig::test(), ConsumeConfig::discard());
    co_await withTimeout(5s, member.receives(2), "media");
  } catch (const Error& error) {
    UNSCOPED_INFO(error.what());
  }
}

/// Whatever comes in on the way is broken: STUN, DTLS, SRTP and SRTCP.
Task<> survivesAHostileWay() {
  CAPTURE(seed());
  UdpRelay relay;
  RoomServer server({"--insecure-ws", "--announced-rtc-port", std::to_string(relay.port()),
                     "--ice-consent-timeout", "60"});
  const Json about = co_await server.about();
  relay.forwardTo(about.get<Json>("rtcPorts").get<std::uint16_t>("udp"));
  Member ada(server, freshRoom(), "ada");
  Member bob(server, ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(2);
  const auto breaker = std::make_shared<Breaker>(seed(), 4);
  relay.changeDown([breaker](std::string_view packet) { return broken(*breaker, packet); });
  for (const char* id : {"eve", "mallory", "trudy"}) {
    Member late(server, ada.room, id);
    co_await joinsOrFails(late);
    co_await late.leave();
  }
  co_await hasBroken(breaker, fromEnvironment("COSOUP_TEST_PACKETS", 400));
  breaker->stop();
  co_await bob.receives(2);
  co_await leaveAll(ada, bob);
}

}  // namespace

TEST_CASE("a consumer may be named in RTCP and RTP before it is negotiated") {
  runTest(namesConsumersEarly(), 60s);
}

TEST_CASE("the sources that packets name beside their own cost nothing") {
  runTest(namesManySources(), 60s);
}

TEST_CASE("broken RTP, RTCP and SCTP of a server end no call") {
  runTest(survivesAHostileServer(), 120s);
}

TEST_CASE("broken packets on the way end no call", "[newer-mediasoup]") {
  runTest(survivesAHostileWay(), 150s);
}
