// Data channels over the real SCTP elements, without a network: two associations face each other.
#include "cosoup/webrtc/sctp_channels.hpp"

#include "support/eventually.hpp"
#include "support/run_test.hpp"
#include "unit/webrtc/association.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

Task<> carriesMessages(SctpStreamParameters parameters) {
  Association association;
  const Ear ear(association.there, 5);
  const auto sender = association.here.open(parameters);
  sender->send(DataMessage::text("before the association is up"));
  CHECK(sender->bufferedAmount() == 28);
  co_await association.start();
  co_await eventually("it has come", [&] { return ear.heard->size() == 1; });
  sender->send(DataMessage::text(""));
  co_await eventually("the empty one has come", [&] { return ear.heard->size() == 2; });
  sender->send(DataMessage::text(std::string(300'000, 'x')));
  co_await eventually("the large one has come", [&] { return ear.heard->size() == 3; });
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

// Without ids of their own the second one would not open, and its end would never come.
Task<> haveIdsOfTheirOwn() {
  Association first;
  Association second;
  co_await first.start();
  co_await second.start();
  const Ear ear(second.there, 5);
  const auto sender = second.here.open(stream(5));
  sender->send(DataMessage::text("hello"));
  co_await eventually("it has come", [&] { return ear.heard->size() == 1; });
  co_await first.stop();
  co_await second.stop();
}

Task<> carriesTheLargest() {
  Association association;
  association.there.setMaxMessageSize(kMaxSentMessage);
  co_await association.start();
  const auto sender = association.here.open(stream(5));
  const Ear ear(association.there, 5);
  const std::string text = patternOf(kMaxSentMessage);
  for (int i = 0; i < 3; ++i) sender->send(DataMessage::text(text));
  co_await eventually("all have come", [&] { return ear.heard->size() == 3; });
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
  co_await eventually("the second is told to be too large", [&] { return dropped.size() == 1; });
  CHECK(dropped.front().starts_with("5: "));
  const Ear ear(association.there, 5);
  sender->send(DataMessage::text("heard"));
  co_await eventually("the channel has gone on", [&] { return ear.heard->size() == 2; });
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
  co_await eventually("the other has come", [&] { return otherEar.heard->size() == 1; });
  const Ear ear(association.there, 1);
  CHECK(ear.heard->empty());  // later, from the loop
  sender->send(DataMessage::text("in time"));
  co_await eventually("both have come", [&] { return ear.heard->size() == 2; });
  CHECK(*ear.heard == Texts{"early", "in time"});

  association.there.ignore(1);
  sender->send(DataMessage::text("ignored"));
  other->send(DataMessage::text("again"));
  co_await eventually("the other has come again", [&] { return otherEar.heard->size() == 2; });
  const Ear later(association.there, 1);
  sender->send(DataMessage::text("heard"));
  co_await eventually("it is heard", [&] { return later.heard->size() == 1; });
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
  co_await eventually("the message is given up", [&] { return association.skips > 0; });
  association.losesData = false;
  sender->send(DataMessage::text("not lost"));
  co_await eventually("the next one has come", [&] { return ear.heard->size() == 1; });
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
  co_await eventually("it is sent", [&] { return sender->bufferedAmount() == 0; });
  association.losesData = false;
  co_await eventually("it has come", [&] { return ear.heard->size() == 1; });
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
    co_await eventually("it is closed", [&] { return closed; });
  }
  co_await eventually("all have come", [&] { return ear.heard->size() == 15; });
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
  co_await eventually("the end is told", [&] { return told.size() == 3; });
  CHECK(told == Texts{"lost", "failed", "closed"});
  CHECK_FALSE(association.here.isOpen());
  const auto late = association.here.open(stream(6));
  bool lateFailed = false;
  const Connection connection = late->failed.connect([&](const Error&) { lateFailed = true; });
  co_await eventually("a later sender fails, too", [&] { return lateFailed; });
  co_await association.stop();
}

Task<> closesUnopened() {
  Association association;
  const auto sender = association.here.open(stream(4));
  bool closed = false;
  const Connection connection = sender->closed.connect([&] { closed = true; });
  sender->close();
  co_await eventually("it is closed", [&] { return closed; });

  const Ear ear(association.there, 4);
  const auto another = association.here.open(stream(4));
  another->send(DataMessage::text("still to go out"));
  another->close();
  co_await association.start();
  co_await eventually("what it held has come", [&] { return ear.heard->size() == 1; });
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

TEST_CASE(
    "associations for which webrtcbin has drawn the same id do not get into each other's way") {
  runTest(haveIdsOfTheirOwn(), 130s);
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
