// A client at servers that mean harm: valid sessions of each dialect, with mutations. After each
// the client either is in the room, or it ended with an Error that names what failed.
//
// COSOUP_HOSTILE_MUTATIONS: how many (default 100000); COSOUP_HOSTILE_SEED: to play one session
// again that a failure has named.
#include <cstdlib>
#include <iostream>

#include "cosoup/core/utf8.hpp"
#include "cosoup/cosoup.hpp"
#include "cosoup/testing/fake_handler.hpp"
#include "support/catch.hpp"
#include "support/fake_server.hpp"
#include "support/memory.hpp"
#include "support/run_test.hpp"
#include "unit/room/call.hpp"
#include "wire_signaler.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

#if COSOUP_TEST_HAS_ASAN
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace {

std::uint64_t seedInPlay = 0;

/// For when a sanitizer ends the program.
void nameSeedOnDeath() {
#if COSOUP_TEST_HAS_ASAN
  __sanitizer_set_death_callback(
      [] { std::cerr << "COSOUP_HOSTILE_SEED=" << seedInPlay << std::endl; });
#endif
}

std::optional<std::uint64_t> numberFrom(const char* variable) {
  const char* text = std::getenv(variable);
  if (!text) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

/// Mutated answers are often lost, and then a session takes as long as this. All else takes time.
ProtooOptions impatient(Attack attack) {
  ProtooOptions options;
  options.requestLimit = attack == Attack::answers ? 100ms : 5s;
  return options;
}

Attack attackOf(std::uint64_t seed) {
  switch (seed / 2 % 8) {
    case 0:
      return Attack::noise;
    case 1:
      return Attack::order;
    default:
      return Attack::answers;
  }
}

ProtooDialect dialectOf(std::uint64_t seed) {
  return seed % 2 ? ProtooDialect::demo2025 : ProtooDialect::demo2024;
}

/// The server that a seed makes, and a client of it.
struct Session {
  explicit Session(std::uint64_t seed)
      : attack(attackOf(seed)),
        server(std::make_shared<HostileServer>(seed, dialectOf(seed), attack)),
        produces(seed % 3 == 0) {}

  void use(std::unique_ptr<Signaler> signaler) {
    client.emplace(std::move(signaler));
    client->device = handler.deviceOptions();
    client->reconnect.enabled = false;
    watching = client->events().on<event::Produced>(
        [this](const event::Produced& event) { producers.push_back(event.producer); });
    ending = client->events().on<event::Disconnected>(
        [this](const event::Disconnected& event) { ended = event.reason; });
  }

  const Attack attack;
  const std::shared_ptr<HostileServer> server;
  testing::FakeHandler handler;
  const bool produces;
  std::optional<MediasoupClient> client;
  std::vector<std::shared_ptr<Producer>> producers;
  std::optional<Error> ended;  ///< why the room has, by itself
  Connection watching;
  Connection ending;
};

/// One line that begins with what failed, and does no harm where it is shown.
void checkError(const Error& error) {
  const std::string text = error.what();
  if (std::getenv("COSOUP_HOSTILE_SEED")) std::cerr << text << '\n';
  INFO(text.substr(0, 300));
  CHECK(text.find(": ") != std::string::npos);
  CHECK(std::isalpha(static_cast<unsigned char>(text.front())));
  CHECK(printable(text) == text);
  CHECK(text.size() < 4'000);
}

/// What it throws is an Error, which is no failure; false then.
template <class T>
Task<bool> succeeds(Task<T> task) {
  try {
    co_await std::move(task);
    co_return true;
  } catch (const Error& error) {
    checkError(error);
  }
  co_return false;
}

/// What an app might do meanwhile.
Task<> useRoom(Session& session) {
  MediasoupClient& client = *session.client;
  for (const auto& connection : session.handler.connections()) {
    connection->openDataChannels();
    connection->receiveMessage(0, DataMessage::text("hello"));
  }
  co_await succeeds(client.changeDisplayName("Ada 2"));
  DataProduceOptions options;
  options.label = "chat";
  co_await succeeds(client.produceData(std::move(options)));
  const auto producers = session.producers;
  for (const auto& producer : producers) {
    co_await succeeds(client.pauseProducer(producer));
    co_await succeeds(client.getServerStats(producer));
    co_await succeeds(client.closeProducer(producer));
  }
  const auto consumer = client.room()->consumer("c1");
  if (consumer) {
    co_await succeeds(client.pauseConsumer(consumer));
    co_await succeeds(client.getServerStats(consumer));
  }
}

/// The room and its connection are in order: a request is answered; or the room has ended, and says
/// why.
Task<> checkInRoom(Session& session) {
  session.server->behave();
  bool answered = false;
  // An answer to it may have been among the mutations; and a room takes a moment to end.
  for (int tries = 0; tries < 100 && !answered && !session.ended; ++tries) {
    answered = co_await succeeds(session.client->getServerStats(session.client->recvTransport()));
    if (!answered) co_await sleepFor(10ms);
  }
  if (session.ended) {
    checkError(*session.ended);
  } else {
    CHECK(answered);
    CHECK(session.client->room());
  }
}

/// Whether it came into the room.
Task<bool> visit(Session& session, RoomAddress address) {
  PeerInfo me("ada", "Ada");
  ProduceConfig produce = ProduceConfig::none();
  if (session.produces) {
    produce = ProduceConfig::from([] { return std::make_shared<SilentSource>(); });
  }
  Task<> joining = session.client->joinRoom(std::move(address), std::move(me), std::move(produce),
                                            ConsumeConfig::discard());
  const bool joined = co_await succeeds(std::move(joining));
  if (joined) {
    co_await useRoom(session);
    co_await checkInRoom(session);
  }
  co_await session.client->close();
  co_return joined;
}

struct Tally {
  std::size_t mutations = 0;
  std::size_t noisySessions = 0;
  std::size_t noisyRooms = 0;  ///< of those, in how many we were
};

Task<> play(std::uint64_t seed, Tally& tally) {
  INFO("COSOUP_HOSTILE_SEED=" << seed);
  seedInPlay = seed;
  Session session(seed);
  session.use(std::make_unique<WireSignaler>(session.server, impatient(session.attack)));
  RoomAddress address("ws://nowhere", "room");
  const bool joined = co_await visit(session, std::move(address));
  tally.mutations += session.server->mutations();
  if (session.attack != Attack::noise) co_return;
  ++tally.noisySessions;
  if (joined) ++tally.noisyRooms;
}

Task<> playMany(std::uint64_t& seed, std::size_t sessions, Tally& tally) {
  for (std::size_t i = 0; i < sessions; ++i) co_await play(seed++, tally);
}

Task<> serve(FakeServer& fake, HostileServer& server) {
  try {
    const std::shared_ptr<FakePeer> peer = co_await fake.peer();
    while (true) {
      const std::string text = co_await peer->text();
      server.hear(text, [&](const std::string& answer) { peer->send(toUtf8(answer)); });
    }
  } catch (const Error&) {
    // The client is gone.
  }
}

Task<> playOverWebSocket(std::uint64_t seed) {
  INFO("COSOUP_HOSTILE_SEED=" << seed);
  seedInPlay = seed;
  FakeServer fake;
  Session session(seed);
  session.use(std::make_unique<ProtooSignaler>(impatient(session.attack)));
  Scope serving;
  serving.spawn(serve(fake, *session.server));
  co_await visit(session, fake.address());
  co_await serving.join();
}

constexpr std::size_t kSessionsPerRun = 50;

}  // namespace

TEST_CASE("a client survives every mutation of a server's session") {
  const LogCapture log;
  nameSeedOnDeath();
  Tally tally;
  if (auto seed = numberFrom("COSOUP_HOSTILE_SEED")) {
    runTest(playMany(*seed, 1, tally), 60s);
    return;
  }
  const std::size_t wanted = numberFrom("COSOUP_HOSTILE_MUTATIONS").value_or(100'000);
  std::uint64_t seed = 0;
  std::optional<std::size_t> before;
  while (tally.mutations < wanted) {
    runTest(playMany(seed, kSessionsPerRun, tally), 120s);
    if (!before && seed >= 4 * kSessionsPerRun) before = allocatedBytes();
  }
  std::cout << tally.mutations << " mutations in " << seed << " sessions\n";
  // Noise keeps nobody out, but where it takes the place of an answer.
  CHECK(tally.noisyRooms > tally.noisySessions * 9 / 10);
  // What each session left behind would add up.
  if (before) CHECK(allocatedBytes() < *before + (std::size_t{4} << 20));
}

TEST_CASE("so it does over a WebSocket") {
  const LogCapture log;
  nameSeedOnDeath();
  for (std::uint64_t seed = 0; seed < 64; ++seed) runTest(playOverWebSocket(seed), 60s);
}
