// What the Python SDK got wrong and no other test looks at. See lib/docs/from_smcdk.md.
#include <gio/gio.h>

#include <algorithm>

#include "integration/forwarding_signaler.hpp"
#include "integration/gated_signaler.hpp"
#include "integration/member.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

Task<> joinsWithLittle() {
  MediasoupClient client;
  RoomAddress address(sharedServer().url(), freshRoom());
  CHECK_FALSE(address.insecure);
  const std::string room = address.roomId;
  PeerInfo me("ada", "Ada");
  co_await client.joinRoom(std::move(address), std::move(me), ProduceConfig::none(),
                           ConsumeConfig::none());
  const Json seen = co_await sharedServer().peer(room, "ada");
  CHECK(seen.get<std::string>("displayName") == "Ada");
  CHECK(seen.get<Json>("device").get<std::string>("name") == "cosoup");
  co_await client.close();
}

Task<> servesOneDirection() {
  Member sender(sharedServer(), freshRoom(), "sender");
  Member receiver(sharedServer(), sender.room, "receiver");
  co_await sender.join(ProduceConfig::test(), ConsumeConfig::none());
  co_await receiver.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await sender.isHeardAndSeen();
  co_await receiver.receives(2);
  CHECK_FALSE(sender.client.recvTransport());
  CHECK_FALSE(receiver.client.sendTransport());
  for (Member* member : {&sender, &receiver}) {
    const Json seen = co_await member->asServerSees();
    CHECK(seen.list("transports").size() == 1);
  }
  co_await leaveAll(sender, receiver);
}

// ---- signalling --------------------------------------------------------------------------------

/// Says no to one request of ours.
class Refusing final : public ForwardingSignaler {
 public:
  explicit Refusing(std::string method) : method_(std::move(method)) {}

  Task<Json> request(std::string method, Json data) override {
    if (method == method_) throw Error(Error::Code::Rejected, method + ": not today", 500);
    co_return co_await ForwardingSignaler::request(std::move(method), std::move(data));
  }

 private:
  const std::string method_;
};

Task<> reportsARefusedConnect() {
  Member ada(sharedServer(), freshRoom(), "ada",
             std::make_unique<Refusing>("connectWebRtcTransport"));
  std::string reason;
  try {
    co_await ada.join(ProduceConfig::test(), ConsumeConfig::none());
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Rejected);
    reason = error.what();
  }
  CHECK(reason.find("connectWebRtcTransport: not today") != std::string::npos);
  co_await ada.leave();
}

Task<bool> hasConsumers(Member& member, std::size_t count) {
  const Json seen = co_await member.asServerSees();
  co_return !seen.isNull() && seen.list("consumers").size() == count;
}

/// The server offers consumers as soon as it has let us in, before we know that it has.
Task<> knowsWhomItConsumes() {
  Member bob(sharedServer(), freshRoom(), "bob");
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::none());
  const Gates gates("join answered");
  Member ada(sharedServer(), bob.room, "ada", std::make_unique<GatedSignaler>(gates));
  std::vector<std::string> owners;
  const Connection consuming = ada.client.events().on<event::Consuming>(
      [&](const event::Consuming& begun) { owners.push_back(begun.peer->displayName()); });
  Scope joining;
  joining.spawn(ada.join(ProduceConfig::none(), ConsumeConfig::discard()));
  co_await gates.reached();
  co_await eventually("the server offers two consumers", [&] { return hasConsumers(ada, 2); });
  CHECK(owners.empty());
  gates.open();
  co_await joining.join();
  co_await ada.receives(2);
  const std::vector<std::string> expected = {"peer bob", "peer bob"};
  CHECK(owners == expected);
  co_await leaveAll(ada, bob);
}

// ---- what the server is told -------------------------------------------------------------------

Task<bool> isPausedThere(Member& member, const char* list, bool paused) {
  const Json seen = co_await member.asServerSees();
  const auto things = seen.list(list);
  co_return !things.empty() && things.front().get<bool>("paused") == paused;
}

Task<bool> hasHeardOfPause(Member& member, bool paused) {
  co_return member.consumers.size() == 1 && member.consumers.front()->isPaused() == paused;
}

Task<bool> hasNoConsumers(Member& member) { co_return member.consumers.empty(); }

Task<> tellsTheServer() {
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(TestSourceOptions(true, false)), ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), ConsumeConfig::discard());
  co_await bob.receives(1);
  const auto producer = ada.producers.at(0);
  co_await ada.client.pauseProducer(producer);
  co_await eventually("the server hears of it",
                      [&] { return isPausedThere(ada, "producers", true); });
  co_await eventually("bob hears of it", [&] { return hasHeardOfPause(bob, true); });
  co_await ada.client.resumeProducer(producer);
  co_await eventually("the server hears of it",
                      [&] { return isPausedThere(ada, "producers", false); });
  co_await eventually("bob hears of it", [&] { return hasHeardOfPause(bob, false); });
  co_await bob.client.pauseConsumer(bob.consumers.at(0));
  co_await eventually("the server hears of it",
                      [&] { return isPausedThere(bob, "consumers", true); });
  co_await bob.client.resumeConsumer(bob.consumers.at(0));
  co_await eventually("the server hears of it",
                      [&] { return isPausedThere(bob, "consumers", false); });
  co_await bob.receives(1);
  co_await ada.client.closeProducer(producer);
  const Json seen = co_await ada.asServerSees();
  CHECK(seen.list("producers").empty());
  co_await eventually("bob's consumer is closed", [&] { return hasNoConsumers(bob); });
  co_await leaveAll(ada, bob);
}

