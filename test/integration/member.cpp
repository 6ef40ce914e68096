#include "integration/member.hpp"

#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace cosoup::test {

Member::Member(RoomServer& where, std::string roomId, std::string peerId)
    : server(where), room(std::move(roomId)), id(std::move(peerId)) {
  RoomEvents& events = client.events();
  connections_.push_back(events.produced.connect(
      [this](const std::shared_ptr<Producer>& producer) { producers.push_back(producer); }));
  connections_.push_back(
      events.consuming.connect([this](const Peer&, const std::shared_ptr<Consumer>& consumer) {
        consumers.push_back(consumer);
      }));
  connections_.push_back(events.consumerClosed.connect(
      [this](const std::shared_ptr<Consumer>& consumer) { std::erase(consumers, consumer); }));
  connections_.push_back(events.recorded.connect(
      [this](const Recording& recording) { recordings.push_back(recording); }));
  connections_.push_back(
      events.failed.connect([this](const Error& error) { failures.push_back(error.what()); }));
}

Task<> Member::join(ProduceConfig produce, ConsumeConfig consume) {
  RoomAddress address = server.address(room);
  address.insecure = true;
  PeerInfo me(id, "peer " + id);
  return client.joinRoom(std::move(address), std::move(me), std::move(produce), std::move(consume));
}

Task<bool> Member::receivesMore(std::size_t streams) {
  if (consumers.size() < streams) co_return false;
  std::vector<std::uint64_t> before;
  for (const auto& consumer : consumers) before.push_back(consumer->stats().packets);
  co_await sleepFor(std::chrono::milliseconds(100));
  if (consumers.size() != before.size()) co_return false;
  std::size_t flowing = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] > 0 && consumers[i]->stats().packets > before[i]) ++flowing;
  }
  co_return flowing >= streams;
}

Task<> Member::receives(std::size_t streams) {
  const std::string description = id + " receives " + std::to_string(streams) + " streams";
  return eventually(description, [this, streams] { return receivesMore(streams); });
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

TemporaryFolder::TemporaryFolder() {
  char* made = g_dir_make_tmp("cosoup-XXXXXX", nullptr);
  path_ = made;
  g_free(made);
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

MediaFile inspect(const std::string& path) {
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
  MediaFile file;
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
