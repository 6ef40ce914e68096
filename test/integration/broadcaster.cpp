#include "integration/broadcaster.hpp"

#include <utility>

namespace cosoup::test {
namespace {

Json codec(const char* mimeType, int clockRate, int payloadType) {
  return Json::object(
      {{"mimeType", mimeType}, {"clockRate", clockRate}, {"payloadType", payloadType}});
}

Json parametersOf(Json codecDescription, int ssrc) {
  const Json encoding = Json::object({{"ssrc", ssrc}});
  return Json::object({{"codecs", Json::array({std::move(codecDescription)})},
                       {"encodings", Json::array({encoding})}});
}

}  // namespace

Broadcaster::~Broadcaster() {
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Task<> Broadcaster::start() {
  co_await enter();
  Json opus = codec("audio/opus", 48000, 100);
  opus.set("channels", 2);
  Json vp8 = codec("video/VP8", 90000, 101);
  const int audioPort = co_await offer("audio", parametersOf(std::move(opus), 1111));
  const int videoPort = co_await offer("video", parametersOf(std::move(vp8), 2222));
  play(audioPort, videoPort);
}

Task<> Broadcaster::enter() {
  const char* id = speaks2024() ? "id" : "peerId";
  const Json device = Json::object({{"flag", "broadcaster"}, {"name", "GStreamer"}});
  Json who = Json::object({{id, "tv"}, {"displayName", "Television"}, {"device", device}});
  co_await server_.post(path_, std::move(who));
  if (speaks2024()) co_return;
  co_await server_.post(path_ + "/tv/join", Json::object());
}

/// A transport for each: it takes RTP from one port of ours only.
Task<int> Broadcaster::offer(std::string kind, Json parameters) {
  if (speaks2024()) return offer2024(std::move(kind), std::move(parameters));
  return offer2025(std::move(kind), std::move(parameters));
}

Task<int> Broadcaster::offer2024(std::string kind, Json parameters) {
  Json options = Json::object({{"type", "plain"}, {"rtcpMux", true}, {"comedia", true}});
  const Json transport = co_await server_.post(path_ + "/tv/transports", std::move(options));
  Json producer = Json::object({{"kind", kind}, {"rtpParameters", parameters}});
  const std::string url = path_ + "/tv/transports/" + transport.get<std::string>("id");
  const Json made = co_await server_.post(url + "/producers", std::move(producer));
  videoId = made.get<std::string>("id");  // the last one's
  co_return transport.get<int>("port");
}

Task<int> Broadcaster::offer2025(std::string kind, Json parameters) {
  Json options = Json::object({{"direction", "producer"}, {"rtcpMux", true}, {"comedia", true}});
  const Json transport = co_await server_.post(path_ + "/tv/transports", std::move(options));
  const Json appData = Json::object({{"source", kind}});
  Json producer = Json::object({{"transportId", transport.get<std::string>("transportId")},
                                {"kind", kind},
                                {"rtpParameters", parameters},
                                {"appData", appData}});
  const Json made = co_await server_.post(path_ + "/tv/producers", std::move(producer));
  videoId = made.get<std::string>("producerId");
  co_return transport.get<int>("port");
}

void Broadcaster::play(int audioPort, int videoPort) {
  const auto to = [](int port) {
    return " ! udpsink host=127.0.0.1 port=" + std::to_string(port) + " ";
  };
  const std::string description =
      "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=100 ssrc=1111" + to(audioPort) +
      "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! "
      "vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay pt=101 ssrc=2222 picture-id-mode=2" +
      to(videoPort);
  pipeline_ = Ref<GstElement>::adopt(
      GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(description.c_str(), nullptr))));
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

}  // namespace cosoup::test