// ---- nobody else is asked ----------------------------------------------------------------------

/// Knows no name, and counts who asks.
struct NoNames {
  GResolver parent;
  static inline int asked = 0;

  static void answer(GResolver* self, GCancellable* cancellable, GAsyncReadyCallback callback,
                     gpointer data) {
    ++asked;
    GTask* task = g_task_new(self, cancellable, callback, data);
    g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
    g_object_unref(task);
  }
  static GList* lookUp(GResolver*, const char*, GCancellable*, GError** error) {
    ++asked;
    g_set_error(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
    return nullptr;
  }
  static GList* lookUpWithFlags(GResolver* self, const char* name, GResolverNameLookupFlags,
                                GCancellable* cancellable, GError** error) {
    return lookUp(self, name, cancellable, error);
  }
  static void lookUpAsync(GResolver* self, const char*, GCancellable* cancellable,
                          GAsyncReadyCallback callback, gpointer data) {
    answer(self, cancellable, callback, data);
  }
  static void lookUpWithFlagsAsync(GResolver* self, const char*, GResolverNameLookupFlags,
                                   GCancellable* cancellable, GAsyncReadyCallback callback,
                                   gpointer data) {
    answer(self, cancellable, callback, data);
  }
  static GList* finish(GResolver*, GAsyncResult* result, GError** error) {
    return static_cast<GList*>(g_task_propagate_pointer(G_TASK(result), error));
  }

  static void initialise(gpointer classStruct, gpointer) {
    auto* resolver = static_cast<GResolverClass*>(classStruct);
    resolver->lookup_by_name = &lookUp;
    resolver->lookup_by_name_async = &lookUpAsync;
    resolver->lookup_by_name_finish = &finish;
    resolver->lookup_by_name_with_flags = &lookUpWithFlags;
    resolver->lookup_by_name_with_flags_async = &lookUpWithFlagsAsync;
    resolver->lookup_by_name_with_flags_finish = &finish;
  }
  static GResolver* make() {
    static const GType type =
        g_type_register_static_simple(G_TYPE_RESOLVER, "CosoupTestNoNames", sizeof(GResolverClass),
                                      &initialise, sizeof(NoNames), nullptr, GTypeFlags(0));
    return G_RESOLVER(g_object_new(type, nullptr));
  }
};

/// The default resolver of the process while it lives.
class WithoutNames {
 public:
  WithoutNames() {
    NoNames::asked = 0;
    g_resolver_set_default(without_.get());
  }
  WithoutNames(const WithoutNames&) = delete;
  WithoutNames& operator=(const WithoutNames&) = delete;
  ~WithoutNames() { g_resolver_set_default(before_.get()); }

 private:
  Ref<GResolver> before_ = Ref<GResolver>::adopt(g_resolver_get_default());
  Ref<GResolver> without_ = Ref<GResolver>::adopt(NoNames::make());
};

Task<> needsNoNames() {
  const WithoutNames without;
  // That a name would be noticed:
  MediasoupClient lost;
  RoomAddress nowhere("ws://stun.example:1", "room");
  PeerInfo me("ada", "Ada");
  bool failed = false;
  try {
    co_await lost.joinRoom(std::move(nowhere), std::move(me), ProduceConfig::none(),
                           ConsumeConfig::none());
  } catch (const Error&) {
    failed = true;
  }
  CHECK(failed);
  CHECK(NoNames::asked > 0);
  NoNames::asked = 0;
  Member ada(sharedServer(), freshRoom(), "ada");
  Member bob(sharedServer(), ada.room, "bob");
  co_await ada.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await bob.join(ProduceConfig::test(), ConsumeConfig::discard());
  co_await ada.receives(2);
  co_await bob.receives(2);
  CHECK(NoNames::asked == 0);
  co_await lost.close();
  co_await leaveAll(ada, bob);
}

}  // namespace

TEST_CASE("an address, a room and a name are all that joining takes") {
  runTest(joinsWithLittle(), 60s);
}

TEST_CASE("a client with nothing to send receives, and one that receives nothing sends") {
  runTest(servesOneDirection(), 60s);
}

TEST_CASE("a transport that the server does not connect fails the join with its reason") {
  runTest(reportsARefusedConnect(), 60s);
}

TEST_CASE("consumers offered before the roster is known wait for it") {
  runTest(knowsWhomItConsumes(), 60s);
}

TEST_CASE("what is paused, resumed and closed here, the server and the others know", "[dialect]") {
  runTest(tellsTheServer(), 60s);
}

TEST_CASE("a call asks no STUN server, nor anybody else by name") { runTest(needsNoNames(), 60s); }
