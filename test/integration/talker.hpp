// Talker: a member of a room that sends and receives messages only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/member.hpp"

namespace cosoup::test {

/// A data producer, and the data consumer on which the server sends back what it hears.
struct EchoLine {
  std::shared_ptr<DataProducer> producer;
  std::shared_ptr<DataConsumer> consumer;
  Channel<DataMessage> messages;

  /// The next message; throws Error(Timeout).
  Task<DataMessage> hear();
};

class Talker {
 public:
  explicit Talker(std::string room = freshRoom(), std::string id = "ada",
                  RoomServer& server = sharedServer());

  Task<> join() { return member.join(ProduceConfig::none(), ConsumeConfig::dataOnly()); }
  Task<> leave() { return member.leave(); }
  /// Returns when the way back is open. `reliability`: of that way, as mediasoup's consumeData()
  /// takes it.
  Task<EchoLine> echo(DataProduceOptions options, Json reliability = Json::object());
  /// Until so many messages have been told, of anyone.
  Task<> hears(std::size_t count);
  /// How many messages the server has had of the data producer.
  Task<int> countAtServer(std::string dataProducerId);

  Member member;
  MediasoupClient& client;
  std::vector<event::Message> heard;
  std::vector<std::shared_ptr<DataConsumer>> consumers;  ///< those not closed

 private:
  Task<bool> hasHeard(std::size_t count) { co_return heard.size() >= count; }
  std::vector<Connection> connections_;
};

/// So many bytes, no part of which is like another.
std::string patternOf(std::size_t size);
/// As text and as binary, to the server and back.
Task<> sendAndCompare(EchoLine& line, std::size_t size);
/// Whether the server has had so many messages of the data producer.
Task<bool> isCountAtServer(Talker& talker, std::string dataProducerId, int wanted);

/// Whether it can be sent to: until the association is up, servers drop what is for it.
bool areOpen(const std::vector<std::shared_ptr<DataConsumer>>& consumers);

/// What the task throws.
Task<Error> thrownBy(Task<> task);

}  // namespace cosoup::test
