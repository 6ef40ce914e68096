#include "cosoup/gst/pipeline.hpp"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "cosoup/async/deferred.hpp"
#include "cosoup/async/loop.hpp"
#include "support/run_test.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

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

/// A file that whoever opens it waits for, until released.
class Fifo {
 public:
  Fifo() { REQUIRE(mkfifo(path().c_str(), 0600) == 0); }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;
  ~Fifo() {
    g_unlink(path().c_str());
    g_rmdir(folder_.c_str());
  }

  std::string path() const { return folder_ + "/fifo"; }
  /// Whether somebody was waiting.
  bool release() const {
    const int writer = open(path().c_str(), O_WRONLY | O_NONBLOCK);
    if (writer >= 0) close(writer);
    return writer >= 0;
  }

 private:
  static std::string makeFolder() {
    char* made = g_dir_make_tmp("cosoup-XXXXXX", nullptr);
    std::string folder = made;
    g_free(made);
    return folder;
  }

  std::string folder_ = makeFolder();
};

/// Holds a streaming thread with its first frame, until released.
struct Stage {
  Deferred<> reached;
  std::promise<void> release;
  MainContext context = MainContext::current();
  std::shared_future<void> released = release.get_future().share();

  static void onFrame(GstElement*, GstBuffer*, GstPad*, gpointer data) {
    auto* stage = static_cast<Stage*>(data);
    post(stage->context, [reached = stage->reached]() mutable { reached.resolve(); });
    stage->released.wait();
  }
};

}  // namespace

TEST_CASE("what was started apart from its bin is stopped with the pipeline") {
  runTest([]() -> Task<> {
    Pipeline pipeline("test");
    GstElement* bin = pipeline.add(gst_bin_new(nullptr));
    const auto apart = Ref<GstElement>::share(makeElement("fakesink"));
    gst_bin_add(GST_BIN(bin), apart.get());
    gst_element_set_locked_state(apart.get(), TRUE);
    gst_element_set_state(apart.get(), GST_STATE_PAUSED);
    co_await pipeline.stop();
    CHECK(stateOf(apart) == GST_STATE_NULL);
  }());
}

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

TEST_CASE("everyone who stops a pipeline waits until it has stopped") {
  runTest([]() -> Task<> {
    Pipeline pipeline("test");
    Stage stage;
    GstElement* source = pipeline.add(makeElement("fakesrc"));
    GstElement* sink = pipeline.add(makeElement("fakesink"));
    g_object_set(sink, "signal-handoffs", TRUE, nullptr);
    g_signal_connect(sink, "handoff", G_CALLBACK(&Stage::onFrame), &stage);
    gst_element_link(source, sink);
    co_await pipeline.setState(GST_STATE_PLAYING, "start");
    co_await stage.reached.wait();
    Scope scope;
    const auto first = begin(scope, pipeline.stop());
    const auto second = begin(scope, pipeline.stop());
    for (int turn = 0; turn < 20; ++turn) co_await sleepFor(1ms);
    CHECK_FALSE(first.isSettled());
    CHECK_FALSE(second.isSettled());
    stage.release.set_value();
    co_await second.wait();
    CHECK(stateOf(Ref<GstElement>::share(pipeline.element())) == GST_STATE_NULL);
    co_await pipeline.stop();
    co_await scope.join();
  }());
}

TEST_CASE("a pipeline that hangs while it starts is left to its thread") {
  runTest([]() -> Task<> {
    const Fifo fifo;
    const LogCapture log;
    const auto gone = std::make_shared<std::atomic<bool>>(false);
    {
      Pipeline pipeline("test");
      GstElement* source = pipeline.add(makeElement("filesrc"));
      g_object_set(source, "location", fifo.path().c_str(), nullptr);
      g_object_weak_ref(
          G_OBJECT(source),
          [](gpointer flag, GObject*) { *static_cast<std::atomic<bool>*>(flag) = true; },
          gone.get());
      const std::string text = co_await textOfError(
          withTimeout(200ms, pipeline.setState(GST_STATE_PAUSED, "start"), "open"));
      CHECK(text == "open: no answer within 200 ms");
      co_await pipeline.stop(100ms);
    }
    REQUIRE(log.messages().size() == 1);
    CHECK_THAT(log.messages()[0], Catch::Matchers::ContainsSubstring("stop a pipeline: "));
    CHECK_FALSE(*gone);
    CHECK(fifo.release());
    while (!*gone) co_await sleepFor(1ms);
  }());
}
