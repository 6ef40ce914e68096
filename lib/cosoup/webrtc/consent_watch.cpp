#include "cosoup/webrtc/consent_watch.hpp"

#include <chrono>
#include <utility>

#include "cosoup/glib/ref.hpp"
#include "cosoup/webrtc/construct_only.hpp"

namespace cosoup {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

ConsentWatch::ConsentWatch(GObject* niceAgent, std::function<bool()> heard)
    : heard_(std::move(heard)) {
  g_weak_ref_init(&agent_, niceAgent);
}

ConsentWatch::~ConsentWatch() { g_weak_ref_clear(&agent_); }

void ConsentWatch::start(GMainContext* context) {
  timer_.emplace(context, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->look();
    self->timer_->set(std::chrono::steady_clock::now() + kInterval);
  });
  timer_->set(std::chrono::steady_clock::now() + kInterval);
}

void ConsentWatch::look() {
  const auto agent = Ref<GObject>::adopt(static_cast<GObject*>(g_weak_ref_get(&agent_)));
  if (!agent) return;
  // libnice reads it with each question and each time that it thinks about the answer.
  setConstructOnly(agent.get(), "consent-freshness",
                   [&](GValue* strict) { g_value_set_boolean(strict, !heard_()); });
}

}  // namespace cosoup
