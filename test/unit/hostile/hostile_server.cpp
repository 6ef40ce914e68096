#include "hostile_server.hpp"

#include "support/loop_watch.hpp"

namespace cosoup::test {
namespace {

// What a client asks for in joining and a little later.
constexpr std::size_t kRequests = 12;
constexpr std::size_t kNoisePerMessage = 20;

/// Whole messages, for parts of them to turn up in others.
std::vector<Json> messagesOf(const RecordedSession& session) {
  std::vector<Json> all = session.messages;
  for (const auto& [method, data] : session.answers) all.push_back(successOf(1, data));
  return all;
}

}  // namespace

HostileServer::HostileServer(std::uint64_t seed, ProtooDialect dialect, Attack attack)
    : random_(seed),
      attack_(attack),
      session_(dialect),
      mutator_(random_, messagesOf(session_)),
      victim_(random_.below(kRequests)) {}

void HostileServer::hear(const std::string& text, const Send& send) {
  const LoopMayWait whileTheServerComputes;
  const Json message = Json::parse(text);
  if (message.has("response")) {
    ++answered_;
    return;
  }
  if (!message.has("request")) return;
  if (attack_ == Attack::order && !behaves_ && random_.oneIn(3)) {
    send(random_.of(session_.messages).text());
    ++mutations_;
  }
  answer(message, send);
  if (message.get<std::string>("method") != "join" || behaves_) return;
  if (attack_ == Attack::order) {
    playInDisorder(send);
  } else {
    play(send);
  }
}

void HostileServer::answer(const Json& request, const Send& send) {
  const auto method = request.get<std::string>("method");
  const auto known = session_.answers.find(method);
  Json data = known == session_.answers.end() ? Json::object() : known->second;
  if (method == "produce") {
    const std::string kind = request.get<Json>("data").get<std::string>("kind");
    data.set(data.keys().front(), "p-" + kind);
  }
  const Json success = successOf(request.get<Json>("id"), data);
  const bool isVictim = attack_ == Attack::answers && requests_++ == victim_;
  if (!isVictim || behaves_) return send(success.text());
  sendMutated(success, send);
  if (random_.oneIn(3)) send(success.text());  // the right one, too late
}

void HostileServer::play(const Send& send) {
  for (const Json& message : session_.messages) {
    if (attack_ == Attack::noise) {
      for (std::size_t i = 0; i < kNoisePerMessage; ++i) {
        sendMutated(random_.oneIn(2) ? message : random_.of(session_.messages), send);
      }
    }
    send(message.text());
  }
}

void HostileServer::playInDisorder(const Send& send) {
  for (std::size_t i = 0; i < 2 * session_.messages.size(); ++i) {
    const std::string text = random_.of(session_.messages).text();
    send(text);
    ++mutations_;
    if (random_.oneIn(4)) send(text);
  }
}

void HostileServer::sendMutated(const Json& message, const Send& send) {
  send(mutator_.mutate(message));
  ++mutations_;
}

}  // namespace cosoup::test
