#include "integration/churn.hpp"

#include <gst/webrtc/webrtc.h>
#include <malloc.h>

#include <algorithm>

#include "cosoup/client/transport_internals.hpp"
#include "cosoup/webrtc/rtp_session.hpp"
#include "cosoup/webrtc/stream_release.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/memory.hpp"
#include "support/resources.hpp"

namespace cosoup::test {
namespace {

std::size_t countPads(const GValue* item) {
  auto* element = GST_ELEMENT(g_value_get_object(item));
  GST_OBJECT_LOCK(element);
  const std::size_t pads = element->numpads;
  GST_OBJECT_UNLOCK(element);
  return pads;
}

void countElements(GstBin* bin, Holdings& holdings) {
  Holdings counted;
  const auto count = [](const GValue* item, gpointer data) {
    auto* found = static_cast<Holdings*>(data);
    ++found->elements;
    found->pads += static_cast<double>(countPads(item));
  };
  GstIterator* elements = gst_bin_iterate_recurse(bin);
  while (gst_iterator_foreach(elements, count, &counted) == GST_ITERATOR_RESYNC) {
    counted = Holdings();
    gst_iterator_resync(elements);
  }
  gst_iterator_free(elements);
  holdings.elements = counted.elements;
  holdings.pads = counted.pads;
}

void countSections(GstElement* webrtcbin, Holdings& holdings) {
  for (const char* side : {"current-local-description", "current-remote-description"}) {
    GstWebRTCSessionDescription* description = nullptr;
    g_object_get(webrtcbin, side, &description, nullptr);
    if (!description) continue;
    char* text = gst_sdp_message_as_text(description->sdp);
    holdings.sections = gst_sdp_message_medias_len(description->sdp);
    holdings.sdpBytes += static_cast<double>(std::string(text).size());
    g_free(text);
    gst_webrtc_session_description_free(description);
  }
}

double countSrtpStreams(GstElement* webrtcbin) {
  const auto decryption = Ref<GstElement>::adopt(findElement(webrtcbin, "srtpdec"));
  if (!decryption) return 0;
  GstStructure* stats = nullptr;
  g_object_get(decryption.get(), "stats", &stats, nullptr);
  const GValue* streams = gst_structure_get_value(stats, "streams");
  const guint count = streams ? gst_value_array_get_size(streams) : 0;
  gst_structure_free(stats);
  return count;
}

}  // namespace

Task<Holdings> Holdings::ofProcess() {
  co_await backgroundEnds();
  const Resources resources = co_await Resources::settled();
  malloc_trim(0);
  Holdings holdings;
  holdings.residentKb = cosoup::test::residentKb();
  holdings.heapKb = static_cast<double>(allocatedBytes()) / 1024;
  holdings.threads = resources.threads;
  holdings.descriptors = static_cast<double>(resources.files.size());
  co_return holdings;
}

Task<> Churn::rounds(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) co_await round();
}

// ---- consumers ---------------------------------------------------------------------------------

ConsumerChurn::ConsumerChurn(RoomServer& server, std::string room)
    : bob_(server, std::move(room), "bob") {}

namespace {

/// The session looks every five seconds for sources whose time is over.
void lookOften(GstElement* pipeline) {
  const auto rtpbin = Ref<GstElement>::adopt(findElement(pipeline, "rtpbin"));
  const Ref<GObject> session = rtpSession(rtpbin.get());
  g_object_set(session.get(), "rtcp-min-interval", 200 * GST_MSECOND, nullptr);
}

}  // namespace

Task<> ConsumerChurn::begin() {
  co_await bob_.connect();
  co_await bob_.join();
  co_await bob_.receives(2);
  lookOften(peer().pipeline().element());
  co_await eventually("the server reports", [this] { return isReportedOn(); });
}

/// Before RTCP comes the session cannot be told of an end, and waits for 25 s.
bool ConsumerChurn::isReportedOn() const {
  const std::vector<Json> sources = peer().rtpSources();
  return std::any_of(sources.begin(), sources.end(),
                     [](const Json& source) { return source.getOr("have-sr", false); });
}

