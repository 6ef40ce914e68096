// Messages of the server, from the text frame to the structs of signaler.hpp.
#include "cosoup/signaling/conversation.hpp"
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/protoo_content.hpp"
#include "cosoup/signaling/protoo_message.hpp"
#include "fuzz/target.hpp"

namespace cosoup {
namespace {

std::string notice(const std::string& method, const std::string& data) {
  return R"({"notification":true,"method":")" + method + R"(","data":)" + data + "}";
}

std::string request(const std::string& method, const std::string& data) {
  return R"({"request":true,"id":1,"method":")" + method + R"(","data":)" + data + "}";
}

/// In one dialect, or in none that is known yet.
template <class Read>
void readInEach(Read read) {
  for (const protoo::Dialect* dialect : protoo::dialects()) fuzz::succeeds([&] { read(*dialect); });
}

void readContent(const protoo::Request& request) {
  readInEach(
      [&](const auto& dialect) { protoo::toServerRequest(dialect, request.method, request.data); });
  Conversation().toServerRequest(request.method, request.data);
}
void readContent(const protoo::Success& success) {
  readInEach([&](const auto& dialect) { protoo::toPeers(dialect, success.data); });
  Conversation().learn(success.data);
}
void readContent(const protoo::Failure& failure) {
  protoo::parse(protoo::writeFailure(failure.id, failure.errorCode, failure.errorReason));
}
void readContent(const protoo::Notice& notice) {
  readInEach(
      [&](const auto& dialect) { protoo::toNotification(dialect, notice.method, notice.data); });
  Conversation conversation;
  conversation.toNotification(notice.method, notice.data);
  conversation.admits(notice.method, notice.data);
}

}  // namespace

std::vector<std::string> fuzz::examples() {
  return {
      request("newConsumer",
              R"({"peerId":"bob","producerId":"p","id":"c","kind":"video","type":"simulcast",
                  "rtpParameters":{"mid":"0","codecs":[{"mimeType":"video/VP8","payloadType":101,
                  "clockRate":90000,"parameters":{"a":"b"},"rtcpFeedback":[{"type":"nack"}]}],
                  "headerExtensions":[],"encodings":[{"ssrc":1111}],"rtcp":{"cname":"x"}},
                  "appData":{"share":true},"producerPaused":true})"),
      request("newDataConsumer",
              R"({"peerId":null,"dataProducerId":"dp","id":"dc","sctpStreamParameters":
                  {"streamId":1,"ordered":false,"maxRetransmits":1},"label":"bot","appData":{}})"),
      notice("newPeer", R"({"id":"b","displayName":"Bob","device":{"flag":"f","name":"n"}})"),
      notice("newPeer", R"({"peer":{"peerId":"b","displayName":"Bob","remoteAddress":"::1"}})"),
      notice("speakingPeers", R"({"peerVolumes":[{"peerId":"b","volume":-18}]})"),
      notice("setConsumerPreferredLayers", R"({"consumerId":"c","spatialLayer":1})"),
      notice("consumerLayersChanged", R"({"consumerId":"c","layers":{"spatialLayer":1}})"),
      R"({"response":true,"id":4,"ok":true,"data":{"routerRtpCapabilities":{"codecs":[]}}})",
      notice("peerClosed", R"({"peerId":"b"})"),
      notice("peerDisplayNameChanged",
             R"({"peerId":"b","displayName":"B","oldDisplayName":"Bob"})"),
      notice("consumerClosed", R"({"consumerId":"c"})"),
      notice("consumerPaused", R"({"consumerId":"c"})"),
      notice("consumerResumed", R"({"consumerId":"c"})"),
      notice("consumerLayersChanged", R"({"consumerId":"c","spatialLayer":1,"temporalLayer":2})"),
      notice("consumerScore",
             R"({"consumerId":"c","score":{"score":10,"producerScore":9,"producerScores":[9]}})"),
      notice("producerScore",
             R"({"producerId":"p","score":[{"encodingIdx":0,"ssrc":1,"rid":"r","score":10}]})"),
      notice("dataConsumerClosed", R"({"dataConsumerId":"d"})"),
      notice("activeSpeaker", R"({"peerId":"b","volume":-30})"),
      notice("downlinkBwe", R"({"desiredBitrate":1,"availableBitrate":2})"),
      R"({"response":true,"id":1,"ok":true,"data":{"peers":[{"id":"b","displayName":"B"}]}})",
      R"({"response":true,"id":2,"ok":true,"data":{"id":"p"}})",
      R"({"response":true,"id":3,"ok":false,"errorCode":403,"errorReason":"no"})",
  };
}

void fuzz::read(std::string_view input) {
  std::visit([](const auto& message) { readContent(message); }, protoo::parse(input));
}

}  // namespace cosoup
