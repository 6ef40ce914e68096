// Conversation: what a signaler of the demo's protocol knows about the connection that it has.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cosoup/core/export.hpp"
#include "cosoup/core/json.hpp"
#include "cosoup/signaling/signaler.hpp"

namespace cosoup {

class Told;
namespace protoo {
struct Dialect;
}

/// The versions of the mediasoup-demo's protocol.
enum class ProtooDialect {
  demo2024,  ///< of the JavaScript server, until October 2025
  demo2025,  ///< of the TypeScript server, since then
};

/// Which dialect the server speaks, and what has been closed. It begins with the connection, and
/// whoever reads from that shares it: all that comes from the server goes through here.
/// Main-context-bound.
class COSOUP_API Conversation {
 public:
  /// With a dialect: in that one, whatever the server says.
  explicit Conversation(std::optional<ProtooDialect> dialect = std::nullopt);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  /// For a new connection: nothing of the last one counts any more.
  void restart();

  // What comes from the server, as what Signaler::events() gives. Nothing for an unknown method;
  // throw Error(InvalidArgument) that names the field which is missing or malformed.
  std::optional<Notification> toNotification(const std::string& method, const Json& data);
  std::optional<ServerRequest::Content> toServerRequest(const std::string& method,
                                                        const Json& data);

  /// Takes the answer to getRouterRtpCapabilities, by which the dialects are told apart. Throws
  /// Error(InvalidArgument) for one of no dialect.
  void learn(const Json& routerAnswer);
  /// Null until it is known.
  const protoo::Dialect* dialect() const { return dialect_; }

  /// Whether a notification is to be sent: not if it changes nothing, and not for what is closed or
  /// with values that no server takes, which throws Error(InvalidState, InvalidArgument). A server
  /// of 2025 dies of those.
  bool admits(const std::string& method, const Json& data);

 private:
  void follow(const Notification& notification);

  const protoo::Dialect* const forced_;
  const protoo::Dialect* dialect_;
  std::unique_ptr<Told> told_;
  std::set<std::string> arrived_;  ///< peers that came since we joined
};

}  // namespace cosoup
