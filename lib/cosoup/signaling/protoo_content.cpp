#include "cosoup/signaling/protoo_content.hpp"

#include <cstdint>
#include <functional>
#include <map>

#include "cosoup/core/error.hpp"

namespace cosoup::protoo {
namespace {

// Simulcast has 3 encodings; more than this is no score but an attack on our memory.
constexpr std::size_t kMaxScores = 64;

std::vector<Json> boundedList(const Json& data, const char* key) {
  std::vector<Json> items = data.list(key);
  if (items.size() > kMaxScores) {
    throw Error(Error::Code::InvalidArgument, "'" + std::string(key) + "' is too long");
  }
  return items;
}

std::string id(const Json& data, const char* key) { return data.get<std::string>(key); }

Json objectIn(const Json& data, const char* key) {
  const Json member = data.getOr<Json>(key, Json::object());
  if (member.isObject()) return member;
  throw Error(Error::Code::InvalidArgument, "'" + std::string(key) + "' is not an object");
}

// Broadcasters have no flag, and what a browser calls itself is its own affair.
PeerDescription toPeer(const Json& data) {
  PeerDescription peer;
  peer.id = id(data, "id");
  peer.displayName = data.getOr<std::string>("displayName", "");
  const Json device = objectIn(data, "device");
  peer.device.flag = device.getOr<std::string>("flag", "");
  peer.device.name = device.getOr<std::string>("name", "");
  peer.device.version = device.getOr<std::string>("version", "");
  return peer;
}

Notification displayNameChanged(const Json& data) {
  return PeerDisplayNameChanged{id(data, "peerId"), data.get<std::string>("displayName"),
                                data.getOr<std::string>("oldDisplayName", "")};
}

Notification activeSpeaker(const Json& data) {
  return ActiveSpeaker{data.find<std::string>("peerId"), data.find<double>("volume")};
}

Notification producerScore(const Json& data) {
  ProducerScore result{id(data, "producerId"), {}};
  for (const Json& item : boundedList(data, "score")) {
    ProducerScore::Score score;
    score.encodingIdx = item.getOr<std::uint32_t>("encodingIdx", 0);
    score.ssrc = item.find<std::uint32_t>("ssrc");
    score.rid = item.find<std::string>("rid");
    score.score = item.get<int>("score");
    result.scores.push_back(std::move(score));
  }
  return result;
}

Notification consumerScore(const Json& data) {
  const Json score = data.get<Json>("score");
  ConsumerScore result;
  result.consumerId = id(data, "consumerId");
  result.score = score.get<int>("score");
  result.producerScore = score.getOr<int>("producerScore", 0);
  for (const Json& item : boundedList(score, "producerScores")) {
    result.producerScores.push_back(item.as<int>("producerScores"));
  }
  return result;
}

Notification layersChanged(const Json& data) {
  return ConsumerLayersChanged{id(data, "consumerId"), data.find<int>("spatialLayer"),
                               data.find<int>("temporalLayer")};
}

Notification downlinkBwe(const Json& data) {
  return DownlinkBwe{data.getOr("desiredBitrate", 0.0), data.getOr("effectiveDesiredBitrate", 0.0),
                     data.getOr("availableBitrate", 0.0)};
}

template <class T>
Notification onlyConsumerId(const Json& data) {
  return T{id(data, "consumerId")};
}

using Reader = Notification (*)(const Json&);

const std::map<std::string, Reader, std::less<>> kNotifications = {
    {"newPeer", [](const Json& data) -> Notification { return NewPeer{toPeer(data)}; }},
    {"peerClosed", [](const Json& data) -> Notification { return PeerClosed{id(data, "peerId")}; }},
    {"peerDisplayNameChanged", displayNameChanged},
    {"activeSpeaker", activeSpeaker},
    {"producerScore", producerScore},
    {"consumerScore", consumerScore},
    {"consumerLayersChanged", layersChanged},
    {"consumerPaused", onlyConsumerId<ConsumerPaused>},
    {"consumerResumed", onlyConsumerId<ConsumerResumed>},
    {"consumerClosed", onlyConsumerId<ConsumerClosed>},
    {"dataConsumerClosed",
     [](const Json& data) -> Notification {
       return DataConsumerClosed{id(data, "dataConsumerId")};
     }},
    {"downlinkBwe", downlinkBwe},
};

std::string consumerType(const Json& data) {
  const std::string type = data.get<std::string>("type");
  if (type == "simple" || type == "simulcast" || type == "svc" || type == "pipe") return type;
  throw Error(Error::Code::InvalidArgument, "'type' is unknown: '" + type + "'");
}

NewConsumer newConsumer(const Json& data) {
  NewConsumer consumer;
  consumer.peerId = id(data, "peerId");
  consumer.producerId = id(data, "producerId");
  consumer.id = id(data, "id");
  consumer.kind = fromJson<MediaKind>(data.get<Json>("kind"));
  consumer.rtpParameters = fromJson<RtpParameters>(data.get<Json>("rtpParameters"));
  consumer.type = consumerType(data);
  consumer.appData = objectIn(data, "appData");
  consumer.producerPaused = data.getOr("producerPaused", false);
  return consumer;
}

NewDataConsumer newDataConsumer(const Json& data) {
  NewDataConsumer consumer;
  consumer.peerId = data.find<std::string>("peerId");
  consumer.dataProducerId = id(data, "dataProducerId");
  consumer.id = id(data, "id");
  consumer.sctpStreamParameters =
      fromJson<SctpStreamParameters>(data.get<Json>("sctpStreamParameters"));
  consumer.label = data.getOr<std::string>("label", "");
  consumer.protocol = data.getOr<std::string>("protocol", "");
  consumer.appData = objectIn(data, "appData");
  return consumer;
}

}  // namespace

std::optional<Notification> toNotification(const std::string& method, const Json& data) {
  const auto reader = kNotifications.find(method);
  if (reader == kNotifications.end()) return std::nullopt;
  return reader->second(data);
}

std::optional<ServerRequest::Content> toServerRequest(const std::string& method, const Json& data) {
  if (method == "newConsumer") return newConsumer(data);
  if (method == "newDataConsumer") return newDataConsumer(data);
  return std::nullopt;
}

std::vector<PeerDescription> toPeers(const Json& data) {
  std::vector<PeerDescription> peers;
  for (const Json& peer : data.list("peers")) peers.push_back(toPeer(peer));
  return peers;
}

std::string toId(const Json& data) { return id(data, "id"); }

Json toJson(const WebRtcTransportOptions& options) {
  Json data = Json::object({{"forceTcp", options.forceTcp},
                            {"producing", options.producing},
                            {"consuming", !options.producing}});
  if (options.sctpCapabilities) {
    data.set("sctpCapabilities", cosoup::toJson(*options.sctpCapabilities));
  }
  return data;
}

Json toJson(const JoinOptions& options) {
  const DeviceInfo& device = options.me.device;
  Json data = Json::object({{"displayName", options.me.displayName},
                            {"device", Json::object({{"flag", device.flag},
                                                     {"name", device.name},
                                                     {"version", device.version}})}});
  if (options.rtpCapabilities) {
    data.set("rtpCapabilities", cosoup::toJson(*options.rtpCapabilities));
  }
  if (options.sctpCapabilities) {
    data.set("sctpCapabilities", cosoup::toJson(*options.sctpCapabilities));
  }
  return data;
}

}  // namespace cosoup::protoo
