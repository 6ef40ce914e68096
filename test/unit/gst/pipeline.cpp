#include "cosoup/gst/pipeline.hpp"

#include "cosoup/async/deferred.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr const char* kStopped = "start: the pipeline was stopped";

GstState stateOf(const Ref<GstElement>& pipeline) {
  GstState state = GST_STATE_VOID_PENDING;
  gst_element_get_state(pipeline.get(), &state, nullptr, GST_CLOCK_TIME_NONE);
  return state;
}

Task<std::string> textOfError(Task<> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error.what();
  }
  co_return "";
}

}  // namespace

TEST_CASE("a pipeline that was stopped does not start again") {
  runTest([]() -> Task<> {
    Pipeline pipeline("test");
    pipeline.add(makeElement("fakesrc"));
    co_await pipeline.stop();
    const std::string text = co_await textOfError(pipeline.setState(GST_STATE_PLAYING, "start"));
    CHECK(text == kStopped);
    CHECK(stateOf(Ref<GstElement>::share(pipeline.element())) == GST_STATE_NULL);
  }());
}

TEST_CASE("a pipeline that is stopped while it starts is stopped in the end") {
  runTest([]() -> Task<> {
    for (int i = 0; i < 50; ++i) {
      Ref<GstElement> element;
      {
        Pipeline pipeline("test");
        element = Ref<GstElement>::share(pipeline.element());
        GstElement* sink = makeElement("fakesink");
        g_object_set(sink, "async", FALSE, nullptr);
        pipeline.add(sink);
        Scope scope;
        const auto started =
            begin(scope, textOfError(pipeline.setState(GST_STATE_PLAYING, "start")));
        // Either of them may win.
        for (int turn = 0; turn < i % 3; ++turn) co_await sleepFor(std::chrono::milliseconds(0));
        co_await pipeline.stop();
        const std::string text = co_await started.wait();
        CHECK((text.empty() || text == kStopped));
        co_await scope.join();
      }
      CHECK(stateOf(element) == GST_STATE_NULL);
    }
  }());
}
