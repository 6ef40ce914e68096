// ConsentWatch: how long libnice waits for an answer to its questions for consent. Internal.
#pragma once

#include <glib-object.h>

#include <functional>
#include <memory>
#include <optional>

#include "cosoup/glib/wake_timer.hpp"

namespace cosoup {

/// libnice asks every 4 to 6 s, once, and with consent-freshness a connection has failed when no
/// answer has come for 10 s: two packets lost in a row end it, and on a line that loses a twentieth
/// both ways that happens every few minutes. Without consent-freshness it waits for 50 s, which is
/// too long when the way is really gone. So it is strict only while nothing else comes, either.
class ConsentWatch : public std::enable_shared_from_this<ConsentWatch> {
 public:
  /// `heard`: whether the peer has sent anything since it was asked last; called on the thread of
  /// look().
  ConsentWatch(GObject* niceAgent, std::function<bool()> heard);
  ConsentWatch(const ConsentWatch&) = delete;
  ConsentWatch& operator=(const ConsentWatch&) = delete;
  ~ConsentWatch();

  /// Looks once a second from now on, on the thread of the context.
  void start(GMainContext* context);
  void look();

 private:
  GWeakRef agent_;
  const std::function<bool()> heard_;
  std::optional<WakeTimer> timer_;
};

}  // namespace cosoup
