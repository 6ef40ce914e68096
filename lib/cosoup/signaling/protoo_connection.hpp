// ProtooConnection: requests and events of one WebSocket connection, from its opening to its end.
// Internal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/scope.hpp"
#include "cosoup/signaling/protoo.hpp"
#include "cosoup/signaling/protoo_message.hpp"
#include "cosoup/signaling/text_socket.hpp"

namespace cosoup {

/// Its coroutines are static and share it: they may outlast whoever started them. It must be
/// close()d before the last reference goes. Main-context-bound.
class ProtooConnection : public std::enable_shared_from_this<ProtooConnection> {
 public:
  using Ptr = std::shared_ptr<ProtooConnection>;

  ProtooConnection(std::unique_ptr<TextSocket> socket, ProtooOptions options,
                   std::shared_ptr<Conversation> conversation);

  /// Starts the read loop.
  void start();
  bool isOpen() const { return socket_->isOpen(); }
  /// As Signaler::events().
  Channel<SignalerEvent> events() const { return events_; }

  /// The `data` of the answer. Throws Error in the name of the method, and Cancelled.
  static Task<Json> request(Ptr self, std::string method, Json data);
  /// Throws Error(Disconnected) in the name of the method.
  void notify(const std::string& method, const Json& data);

  /// Ends the connection, if it has not ended yet, and returns when all is released. May be called
  /// any number of times, also concurrently. Throws nothing but Cancelled, and then all is released
  /// all the same.
  static Task<> close(Ptr self);

 private:
  struct Pending {
    std::string method;
    Deferred<Json> answer;
    bool abandoned = false;  ///< nobody waits, but the answer is to be undone
  };
  class Registration;

  Task<> read();
  void handle(const std::string& text);
  void on(const protoo::Request& request);
  void on(const protoo::Success& success);
  void on(const protoo::Failure& failure);
  void on(const protoo::Notice& notice);
  void learn(const Json& routerAnswer);
  bool hasRoom();
  void tell(SignalerEvent event);
  void respond(const std::string& text);
  void answer(std::int64_t id, int errorCode, const std::string& reason);
  void failPending(const std::string& reason);
  void undo(const Pending& request, const Json& data);
  static Task<> closeProducer(Ptr self, std::string producerId);
  void send(const std::string& method, const std::string& text);

  std::unique_ptr<TextSocket> socket_;
  ProtooOptions options_;
  std::shared_ptr<Conversation> conversation_;
  std::int64_t nextId_ = 1;
  std::map<std::int64_t, Pending> pending_;
  Channel<SignalerEvent> events_;
  std::deque<std::size_t> eventSizes_;  ///< bytes, as they came, of those that were not read lately
  std::size_t eventBytes_ = 0;          ///< their sum
  std::size_t messageSize_ = 0;         ///< of the one that is handled
  std::size_t unanswered_ = 0;          ///< requests of the server
  Scope scope_;
  bool closing_ = false;
  bool overflowReported_ = false;
  Deferred<> closed_;
};

}  // namespace cosoup
