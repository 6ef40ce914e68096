#include <atomic>
#include <string>
#include <thread>

#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "unit/async/cancelling.hpp"

using namespace cosoup;
using namespace std::chrono_literals;
using test::runTest;

namespace {

/// Whether the root folder is one, asked of GIO's worker threads.
Task<bool> isRootDirectory() {
  const Ref<GFile> file = Ref<GFile>::adopt(g_file_new_for_path("/"));
  const Ref<GAsyncResult> result =
      co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
        g_file_query_info_async(file.get(), G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                                G_PRIORITY_DEFAULT, cancellable, ready, data);
      });
  GError* error = nullptr;
  const Ref<GFileInfo> info =
      Ref<GFileInfo>::adopt(g_file_query_info_finish(file.get(), result.get(), &error));
  if (!info) throwGError(error, "query");
  co_return g_file_info_get_file_type(info.get()) == G_FILE_TYPE_DIRECTORY;
}

Task<> readFile(std::string path) {
  const Ref<GFile> file = Ref<GFile>::adopt(g_file_new_for_path(path.c_str()));
  const Ref<GAsyncResult> result =
      co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
        g_file_load_contents_async(file.get(), cancellable, ready, data);
      });
  GError* error = nullptr;
  char* contents = nullptr;
  if (!g_file_load_contents_finish(file.get(), result.get(), &contents, nullptr, nullptr, &error)) {
    throwGError(error, "read", Error::Code::Media);
  }
  g_free(contents);
}

Task<> connectTo(guint16 port) {
  const Ref<GSocketClient> client = Ref<GSocketClient>::adopt(g_socket_client_new());
  const Ref<GAsyncResult> result =
      co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
        g_socket_client_connect_to_host_async(client.get(), "127.0.0.1", port, cancellable, ready,
                                              data);
      });
  GError* error = nullptr;
  const Ref<GSocketConnection> connection = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_host_finish(client.get(), result.get(), &error));
  if (!connection) throwGError(error, "connect", Error::Code::Media);
}

/// A listening TCP socket on a port of its own.
struct Listener {
  Ref<GSocketListener> socket = Ref<GSocketListener>::adopt(g_socket_listener_new());
  guint16 port = g_socket_listener_add_any_inet_port(socket.get(), nullptr, nullptr);

  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(); }
  void close() { g_socket_listener_close(socket.get()); }
};

Task<> acceptOne(const Listener& listener) {
  const Ref<GAsyncResult> result =
      co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
        g_socket_listener_accept_async(listener.socket.get(), cancellable, ready, data);
      });
  GError* error = nullptr;
  const Ref<GSocketConnection> connection = Ref<GSocketConnection>::adopt(
      g_socket_listener_accept_finish(listener.socket.get(), result.get(), nullptr, &error));
  if (!connection) throwGError(error, "accept");
}

/// Work on another thread that ends only when it is cancelled, and then not at once.
struct SlowWork {
  std::atomic<bool> ended = false;

  static void run(GTask* task, gpointer, gpointer data, GCancellable* cancellable) {
    while (!g_cancellable_is_cancelled(cancellable)) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(5ms);
    static_cast<SlowWork*>(data)->ended = true;
    g_task_return_error_if_cancelled(task);
  }
  Task<> start() {
    co_await awaitAsync([&](GCancellable* cancellable, GAsyncReadyCallback ready, gpointer data) {
      GTask* task = g_task_new(nullptr, cancellable, ready, data);
      g_task_set_task_data(task, this, nullptr);
      g_task_run_in_thread(task, &SlowWork::run);
      g_object_unref(task);
    });
  }
  Task<> startAndCheckEnd(bool& endedFirst) {
    try {
      co_await start();
    } catch (const Cancelled&) {
      endedFirst = ended;
      throw;
    }
  }
};

/// An operation that the test itself completes, when and where it likes.
struct ManualCall {
  Ref<GCancellable> cancellable;
  GAsyncReadyCallback ready = nullptr;
  gpointer data = nullptr;
  int starts = 0;

  Task<> start() {
    co_await awaitAsync(
        [&](GCancellable* theCancellable, GAsyncReadyCallback theReady, gpointer theData) {
          ++starts;
          cancellable = Ref<GCancellable>::share(theCancellable);
          ready = theReady;
          data = theData;
        });
  }
  Task<> startAndComplete() {
    co_await awaitAsync([&](GCancellable*, GAsyncReadyCallback theReady, gpointer theData) {
      ready = theReady;
      data = theData;
      complete();
    });
  }
  void complete() {
    const Ref<GTask> task = Ref<GTask>::adopt(g_task_new(nullptr, nullptr, nullptr, nullptr));
    ready(nullptr, G_ASYNC_RESULT(task.get()), data);
    g_task_return_boolean(task.get(), TRUE);
    static_cast<void>(g_task_propagate_boolean(task.get(), nullptr));
  }
};

}  // namespace

TEST_CASE("awaitAsync gives the result of a GIO operation") {
  struct Body {
    static Task<> run(bool& isDirectory) { isDirectory = co_await isRootDirectory(); }
  };
  bool isDirectory = false;
  CHECK(runTest(Body::run(isDirectory)).suspended);
  CHECK(isDirectory);
}