Task<std::shared_ptr<Consumer>> ConsumerChurn::open(std::string producerId) {
  const std::size_t before = bob_.consumers.size();
  Json offer = Json::object(
      {{"roomId", bob_.room}, {"peerId", bob_.id}, {"producerId", std::move(producerId)}});
  co_await bob_.server.post("/test/consume", std::move(offer));
  CHECK(bob_.failures.empty());
  REQUIRE(bob_.consumers.size() == before + 1);
  const std::shared_ptr<Consumer> consumer = bob_.consumers.back();
  bob_.consumers.pop_back();
  co_await eventually("a new consumer receives", [&] { return consumer->counters().packets > 0; });
  co_return consumer;
}

/// Of the consumers that stay: until so much has come that others get some, too.
Task<> ConsumerChurn::goesOn(std::size_t index) {
  constexpr std::uint64_t kPackets = 3;
  const std::shared_ptr<Consumer> stays = bob_.consumers.at(index);
  const std::uint64_t before = stays->counters().packets;
  co_await eventually("a consumer that stays goes on receiving",
                      [&] { return stays->counters().packets >= before + kPackets; });
}

Task<> ConsumerChurn::round() {
  const std::size_t number = rounds_++;
  const std::size_t index = number % 2;
  const bool closedHereFirst = number / 2 % 2 == 0;
  const std::shared_ptr<Consumer> consumer = co_await open(bob_.consumers.at(index)->producerId());
  if (closedHereFirst) {
    consumer->close();
    co_await goesOn(index);
  }
  co_await closeAtServer(consumer->id());
  if (!closedHereFirst) consumer->close();
  closed_.insert(*consumer->rtpParameters().encodings.at(0).ssrc);
}

/// With the notification that the server sends when a producer ends.
Task<> ConsumerChurn::closeAtServer(std::string consumerId) {
  co_await bob_.server.post("/test/consumers/" + consumerId + "/close", Json::object());
  const Json data = Json::object({{"consumerId", consumerId}});
  Json notification = Json::object(
      {{"roomId", bob_.room}, {"peerId", bob_.id}, {"method", "consumerClosed"}, {"data", data}});
  co_await bob_.server.post("/test/notify", std::move(notification));
}

Task<> ConsumerChurn::emptyRound() {
  constexpr int kRequests = 3;
  for (int i = 0; i < kRequests; ++i) co_await bob_.server.about();
}

PeerConnection& ConsumerChurn::peer() const {
  return *Transport::Internals::coreOf(*bob_.recv).sharedPeer();
}

bool ConsumerChurn::haveSourcesEnded() const {
  const std::vector<Json> sources = peer().rtpSources();
  return std::none_of(sources.begin(), sources.end(), [this](const Json& source) {
    return closed_.contains(source.getOr<std::uint32_t>("ssrc", 0));
  });
}

/// The session keeps a source for a while after its BYE (RFC 3550, section 6.2.1).
Task<> ConsumerChurn::sourcesEnd() {
  co_await eventually("the sources of closed consumers end", [this] { return haveSourcesEnded(); });
  closed_.clear();
}

Task<Holdings> ConsumerChurn::holdings() {
  co_await sourcesEnd();
  Holdings holdings = co_await Holdings::ofProcess();
  GstBin* pipeline = peer().pipeline().bin();
  const auto webrtcbin = Ref<GstElement>::adopt(findElement(GST_ELEMENT(pipeline), "webrtcbin"));
  countElements(pipeline, holdings);
  holdings.rtpSources = static_cast<double>(peer().rtpSources().size());
  holdings.srtpStreams = countSrtpStreams(webrtcbin.get());
  countSections(webrtcbin.get(), holdings);
  co_return holdings;
}

Task<> ConsumerChurn::end() {
  co_await bob_.receives(2);
  co_await bob_.leave();
}

// ---- clients -----------------------------------------------------------------------------------

ClientChurn::ClientChurn(RoomServer& server, std::string room)
    : server_(server), room_(std::move(room)) {}

Task<> ClientChurn::visit(std::string id) {
  using Clock = std::chrono::steady_clock;
  Member member(server_, room_, std::move(id));
  const Clock::time_point begin = Clock::now();
  co_await member.join(ProduceConfig::none(), ConsumeConfig::discard());
  joining_ += Clock::now() - begin;
  ++joins_;
  co_await member.receives(2);
  co_await member.leave();
  CHECK(member.failures.empty());
}

double ClientChurn::meanJoinMs() const { return joining_.count() / static_cast<double>(joins_); }

Task<> ClientChurn::round() {
  Scope visits;
  for (std::size_t i = 0; i < clients; ++i) visits.spawn(visit("guest" + std::to_string(i)));
  co_await visits.join();
}

}  // namespace cosoup::test
