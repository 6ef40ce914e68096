// FakeDataChannels: an SCTP association that takes what a test wants it to take. Internal.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/webrtc/data_channels.hpp"

namespace cosoup::testing {

/// Main-context-bound.
class FakeDataSender final : public DataSender {
 public:
  explicit FakeDataSender(SctpStreamParameters parameters_) : parameters(std::move(parameters_)) {}

  void send(DataMessage message) override {
    if (closing) return;
    buffered += message.size();
    waiting.push_back(std::move(message));
  }
  std::size_t bufferedAmount() const override { return buffered; }
  void close() override { closing = true; }

  /// SCTP takes so many messages.
  void take(std::size_t count) {
    for (; count > 0 && !waiting.empty(); --count) {
      buffered -= waiting.front().size();
      taken.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    emitSignal(sent);
  }
  void fail() {
    waiting.clear();
    buffered = 0;
    emitSignal(failed, Error(Error::Code::Media, "data channel: broken"));
    emitSignal(closed);
  }

  const SctpStreamParameters parameters;
  std::deque<DataMessage> waiting;
  std::vector<DataMessage> taken;
  std::size_t buffered = 0;
  bool closing = false;
};

/// Main-context-bound.
class FakeDataChannels final : public DataChannels {
 public:
  void setMaxMessageSize(std::size_t bytes) override { maxMessageSize = bytes; }
  bool isOpen() const override { return open_; }
  std::shared_ptr<DataSender> open(const SctpStreamParameters& parameters) override {
    senders.push_back(std::make_shared<FakeDataSender>(parameters));
    return senders.back();
  }
  void receive(std::uint16_t streamId, Receiver receiver) override {
    receivers[streamId] = std::move(receiver);
  }
  void ignore(std::uint16_t streamId) override { receivers.erase(streamId); }

  void comeUp() {
    open_ = true;
    emitSignal(opened);
  }
  void breakDown() {
    open_ = false;
    const auto lost = senders;
    for (const auto& sender : lost) sender->fail();
    emitSignal(failed,
               Error(Error::Code::Disconnected, "data channels: the association has ended"));
  }
  /// Whether somebody took it.
  bool deliver(std::uint16_t streamId, const DataMessage& message) {
    const auto found = receivers.find(streamId);
    if (found == receivers.end()) return false;
    const Receiver receiver = found->second;
    receiver(message);
    return true;
  }

  std::vector<std::shared_ptr<FakeDataSender>> senders;  ///< in the order of their opening
  std::map<std::uint16_t, Receiver> receivers;
  std::size_t maxMessageSize = 0;

 private:
  bool open_ = false;
};

}  // namespace cosoup::testing