TEST_CASE("the loop keeps running while a GIO operation is awaited") {
  SlowWork work;
  struct Body {
    static Task<> run(SlowWork& slow) {
      Scope scope;
      scope.spawn(slow.start());
      co_await test::letLoopTurn();
      co_await scope.close();
    }
  };
  const auto report = runTest(Body::run(work));
  CHECK(report.ticks >= test::ticksOfLetLoopTurn);
}

TEST_CASE("the error of a GIO operation is thrown in the name of the operation") {
  CHECK_THROWS_WITH(runTest(readFile("/nonexistent/file")), Catch::Matchers::StartsWith("read: "));
}

TEST_CASE("connecting gives a connection where somebody listens, else Error(Disconnected)") {
  Listener listener;
  runTest(connectTo(listener.port));
  listener.close();
  try {
    runTest(connectTo(listener.port));
    FAIL("connected to nobody");
  } catch (const Error& error) {
    CHECK(error.code() == Error::Code::Disconnected);
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("connect: "));
  }
}

TEST_CASE("a cancelled operation on another thread has really ended when its await throws") {
  SlowWork work;
  bool endedFirst = false;
  runTest(test::checkCancelling(work.startAndCheckEnd(endedFirst)));
  CHECK(endedFirst);
}

TEST_CASE("waiting for a connection is cancelled, before and meanwhile") {
  const Listener listener;
  runTest(test::checkCancelling(acceptOne(listener)));
  runTest(test::checkCancelledBefore(acceptOne(listener)));
}

TEST_CASE("connecting is cancelled, before and meanwhile") {
  const Listener listener;
  runTest(test::checkCancelling(connectTo(listener.port)));
  runTest(test::checkCancelledBefore(connectTo(listener.port)));
}

TEST_CASE("an operation of a task that is cancelled already is not even started") {
  ManualCall call;
  runTest(test::checkCancelledBefore(call.start()));
  CHECK(call.starts == 0);
}

TEST_CASE("cancelling does not resume before the operation has called back") {
  struct Body {
    static Task<> run(ManualCall& call) {
      test::Ending ending;
      Scope scope;
      scope.spawn(test::detail::watch(call.start(), ending));
      scope.requestStop();
      CHECK(g_cancellable_is_cancelled(call.cancellable.get()));
      co_await sleepFor(5ms);
      CHECK_FALSE(ending.wentOn);
      call.complete();
      co_await scope.join();
      CHECK(ending.cancelled);
    }
  };
  ManualCall call;
  runTest(Body::run(call));
}

TEST_CASE("an operation that ends in the turn of the cancellation counts as cancelled") {
  struct Body {
    static Task<> run(ManualCall& call) {
      test::Ending ending;
      Scope scope;
      scope.spawn(test::detail::watch(call.start(), ending));
      call.complete();
      CHECK_FALSE(ending.wentOn);
      scope.requestStop();
      co_await scope.join();
      CHECK(ending.cancelled);
    }
  };
  ManualCall call;
  runTest(Body::run(call));
}

TEST_CASE("an operation that calls back before it has returned is awaited all the same") {
  ManualCall call;
  CHECK(runTest(call.startAndComplete()).suspended);
}

TEST_CASE("destroying a task cancels the operation that it waits for, whose end touches nothing") {
  test::TestContext context;
  ManualCall call;
  test::checkDestroying(context, call.start(), [&] {
    CHECK(g_cancellable_is_cancelled(call.cancellable.get()));
    call.complete();
  });
}

TEST_CASE("a task may be destroyed between the end of its operation and its turn") {
  test::TestContext context;
  ManualCall call;
  {
    const test::Destroyable waiting(call.start());
    call.complete();
  }
  context.drain();
  CHECK_FALSE(g_cancellable_is_cancelled(call.cancellable.get()));
}

TEST_CASE("destroying a task that waits for another thread leaves nothing behind") {
  test::TestContext context;
  SlowWork work;
  test::checkDestroying(context, work.start(), [&] {
    while (!work.ended) std::this_thread::sleep_for(1ms);
  });
  // The last reference to the GTask is given back by its thread.
  std::this_thread::sleep_for(20ms);
  context.drain();
}

TEST_CASE("a GError becomes an Error with the code that a caller would act on") {
  struct Case {
    GQuark domain;
    int code;
    Error::Code expected;
  };
  const Case cases[] = {
      {G_IO_ERROR, G_IO_ERROR_TIMED_OUT, Error::Code::Timeout},
      {G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, Error::Code::Disconnected},
      {G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, Error::Code::Disconnected},
      {G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, Error::Code::Disconnected},
      {G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, Error::Code::Disconnected},
      {G_IO_ERROR, G_IO_ERROR_NOT_FOUND, Error::Code::Media},
  };
  for (const Case& each : cases) {
    try {
      throwGError(g_error_new_literal(each.domain, each.code, "why"), "what", Error::Code::Media);
    } catch (const Error& error) {
      CHECK(error.code() == each.expected);
      CHECK(std::string(error.what()) == "what: why");
    }
  }
  CHECK_THROWS_AS(throwGError(g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "x"), "what"),
                  Cancelled);
  CHECK_THROWS_WITH(throwGError(nullptr, "what"), "what: unknown error");
}
