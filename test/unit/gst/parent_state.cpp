#include "cosoup/gst/parent_state.hpp"

#include <condition_variable>
#include <future>
#include <mutex>

#include "cosoup/gst/pipeline.hpp"
#include "cosoup/gst/ref.hpp"
#include "support/run_test.hpp"

using namespace cosoup;

namespace {

/// The first change of an element's state is held until somebody lets it go; later ones pass.
class Hold {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    if (std::exchange(begun_, true)) return;
    changed_.notify_all();
    changed_.wait(lock, [&] { return released_; });
  }
  void waitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false;
  bool released_ = false;
};

struct HeldElement {
  GstElement parent;
  Hold* hold;
};

GstElementClass* parentClass = nullptr;

GstStateChangeReturn setState(GstElement* element, GstState state) {
  reinterpret_cast<HeldElement*>(element)->hold->pass();
  return parentClass->set_state(element, state);
}

void initClass(gpointer typeClass, gpointer) {
  parentClass = GST_ELEMENT_CLASS(g_type_class_peek_parent(typeClass));
  GST_ELEMENT_CLASS(typeClass)->set_state = &setState;
}

GstElement* makeHeldElement(Hold& hold) {
  static const GType type = g_type_register_static_simple(
      GST_TYPE_ELEMENT, "CosoupHeldElement", sizeof(GstElementClass), &initClass,
      sizeof(HeldElement), nullptr, static_cast<GTypeFlags>(0));
  auto* element = GST_ELEMENT(g_object_new(type, nullptr));
  reinterpret_cast<HeldElement*>(element)->hold = &hold;
  return element;
}

GstState stateOf(GstElement* element) {
  GstState state = GST_STATE_VOID_PENDING;
  gst_element_get_state(element, &state, nullptr, GST_CLOCK_TIME_NONE);
  return state;
}

/// The state of an element that was joining while its pipeline went from one state to another.
GstState stateAfterChange(GstState before, GstState after) {
  ensureGStreamer();
  const auto pipeline = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
  gst_element_set_state(pipeline.get(), before);
  Hold hold;
  GstElement* element = makeHeldElement(hold);
  gst_bin_add(GST_BIN(pipeline.get()), element);
  auto joined = std::async(std::launch::async, [&] { syncStateWithParent(element); });
  hold.waitUntilHeld();
  gst_element_set_state(pipeline.get(), after);
  hold.release();
  joined.get();
  const GstState state = stateOf(element);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return state;
}

}  // namespace

TEST_CASE("an element that joins a pipeline while that is being started runs") {
  CHECK(stateAfterChange(GST_STATE_NULL, GST_STATE_PLAYING) == GST_STATE_PLAYING);
  CHECK(stateAfterChange(GST_STATE_PAUSED, GST_STATE_PLAYING) == GST_STATE_PLAYING);
}

TEST_CASE("an element that joins a pipeline while that is being stopped does not run") {
  CHECK(stateAfterChange(GST_STATE_PLAYING, GST_STATE_NULL) == GST_STATE_NULL);
}

TEST_CASE("an element without a pipeline keeps its state") {
  Hold hold;
  const auto element = Ref<GstElement>::sink(makeHeldElement(hold));
  syncStateWithParent(element.get());
  CHECK(stateOf(element.get()) == GST_STATE_NULL);
}
