#include "cosoup/signaling/protoo_content.hpp"

#include <glib.h>

#include <algorithm>
#include <cstdint>

#include "cosoup/core/error.hpp"
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/lenient.hpp"

namespace cosoup::protoo {
namespace {

using lenient::id;

/// mediasoup's scores go from 0 to 10.
std::optional<int> score(const Json& value) {
  const auto whole = lenient::integer(value, 0, 10);
  if (!whole) return std::nullopt;
  return static_cast<int>(*whole);
}

Notification displayNameChanged(const Json& data) {
  return notification::PeerDisplayNameChanged{id(data, "peerId"),
                                              lenient::text(data, "displayName"),
                                              lenient::text(data, "oldDisplayName")};
}

Notification activeSpeaker(const Json& data) {
  return notification::ActiveSpeaker{lenient::findId(data, "peerId"),
                                     lenient::number(data, "volume")};
}

std::optional<std::uint32_t> find32(const Json& data, const char* key) {
  const auto value = lenient::integer(lenient::member(data, key), 0, UINT32_MAX);
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

Notification producerScore(const Json& data) {
  notification::ProducerScore result{id(data, "producerId"), {}};
  for (const Json& item : lenient::items(data, "score", limits::scores)) {
    const std::optional<int> value = score(lenient::member(item, "score"));
    if (!value) continue;
    EncodingScore entry;
    entry.encodingIdx = find32(item, "encodingIdx").value_or(0);
    entry.ssrc = find32(item, "ssrc");
    if (const std::string rid = lenient::text(item, "rid"); !rid.empty()) entry.rid = rid;
    entry.score = *value;
    result.scores.push_back(std::move(entry));
  }
  return result;
}

/// Nothing when it does not say the one figure that counts.
std::optional<StreamScore> findStreamScore(const Json& told) {
  const std::optional<int> ours = score(lenient::member(told, "score"));
  if (!ours) return std::nullopt;
  StreamScore result;
  result.score = *ours;
  result.producerScore = score(lenient::member(told, "producerScore")).value_or(0);
  for (const Json& item : lenient::items(told, "producerScores", limits::scores)) {
    if (const auto other = score(item)) result.producerScores.push_back(*other);
  }
  return result;
}

Notification consumerScore(const Json& data) {
  const auto score = findStreamScore(lenient::member(data, "score"));
  if (!score) throw Error(Error::Code::InvalidArgument, "'score' is no score");
  return notification::ConsumerScore{id(data, "consumerId"), *score};
}

/// Absent: nothing flows; which is not to be told for a value that is odd.
std::optional<int> layerIn(const Json& layers, const char* key) {
  const Json value = lenient::member(layers, key);
  if (value.isNull()) return std::nullopt;
  const auto layer = lenient::integer(value, 0, 255);
  if (layer) return static_cast<int>(*layer);
  throw Error(Error::Code::InvalidArgument, "'" + std::string(key) + "' is no layer");
}

// In an object of their own, or beside the id: servers of either dialect have done both.
Notification layersChanged(const Json& data) {
  const Json layers = data.getOr<Json>("layers", data);
  return notification::ConsumerLayersChanged{
      id(data, "consumerId"), layerIn(layers, "spatialLayer"), layerIn(layers, "temporalLayer")};
}

template <class T>
Notification onlyConsumerId(const Json& data) {
  return T{id(data, "consumerId")};
}

constexpr NotificationReader kNotifications[] = {
    {"peerClosed",
     [](const Json& data) -> Notification { return notification::PeerClosed{id(data, "peerId")}; }},
    {"peerDisplayNameChanged", displayNameChanged},
    {"activeSpeaker", activeSpeaker},
    {"producerScore", producerScore},
    {"consumerScore", consumerScore},
    {"consumerLayersChanged", layersChanged},
    {"consumerPaused", onlyConsumerId<notification::ConsumerPaused>},
    {"consumerResumed", onlyConsumerId<notification::ConsumerResumed>},
    {"consumerClosed", onlyConsumerId<notification::ConsumerClosed>},
    {"dataConsumerClosed",
     [](const Json& data) -> Notification {
       return notification::DataConsumerClosed{id(data, "dataConsumerId")};
     }},
};

const NotificationReader* readerOf(std::span<const NotificationReader> readers,
                                   const std::string& method) {
  const auto found = std::find_if(readers.begin(), readers.end(),
                                  [&](const auto& reader) { return method == reader.method; });
  return found == readers.end() ? nullptr : &*found;
}

std::string consumerType(const Json& data) {
  const std::string type = lenient::text(data, "type");
  return type == "simulcast" || type == "svc" || type == "pipe" ? type : "simple";
}

NewConsumer newConsumer(const Dialect& dialect, const Json& data) {
  NewConsumer consumer;
  consumer.peerId = id(data, "peerId");
  consumer.producerId = id(data, "producerId");
  consumer.id = id(data, dialect.consumerId);
  consumer.kind = fromJson<MediaKind>(data.get<Json>("kind"));
  consumer.rtpParameters = fromJson<RtpParameters>(data.get<Json>("rtpParameters"));
  consumer.type = consumerType(data);
  consumer.appData = dialect.consumerAppData(lenient::object(data, "appData"));
  consumer.producerPaused = lenient::flag(data, "producerPaused");
  consumer.score = findStreamScore(lenient::member(data, "consumerScore"));
  return consumer;
}

NewDataConsumer newDataConsumer(const Dialect& dialect, const Json& data) {
  NewDataConsumer consumer;
  consumer.peerId = lenient::findId(data, "peerId");
  consumer.dataProducerId = id(data, "dataProducerId");
  consumer.id = id(data, dialect.dataConsumerId);
  consumer.sctpStreamParameters =
      fromJson<SctpStreamParameters>(data.get<Json>("sctpStreamParameters"));
  consumer.label = lenient::text(data, "label");
  consumer.protocol = lenient::text(data, "protocol");
  consumer.appData = lenient::object(data, "appData");
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
  peer.displayName = lenient::text(data, "displayName");
  const Json device = lenient::member(data, "device");
  peer.device.flag = lenient::text(device, "flag");
  peer.device.name = lenient::text(device, "name");
  peer.device.version = lenient::text(device, "version");
  const std::string address = lenient::text(data, "remoteAddress");
  if (!address.empty()) peer.remoteAddress = address;
  return peer;
}

std::vector<PeerDescription> toPeers(const Dialect& dialect, const Json& data) {
  std::vector<PeerDescription> peers;
  for (const Json& peer : lenient::items(data, "peers", limits::peers)) {
    try {
      peers.push_back(toPeer(dialect, peer));
    } catch (const Error& error) {
      g_info("protoo: left out a peer: %s", error.what());
    }
  }
  return peers;
}

Notification readDownlinkBwe(const Json& data) {
  const auto bitrate = [&](const char* key) { return lenient::number(data, key).value_or(0.0); };
  return notification::DownlinkBwe{
      {bitrate("desiredBitrate"), bitrate("effectiveDesiredBitrate"), bitrate("availableBitrate")}};
}

Notification readSpeakingPeers(const Json& data) {
  notification::SpeakingPeers speaking;
  for (const Json& item : lenient::items(data, "peerVolumes", limits::scores)) {
    try {
      speaking.volumes.push_back(
          {id(item, "peerId"), lenient::number(item, "volume").value_or(0.0)});
    } catch (const Error&) {  // the others speak all the same
    }
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
