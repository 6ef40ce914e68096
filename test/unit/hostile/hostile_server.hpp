// HostileServer: plays a session, with mutations, to a client that it never meets but in memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/deferred.hpp"
#include "mutator.hpp"
#include "session.hpp"

namespace cosoup::test {

/// What is wrong with the server.
enum class Attack {
  answers,  ///< the answer to one of the client's requests is mutated
  noise,    ///< mutated messages come among those of the session
  order,    ///< messages come early, late, again, or in another order
};

class HostileServer {
 public:
  HostileServer(std::uint64_t seed, ProtooDialect dialect, Attack attack);

  /// What the client says; `send` brings it a text of ours.
  void hear(const std::string& text, const std::function<void(const std::string&)>& send);

  /// From now on it answers as it should.
  void behave() { behaves_ = true; }
  /// How many mutated texts it has sent, or messages in a wrong place.
  std::size_t mutations() const { return mutations_; }
  /// How many requests of ours have been answered, whatever the answer.
  std::size_t answered() const { return answered_; }

 private:
  using Send = std::function<void(const std::string&)>;

  void answer(const Json& request, const Send& send);
  void play(const Send& send);
  void playInDisorder(const Send& send);
  void sendMutated(const Json& message, const Send& send);

  Random random_;
  const Attack attack_;
  const RecordedSession session_;
  Mutator mutator_;
  const std::size_t victim_;  ///< the request whose answer is mutated, counted from 0
  std::size_t requests_ = 0;
  std::size_t mutations_ = 0;
  std::size_t answered_ = 0;
  bool behaves_ = false;
};

}  // namespace cosoup::test
