#include "integration/stage.hpp"

#include <stdexcept>

#include "support/eventually.hpp"

namespace cosoup::test {
namespace {

Json findById(const Json& peer, const char* list, const std::string& id) {
  if (peer.isNull()) return Json();
  for (const Json& item : peer.list(list)) {
    if (item.get<std::string>("id") == id) return item;
  }
  return Json();
}

}  // namespace

Stage::Stage(RoomServer& server) : ada(server, freshRoom(), "ada"), bob(server, ada.room, "bob") {}

Task<> Stage::open() {
  ProduceConfig produce = ProduceConfig::test();
  produce.autoProduce = false;
  co_await ada.join(produce, ConsumeConfig::none());
  co_await bob.join(ProduceConfig::none(), consume);
}

Task<> Stage::close() {
  co_await leaveAll(ada, bob);
  for (const auto& source : sources_) co_await source->close();
  if (!ada.failures.empty()) throw std::runtime_error("ada: " + ada.failures.front());
  if (!bob.failures.empty()) throw std::runtime_error("bob: " + bob.failures.front());
}

Task<std::shared_ptr<Track>> Stage::play(std::shared_ptr<Source> source) {
  sources_.push_back(source);
  const Ref<GstCaps> accepted = Ref<GstCaps>::adopt(gst_caps_from_string("video/x-vp8"));
  co_await source->open(accepted);
  co_await source->play();
  co_return source->tracks().at(0);
}

Task<std::shared_ptr<Track>> Stage::picture(std::string pattern, int width, int height) {
  TestSourceOptions options(false, true);
  options.pattern = std::move(pattern);
  options.width = width;
  options.height = height;
  options.framerate = 15;
  return play(makeTestSource(std::move(options)));
}

Task<std::shared_ptr<Track>> Stage::sound(std::string wave, int channels) {
  TestSourceOptions options(true, false);
  options.wave = std::move(wave);
  options.channels = channels;
  return play(makeTestSource(std::move(options)));
}

Task<std::shared_ptr<Track>> Stage::encodedPicture(std::string pattern) {
  return play(makeLaunchSource("videotestsrc is-live=true pattern=" + pattern +
                               " ! video/x-raw,width=320,height=240,framerate=15/1"
                               " ! vp8enc deadline=1 keyframe-max-dist=3000"));
}

Task<std::shared_ptr<Producer>> Stage::produce(ProduceOptions options) {
  return ada.client.sendTransport()->produce(std::move(options));
}

Task<std::shared_ptr<Consumer>> Stage::consumerOf(std::shared_ptr<Producer> producer) {
  std::shared_ptr<Consumer> found;
  co_await eventually("bob consumes it", [&] {
    for (const auto& consumer : bob.consumers) {
      if (consumer->producerId() == producer->id()) found = consumer;
    }
    return found != nullptr;
  });
  co_return found;
}

Task<Json> Stage::atServer(std::shared_ptr<Producer> producer) {
  const Json peer = co_await ada.asServerSees();
  co_return findById(peer, "producers", producer->id());
}

Task<Json> Stage::atServer(std::shared_ptr<Consumer> consumer) {
  const Json peer = co_await bob.asServerSees();
  co_return findById(peer, "consumers", consumer->id());
}

Task<std::int64_t> Stage::packetsAtServer(std::shared_ptr<Producer> producer, std::string rid) {
  const Json seen = co_await atServer(producer);
  std::int64_t packets = 0;
  for (const Json& stream : seen.list("streams")) {
    if (!rid.empty() && stream.find<std::string>("rid") != rid) continue;
    packets += stream.get<std::int64_t>("packetCount");
  }
  co_return packets;
}

Task<bool> Stage::grows(std::shared_ptr<Producer> producer, std::string rid) {
  const std::int64_t before = co_await packetsAtServer(producer, rid);
  co_await sleepFor(std::chrono::milliseconds(500));
  const std::int64_t after = co_await packetsAtServer(producer, rid);
  co_return after > before;
}

Task<> Stage::flows(std::shared_ptr<Producer> producer, std::string rid) {
  return eventually("packets arrive " + rid,
                    [this, producer, rid] { return grows(producer, rid); });
}

namespace {

Task<bool> negated(Task<bool> question) { co_return !co_await std::move(question); }

}  // namespace

Task<> Stage::stands(std::shared_ptr<Producer> producer, std::string rid) {
  return eventually("no packets arrive " + rid,
                    [this, producer, rid] { return negated(grows(producer, rid)); });
}

}  // namespace cosoup::test
