// What a MediasoupClient is made of.
#pragma once

#include <memory>
#include <string>

#include "cosoup/async/mutex.hpp"
#include "cosoup/mediasoup_client.hpp"
#include "cosoup/room/stay.hpp"

namespace cosoup {

struct MediasoupClient::State {
  std::shared_ptr<Signaler> signaler;
  Listeners listeners;
  std::shared_ptr<RoomEvents> events = std::make_shared<RoomEvents>();
  std::shared_ptr<Stay> stay;  // the present or the last one
  Mutex joining;
  bool closed = false;

  static Task<> exit(std::shared_ptr<State> state) {
    const std::shared_ptr<Stay> stay = state->stay;
    if (stay) co_await stay->leave();
  }

  std::shared_ptr<Stay> presentStay(const char* operation) const {
    if (stay && stay->isJoined()) return stay;
    throw Error(Error::Code::InvalidState, std::string(operation) + ": not in a room");
  }
  std::shared_ptr<Session> present(const char* operation) const {
    const std::shared_ptr<Session> session = presentStay(operation)->session();
    if (session && session->isJoined()) return session;
    throw Error(Error::Code::Disconnected,
                std::string(operation) + ": there is no connection to the room just now");
  }
};

}  // namespace cosoup
