// Data channels over the real SCTP elements, without a network: two associations face each other.
#include "cosoup/webrtc/sctp_channels.hpp"

#include <atomic>

#include "cosoup/gst/pipeline.hpp"
#include "support/run_test.hpp"
#include "unit/rtc/sctp_packets.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> until(std::function<bool()> condition, std::string description) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      throw Error(Error::Code::Timeout, "waited in vain until " + description);
    }
    co_await sleepFor(10ms);
  }
}

/// Two associations whose packets reach each other, unless they are lost on the way.
class Association {
 public:
  Association() : pipeline_("sctp") {
    const Side ada = makeSide(here, 0);
    const Side bob = makeSide(there, 1);
    gst_element_link_pads(ada.encoder, "src", bob.decoder, "sink");
    gst_element_link_pads(bob.encoder, "src", ada.decoder, "sink");
    const auto way = Ref<GstPad>::adopt(gst_element_get_static_pad(ada.encoder, "src"));
    gst_pad_add_probe(way.get(), GST_PAD_PROBE_TYPE_BUFFER, &Association::onPacket, this, nullptr);
    intoHere_ = Ref<GstPad>::adopt(gst_element_get_static_pad(ada.decoder, "sink"));
  }

  Task<> start() {
    co_await pipeline_.setState(GST_STATE_PLAYING, "start");
    co_await until([this] { return here.isOpen() && there.isOpen(); }, "the association is up");
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

  Side makeSide(SctpChannels& channels, guint number) {
    static guint pair = 1000;  // ids are unique in the process
    const guint id = number == 0 ? ++pair : ++pair;
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

SctpStreamParameters stream(std::uint16_t id) {
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

using Texts = std::vector<std::string>;

Task<> carriesMessages(SctpStreamParameters parameters) {
  Association association;
  const Ear ear(association.there, 5);
  const auto sender = association.here.open(parameters);
  sender->send(DataMessage::text("before the association is up"));
  CHECK(sender->bufferedAmount() == 28);
  co_await association.start();
  co_await until([&] { return ear.heard->size() == 1; }, "it has come");
  sender->send(DataMessage::text(""));
  co_await until([&] { return ear.heard->size() == 2; }, "the empty one has come");
  sender->send(DataMessage::text(std::string(300'000, 'x')));
  co_await until([&] { return ear.heard->size() == 3; }, "the large one has come");
  CHECK(ear.heard->at(0) == "before the association is up");
  CHECK(ear.heard->at(1).empty());
  CHECK(ear.heard->at(2).size() == 300'000);
  CHECK(sender->bufferedAmount() == 0);
  co_await association.stop();
}

/// So many bytes, no part of which is like another.
std::string patternOf(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
  text.resize(size);
  return text;
}

Task<> carriesTheLargest() {
  Association association;
  association.there.setMaxMessageSize(kMaxSentMessage);
  co_await association.start();
  const auto sender = association.here.open(stream(5));
  const Ear ear(association.there, 5);
  const std::string text = patternOf(kMaxSentMessage);
  for (int i = 0; i < 3; ++i) sender->send(DataMessage::text(text));
  co_await until([&] { return ear.heard->size() == 3; }, "all have come");
  CHECK((*ear.heard == Texts{text, text, text}));
  co_await association.stop();
}

Task<> tellsOfWhatIsTooLarge() {
  constexpr std::size_t kLargest = 1'000'000;
  Association association;
  association.there.setMaxMessageSize(kLargest);
  std::vector<std::string> dropped;
  const Connection connection =
      association.there.dropped.connect([&](std::uint16_t id, const Error& error) {
        dropped.push_back(std::to_string(id) + ": " + error.what());
      });
  co_await association.start();
  const auto sender = association.here.open(stream(5));
  const std::string text = patternOf(kLargest);
  sender->send(DataMessage::text(text));
  sender->send(DataMessage::text(text + "x"));
  // Nobody has asked yet: the first is kept.
  co_await until([&] { return dropped.size() == 1; }, "the second is told to be too large");
  CHECK(dropped.front().starts_with("5: "));
  const Ear ear(association.there, 5);
  sender->send(DataMessage::text("heard"));
  co_await until([&] { return ear.heard->size() == 2; }, "the channel has gone on");
  CHECK((*ear.heard == Texts{text, "heard"}));
  co_await association.stop();
}

Task<> keepsWhatComesEarly() {
  Association association;
  co_await association.start();
  const auto sender = association.here.open(stream(1));
  const auto other = association.here.open(stream(2));
  const Ear otherEar(association.there, 2);
  sender->send(DataMessage::text("early"));
  other->send(DataMessage::text("now"));
  co_await until([&] { return otherEar.heard->size() == 1; }, "the other has come");
  const Ear ear(association.there, 1);
  CHECK(ear.heard->empty());  // later, from the loop
  sender->send(DataMessage::text("in time"));
  co_await until([&] { return ear.heard->size() == 2; }, "both have come");
  CHECK(*ear.heard == Texts{"early", "in time"});

  association.there.ignore(1);
  sender->send(DataMessage::text("ignored"));
  other->send(DataMessage::text("again"));
  co_await until([&] { return otherEar.heard->size() == 2; }, "the other has come again");
  const Ear later(association.there, 1);
  sender->send(DataMessage::text("heard"));
  co_await until([&] { return later.heard->size() == 1; }, "it is heard");
  CHECK(*later.heard == Texts{"heard"});
  co_await association.stop();
}

Task<> givesUpAsAgreed(SctpStreamParameters parameters) {
  Association association;
  co_await association.start();
  const auto sender = association.here.open(parameters);
  const Ear ear(association.there, parameters.streamId);
  association.losesData = true;
  sender->send(DataMessage::text("lost"));
  co_await until([&] { return association.skips > 0; }, "the message is given up");
  association.losesData = false;
  sender->send(DataMessage::text("not lost"));
  co_await until([&] { return ear.heard->size() == 1; }, "the next one has come");
  CHECK(*ear.heard == Texts{"not lost"});
  co_await association.stop();
}

Task<> neverGivesUp() {
  Association association;
  co_await association.start();
  const auto sender = association.here.open(stream(3));
  const Ear ear(association.there, 3);
  association.losesData = true;
  sender->send(DataMessage::text("lost at first"));
  co_await until([&] { return sender->bufferedAmount() == 0; }, "it is sent");
  association.losesData = false;
  co_await until([&] { return ear.heard->size() == 1; }, "it has come");
  CHECK(association.skips == 0);
  co_await association.stop();
}

Task<> reusesAStream() {
  Association association;
  co_await association.start();
  const Ear ear(association.there, 9);
  for (int i = 0; i < 5; ++i) {
    const auto sender = association.here.open(stream(9));
    bool closed = false;
    const Connection connection = sender->closed.connect([&] { closed = true; });
    for (int n = 0; n < 3; ++n) sender->send(DataMessage::text(std::to_string(i)));
    sender->close();
    sender->send(DataMessage::text("too late"));
    co_await until([&] { return closed; }, "it is closed");
  }
  co_await until([&] { return ear.heard->size() == 15; }, "all have come");
  CHECK(std::is_sorted(ear.heard->begin(), ear.heard->end()));
  co_await association.stop();
}

Task<> tellsOfTheEnd() {
  Association association;
  co_await association.start();
  const auto sender = association.here.open(stream(4));
  std::vector<std::string> told;
  const Connection lost =
      association.here.failed.connect([&](const Error&) { told.push_back("lost"); });
  const Connection failed = sender->failed.connect([&](const Error&) { told.push_back("failed"); });
  const Connection closed = sender->closed.connect([&] { told.push_back("closed"); });
  association.inject(SctpPacket().chunk(6, 0, {}));  // ABORT
  co_await until([&] { return told.size() == 3; }, "the end is told");
  CHECK(told == Texts{"lost", "failed", "closed"});
  CHECK_FALSE(association.here.isOpen());
  const auto late = association.here.open(stream(6));
  bool lateFailed = false;
  const Connection connection = late->failed.connect([&](const Error&) { lateFailed = true; });
  co_await until([&] { return lateFailed; }, "a later sender fails, too");
  co_await association.stop();
}

Task<> closesUnopened() {
  Association association;
  const auto sender = association.here.open(stream(4));
  bool closed = false;
  const Connection connection = sender->closed.connect([&] { closed = true; });
  sender->close();
  co_await until([&] { return closed; }, "it is closed");

  const Ear ear(association.there, 4);
  const auto another = association.here.open(stream(4));
  another->send(DataMessage::text("still to go out"));
  another->close();
  co_await association.start();
  co_await until([&] { return ear.heard->size() == 1; }, "what it held has come");
  co_await association.stop();
}

}  // namespace

TEST_CASE("messages of all kinds go through an association, those before it is up included") {
  SctpStreamParameters parameters = stream(5);
  SECTION("ordered") {}
  SECTION("unordered") { parameters.ordered = false; }
  SECTION("partially reliable") {
    parameters.ordered = false;
    parameters.maxRetransmits = 10;
  }
  runTest(carriesMessages(parameters), 70s);
}

TEST_CASE("messages of the largest size that can be sent go through an association") {
  runTest(carriesTheLargest(), 140s);
}

TEST_CASE("a message that is larger than what is received is told, and the channel goes on") {
  runTest(tellsOfWhatIsTooLarge(), 140s);
}

TEST_CASE("what comes before anybody asked for it is kept, what comes after is not") {
  runTest(keepsWhatComesEarly(), 70s);
}

TEST_CASE("a message is given up after maxRetransmits") {
  SctpStreamParameters parameters = stream(3);
  parameters.ordered = false;
  parameters.maxRetransmits = 1;
  runTest(givesUpAsAgreed(parameters), 140s);
}

TEST_CASE("a message is given up after maxPacketLifeTime") {
  SctpStreamParameters parameters = stream(3);
  parameters.ordered = false;
  parameters.maxPacketLifeTime = 200;
  runTest(givesUpAsAgreed(parameters), 140s);
}

TEST_CASE("a reliable channel gives nothing up") { runTest(neverGivesUp(), 140s); }

TEST_CASE("a closed stream can be opened again, and nothing sent before its close is lost") {
  runTest(reusesAStream(), 70s);
}

TEST_CASE("the end of an association ends its channels") { runTest(tellsOfTheEnd(), 70s); }

TEST_CASE("a channel that was never open closes, when it has nothing to send") {
  runTest(closesUnopened(), 70s);
}
