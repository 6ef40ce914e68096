#include "cosoup/signaling/protoo_content.hpp"

#include <glib.h>

#include <algorithm>
#include <cstdint>

#include "cosoup/core/error.hpp"
#include "cosoup/signaling/dialect.hpp"

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

/// What is no text, or missing, is empty.
std::string textIn(const Json& data, const char* key) {
  const Json text = data.isObject() ? data.getOr<Json>(key, "") : Json("");
  return text.isString() ? text.as<std::string>() : "";
}

Notification displayNameChanged(const Json& data) {
  return PeerDisplayNameChanged{id(data, "peerId"), textIn(data, "displayName"),
                                textIn(data, "oldDisplayName")};
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

ConsumerScore scoreOf(const std::string& consumerId, const Json& score) {
  ConsumerScore result;
  result.consumerId = consumerId;
  result.score = score.get<int>("score");
  result.producerScore = score.getOr<int>("producerScore", 0);
  for (const Json& item : boundedList(score, "producerScores")) {
    result.producerScores.push_back(item.as<int>("producerScores"));
  }
  return result;
}

Notification consumerScore(const Json& data) {
  return scoreOf(id(data, "consumerId"), data.get<Json>("score"));
}

// In an object of their own, or beside the id: servers of either dialect have done both.
Notification layersChanged(const Json& data) {
  const Json layers = data.getOr<Json>("layers", data);
  return ConsumerLayersChanged{id(data, "consumerId"), layers.find<int>("spatialLayer"),
                               layers.find<int>("temporalLayer")};
}

template <class T>
Notification onlyConsumerId(const Json& data) {
  return T{id(data, "consumerId")};
}

constexpr NotificationReader kNotifications[] = {
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
};

const NotificationReader* readerOf(std::span<const NotificationReader> readers,
                                   const std::string& method) {
  const auto found = std::find_if(readers.begin(), readers.end(),
                                  [&](const auto& reader) { return method == reader.method; });
  return found == readers.end() ? nullptr : &*found;
}

std::string consumerType(const Json& data) {
  const std::string type = data.get<std::string>("type");
  if (type == "simple" || type == "simulcast" || type == "svc" || type == "pipe") return type;
  throw Error(Error::Code::InvalidArgument, "'type' is unknown: '" + type + "'");
}

// Beside the point of the request: a fault in it is no reason to refuse the consumer.
std::optional<ConsumerScore> findScore(const Json& data, const std::string& consumerId) {
  try {
    const auto score = data.find<Json>("consumerScore");
    if (score) return scoreOf(consumerId, *score);
  } catch (const Error&) {
  }
  return std::nullopt;
}

NewConsumer newConsumer(const Dialect& dialect, const Json& data) {
  NewConsumer consumer;
  consumer.peerId = id(data, "peerId");
  consumer.producerId = id(data, "producerId");
  consumer.id = id(data, dialect.consumerId);
  consumer.kind = fromJson<MediaKind>(data.get<Json>("kind"));
  consumer.rtpParameters = fromJson<RtpParameters>(data.get<Json>("rtpParameters"));
  consumer.type = consumerType(data);
  consumer.appData = dialect.consumerAppData(objectIn(data, "appData"));
  consumer.producerPaused = data.getOr("producerPaused", false);
  consumer.score = findScore(data, consumer.id);
  return consumer;
}

NewDataConsumer newDataConsumer(const Dialect& dialect, const Json& data) {
  NewDataConsumer consumer;
  consumer.peerId = data.find<std::string>("peerId");
  consumer.dataProducerId = id(data, "dataProducerId");
  consumer.id = id(data, dialect.dataConsumerId);
  consumer.sctpStreamParameters =
      fromJson<SctpStreamParameters>(data.get<Json>("sctpStreamParameters"));
  consumer.label = data.getOr<std::string>("label", "");
  consumer.protocol = data.getOr<std::string>("protocol", "");
  consumer.appData = objectIn(data, "appData");
  return consumer;
}

}  // namespace

std::optional<Notification> toNotification(const Dialect& dialect, const std::string& method,
                                           const Json& data) {
  const NotificationReader* reader = readerOf(dialect.notifications, method);
  if (!reader) reader = readerOf(kNotifications, method);
  if (!reader) return std::nullopt;
  return reader->read(data);
}

std::optional<ServerRequest::Content> toServerRequest(const Dialect& dialect,
                                                      const std::string& method, const Json& data) {
  if (method == "newConsumer") return newConsumer(dialect, data);
  if (method == "newDataConsumer") return newDataConsumer(dialect, data);
  return std::nullopt;
}

PeerDescription toPeer(const Dialect& dialect, const Json& data) {
  PeerDescription peer;
  peer.id = id(data, dialect.peerId);
  peer.displayName = textIn(data, "displayName");
  const Json device = data.getOr<Json>("device", Json::object());
  peer.device.flag = textIn(device, "flag");
  peer.device.name = textIn(device, "name");
  peer.device.version = textIn(device, "version");
  const std::string address = textIn(data, "remoteAddress");
  if (!address.empty()) peer.remoteAddress = address;
  return peer;
}

std::vector<PeerDescription> toPeers(const Dialect& dialect, const Json& data) {
  std::vector<PeerDescription> peers;
  for (const Json& peer : data.list("peers")) {
    try {
      peers.push_back(toPeer(dialect, peer));
    } catch (const Error& error) {
      g_info("protoo: left out a peer: %s", error.what());
    }
  }
  return peers;
}

Notification readDownlinkBwe(const Json& data) {
  return DownlinkBwe{data.getOr("desiredBitrate", 0.0), data.getOr("effectiveDesiredBitrate", 0.0),
                     data.getOr("availableBitrate", 0.0)};
}

Notification readSpeakingPeers(const Json& data) {
  SpeakingPeers speaking;
  for (const Json& item : boundedList(data, "peerVolumes")) {
    speaking.volumes.push_back({id(item, "peerId"), item.getOr("volume", 0.0)});
  }
  return speaking;
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
