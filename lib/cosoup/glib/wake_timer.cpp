#include "cosoup/glib/wake_timer.hpp"

#include <algorithm>
#include <utility>

namespace cosoup {
namespace {

struct Source {
  GSource parent;
  std::function<void()>* wake;
};

gboolean dispatch(GSource* source, GSourceFunc, gpointer) {
  g_source_set_ready_time(source, -1);
  (*reinterpret_cast<Source*>(source)->wake)();
  return G_SOURCE_CONTINUE;
}

void finalize(GSource* source) { delete reinterpret_cast<Source*>(source)->wake; }

GSourceFuncs functions = {nullptr, nullptr, &dispatch, &finalize, nullptr, nullptr};

}  // namespace

WakeTimer::WakeTimer(GMainContext* context, std::function<void()> wake)
    : source_(g_source_new(&functions, sizeof(Source))) {
  reinterpret_cast<Source*>(source_)->wake = new std::function<void()>(std::move(wake));
  g_source_attach(source_, context);
}

WakeTimer::~WakeTimer() {
  g_source_destroy(source_);
  g_source_unref(source_);
}

void WakeTimer::set(Time time) {
  using std::chrono::microseconds;
  // Rounded up, or it would come too early for what it is to wake.
  const auto left = std::chrono::ceil<microseconds>(time - std::chrono::steady_clock::now());
  g_source_set_ready_time(source_, g_get_monotonic_time() + std::max<gint64>(left.count(), 0));
}

void WakeTimer::unset() { g_source_set_ready_time(source_, -1); }

}  // namespace cosoup
