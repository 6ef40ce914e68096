#include "integration/member.hpp"

#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "integration/frame_watch.hpp"
#include "support/eventually.hpp"

namespace cosoup::test {

Member::Member(RoomServer& where, std::string roomId, std::string peerId,
               std::unique_ptr<Signaler> signaler, Listeners listeners)
    : address(where.address(roomId)),
      server(where),
      room(std::move(roomId)),
      id(std::move(peerId)),
      client(std::move(signaler), std::move(listeners)) {
  address.insecure = true;
  client.reconnect.enabled = false;
  RoomEvents& events = client.events();
  connections_.push_back(events.on<event::Produced>(
      [this](const event::Produced& produced) { producers.push_back(produced.producer); }));
  connections_.push_back(events.on<event::Consuming>(
      [this](const event::Consuming& consuming) { consumers.push_back(consuming.consumer); }));
  connections_.push_back(events.on<event::ConsumerClosed>(
      [this](const event::ConsumerClosed& closed) { std::erase(consumers, closed.consumer); }));
  connections_.push_back(events.on<event::Recorded>(
      [this](const event::Recorded& recorded) { recordings.push_back(recorded.recording); }));
  connections_.push_back(events.on<event::Failed>(
      [this](const event::Failed& failed) { failures.push_back(failed.error.what()); }));
}

namespace {

Task<bool> isBackgroundEmpty() { co_return cosoup::detail::backgroundScope().running() == 0; }

}  // namespace

Task<> backgroundEnds() {
  return eventually("the background ends", [] { return isBackgroundEmpty(); });
}

Task<> Member::join(ProduceConfig produce, ConsumeConfig consume) {
  PeerInfo me(id, "peer " + id);
  return client.joinRoom(address, std::move(me), std::move(produce), std::move(consume));
}

Task<bool> Member::receivesMore(std::size_t streams) {
  if (consumers.size() < streams) co_return false;
  std::vector<std::uint64_t> before;
  for (const auto& consumer : consumers) before.push_back(consumer->counters().packets);
  co_await sleepFor(std::chrono::milliseconds(100));
  if (consumers.size() != before.size()) co_return false;
  std::size_t flowing = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] > 0 && consumers[i]->counters().packets > before[i]) ++flowing;
  }
  co_return flowing >= streams;
}

Task<> Member::receives(std::size_t streams) {
  const std::string description = id + " receives " + std::to_string(streams) + " streams";
  return eventually(description, [this, streams] { return receivesMore(streams); });
}

namespace {

using Watches = std::vector<std::shared_ptr<FrameWatch>>;

Task<bool> haveLasted(const Watches& watches, std::chrono::milliseconds length) {
  co_return std::all_of(watches.begin(), watches.end(),
                        [&](const auto& watch) { return watch->length() >= length; });
}

}  // namespace

Task<> Member::receives(std::size_t streams, std::chrono::milliseconds length) {
  co_await receives(streams);
  const auto watched = consumers;
  Watches watches;
  for (const auto& consumer : watched) {
    watches.push_back(std::make_shared<FrameWatch>());
    consumer->track()->addReceiver(watches.back());
    consumer->track()->requestKeyFrame();
  }
  const std::string description = id + " has received " + std::to_string(length.count()) + " ms";
  co_await eventually(description, [&] { return haveLasted(watches, length); });
  for (std::size_t i = 0; i < watched.size(); ++i) {
    watched[i]->track()->removeReceiver(watches[i]);
  }
}

Task<bool> Member::hasPerfectScores() {
  const Json first = co_await asServerSees();
  co_await sleepFor(std::chrono::milliseconds(200));
  const Json second = co_await asServerSees();
  if (first.isNull() || second.isNull()) co_return false;
  const auto before = first.list("producers");
  const auto after = second.list("producers");
  if (before.size() < 2 || before.size() != after.size()) co_return false;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto scores = after[i].list("score");
    if (scores.empty() || scores.front().get<std::int64_t>("score") != 10) co_return false;
    const auto bytes = [](const Json& producer) {
      return producer.get<Json>("stats").get<std::int64_t>("byteCount");
    };
    if (bytes(after[i]) <= bytes(before[i])) co_return false;
  }
  co_return true;
}

Task<> Member::isHeardAndSeen() {
  return eventually(id + " is heard and seen by the server", [this] { return hasPerfectScores(); });
}

Task<bool> Member::isUnknown() {
  const Json seen = co_await asServerSees();
  co_return seen.isNull();
}

Task<> Member::isGone() {
  return eventually(id + " is gone", [this] { return isUnknown(); });
}

TemporaryFolder::TemporaryFolder() {
  char* made = g_dir_make_tmp("cosoup-XXXXXX", nullptr);
  path_ = made;
  g_free(made);
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

MediaSummary inspect(const std::string& path) {
  const LoopMayWait looking;  // at the whole file
  ensureGStreamer();
  GError* error = nullptr;
  const auto discoverer = Ref<GstDiscoverer>::adopt(gst_discoverer_new(10 * GST_SECOND, &error));
  char* uri = g_filename_to_uri(std::filesystem::absolute(path).c_str(), nullptr, nullptr);
  const auto info =
      Ref<GstDiscovererInfo>::adopt(gst_discoverer_discover_uri(discoverer.get(), uri, &error));
  g_free(uri);
  if (error) {
    const std::string reason = path + ": " + error->message;
    g_error_free(error);
    throw std::runtime_error(reason);
  }
  MediaSummary file;
  file.seconds = static_cast<double>(gst_discoverer_info_get_duration(info.get())) / GST_SECOND;
  GList* streams = gst_discoverer_info_get_stream_list(info.get());
  for (GList* at = streams; at; at = at->next) {
    auto* stream = static_cast<GstDiscovererStreamInfo*>(at->data);
    if (GST_IS_DISCOVERER_CONTAINER_INFO(stream)) continue;
    const auto caps = Ref<GstCaps>::adopt(gst_discoverer_stream_info_get_caps(stream));
    file.codecs.emplace_back(gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)));
    if (GST_IS_DISCOVERER_VIDEO_INFO(stream)) {
      const auto* video = GST_DISCOVERER_VIDEO_INFO(stream);
      file.width = static_cast<int>(gst_discoverer_video_info_get_width(video));
      file.height = static_cast<int>(gst_discoverer_video_info_get_height(video));
    }
  }
  gst_discoverer_stream_info_list_free(streams);
  std::sort(file.codecs.begin(), file.codecs.end());
  return file;
}

}  // namespace cosoup::test
