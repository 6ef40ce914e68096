// WireSignaler: ProtooSignaler's reading and writing, over a connection in memory.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "cosoup/async/scope.hpp"
#include "cosoup/signaling/protoo_connection.hpp"
#include "hostile_server.hpp"

namespace cosoup::test {

class MemorySocket final : public TextSocket {
 public:
  explicit MemorySocket(std::shared_ptr<HostileServer> server) : server_(std::move(server)) {}

  Channel<std::string> messages() const override { return messages_; }
  bool isOpen() const override { return !messages_.isClosed(); }
  WebSocketEnding ending() const override { return {}; }
  void send(const std::string& text) override {
    server_->hear(text, [this](const std::string& answer) { messages_.push(answer); });
  }
  Task<> close(int, std::string) override {
    messages_.close();
    co_return;
  }

 private:
  const std::shared_ptr<HostileServer> server_;
  Channel<std::string> messages_;
};

class WireSignaler final : public RequestSignaler {
 public:
  WireSignaler(std::shared_ptr<HostileServer> server, ProtooOptions options)
      : server_(std::move(server)), options_(std::move(options)) {}
  ~WireSignaler() override {
    if (connection_) finishInBackground(ProtooConnection::close(connection_));
  }

  Task<> connect(RoomAddress, std::string) override {
    conversation()->restart();
    connection_ = std::make_shared<ProtooConnection>(std::make_unique<MemorySocket>(server_),
                                                     options_, conversation());
    connection_->start();
    co_return;
  }
  Channel<SignalerEvent> events() override { return connection_->events(); }
  Task<> close() override {
    if (connection_) return ProtooConnection::close(connection_);
    return nothing();
  }
  Task<Json> request(std::string method, Json data) override {
    return ProtooConnection::request(connection_, std::move(method), std::move(data));
  }
  Task<> notify(std::string method, Json data) override {
    connection_->notify(method, data);
    return nothing();
  }

 private:
  static Task<> nothing() { co_return; }

  const std::shared_ptr<HostileServer> server_;
  const ProtooOptions options_;
  ProtooConnection::Ptr connection_;
};

}  // namespace cosoup::test
