#!/usr/bin/env python3
"""Holds floors.py to its word: it must notice every bad sample and blame no good one."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # leaves nothing in the source tree
import floors  # noqa: E402

BAD = {
    "lib/cosoup/core/a.cpp": ['#include "cosoup/async/task.hpp"', "#include <gst/gst.h>"],
    "lib/cosoup/core/b.cpp": ["#include <json-glib/json-glib.h>", "#include <unistd.h>"],
    "lib/cosoup/core/c.cpp": ["#include <sys/socket.h>", "# include <pthread.h>"],
    "lib/cosoup/async/a.cpp": ["#include <gio/gio.h>", "#include <glib-unix.h>"],
    "lib/cosoup/async/loop.cpp": ["#include <glib-unix.h>"],
    "lib/cosoup/gst/a.cpp": ['#include "cosoup/media/sink/sink.hpp"'],
    "lib/cosoup/rtc/ortc.cpp": ["#include <gst/sdp/sdp.h>", '#include "cosoup/async/task.hpp"'],
    "lib/cosoup/signaling/a.cpp": ['#include "cosoup/webrtc/promise.hpp"', "#include <nice/agent.h>"],
    "lib/cosoup/client/a.cpp": ["#include <libsoup/soup.h>", '#include "cosoup/room/room.hpp"'],
    "lib/cosoup/room/a.cpp": ["#include <gst/gst.h>", '#include "room.hpp"'],
    "lib/cosoup/mystery/a.cpp": ["int x;"],
    "lib/cosoup/core/twice.cpp": [
        "namespace cosoup {\nstruct A {\n};\nnamespace b {\n\nclass A final : C {\n};\n}  // namespace b\n"
        "struct A {\n};\n}  // namespace cosoup\n"
    ],
    "lib/cosoup/core/self.hpp": ['// Internal.\n#include "cosoup/core/self.hpp"\n'],
    "lib/cosoup/core/a.hpp": ["// What it is.\nint x;\n", "int x;  // Internal.\n"],
    "lib/cosoup/media/mystery/a.cpp": ["int x;"],
    "lib/cosoup/media/b.cpp": ['#include "cosoup/media/source/source.hpp"'],
    "lib/cosoup/media/source/a.cpp": [
        '#include "cosoup/media/sink/sink.hpp"',
        '#include "cosoup/media/rtp/encoder.hpp"',
        '#include "cosoup/media/record/record_sink.hpp"',
    ],
    "lib/cosoup/media/sink/a.cpp": ['#include "cosoup/media/record/record_sink.hpp"'],
    "lib/cosoup/media/record/a.cpp": ['#include "cosoup/media/source/source.hpp"'],
    "lib/cosoup/media/a.cpp": [
        "bool await_suspend(std::coroutine_handle<> handle);",
        "GAsyncReadyCallback callback = nullptr;",
        "gst_element_sync_state_with_parent(sink);",
    ],
    "demos/a/main.cpp": [
        'co_await client.joinRoom({.url = "wss"});',
        "co_await client.joinRoom(\n    {\n        x, y});",
        "co_await f(Options{.a = 1});",
        "auto v = Agg{co_await f(), 1};",
        "Agg v{co_await f(), 1};",
        "co_await f([=] { g(); });",
        "co_await f(1, [p] { g(); });",
        "co_await f([&, p = std::move(p)](int a) mutable { g(a); });",
        "co_await [o]() -> Task<> { co_return; }();",
        "auto n = c ? Obj() : co_await g();",
        "if (x) co_await f(c ? s + a : s);",
        "while (auto e = co_await next(a\n   ? b : c)) { g(); }",
        "co_await f(std::vector<int>{1, 2});",
        "co_await f(a, {1, 2});",
        "co_return co_await f({a, b});",
        "CHECK(co_await f() == 1);",
        "REQUIRE_FALSE(\n    co_await f());",
    ],
    "README.md": ["```cpp\nco_await f({.a = 1});\n```"],
}
GOOD = {
    "lib/cosoup/core/json.cpp": "#include <json-glib/json-glib.h>\n#include <vector>\n",
    "lib/cosoup/async/loop.cpp": "#ifdef G_OS_UNIX\n#include <glib-unix.h>\n#endif\n",
    "lib/cosoup/async/meson.build": "install_headers('channel.hpp', 'task.hpp', subdir: 'x')\n",
    "lib/cosoup/async/task.hpp": "bool await_suspend(std::coroutine_handle<> handle);\n",
    "lib/cosoup/gst/a.hpp": '// What it is.\n// Internal to the floor.\n#include <gst/gst.h>\n#include "cosoup/glib/ref.hpp"\n',
    "lib/cosoup/core/once.cpp": "namespace cosoup {\nnamespace {\nstruct A {\n};\n}  // namespace\n"
    "struct B {\n  struct A {\n  };\n};\n}  // namespace cosoup\n",
    "lib/cosoup/core/once_more.cpp": "namespace cosoup {\nnamespace {\nstruct A {\n};\n"
    "}  // namespace\nnamespace b {\nstruct B {\n};\n}\n}  // namespace cosoup\n",
    "lib/cosoup/rtc/sdp_read.cpp": "#include <gst/sdp/sdp.h>\n",
    "lib/cosoup/media/record/a.cpp": '#include "cosoup/media/sink/sink.hpp"\n'
    '#include "cosoup/media/track.hpp"\n',
    "lib/cosoup/client/a.cpp": '#include "cosoup/media/rtp/encoder.hpp"\n',
    "lib/cosoup/room/a.cpp": '#include "cosoup/client/device.hpp"\n// #include <gst/gst.h>\n',
    "lib/cosoup/meson.build": "install_headers('cosoup.hpp', subdir: 'cosoup')\n",
    "lib/cosoup/cosoup.hpp": '#include "cosoup/room/room.hpp"\n',
    "test/a.cpp": """
Task<> run(bool c) {
  // co_await f({.a = 1});
  const char* text = "co_await f({.a = 1})";
  const char* raw = R"(co_await f({.a = 1}) ")";
  Options options{.a = 1};
  std::vector<int> list{1, 2};
  co_await f(std::move(options), 300'000, 'x');
  co_await awaitAsync([&](GCancellable* c, GAsyncReadyCallback r, gpointer d) {
    start(c ? a : b, [p] { g({1, 2}); });
  });
  int x = c ? 1 : 2;
  while (auto e = co_await next()) list[x] = *e;
  for (int i : {1, 2}) co_await f(list[i], {});
  if (co_await g()) { auto h = [x] { return x ? 1 : 0; }; }
  try { co_await g(); } catch (const Error& e) { h({1}); }
  auto j = [](int& a) -> Task<> { co_await g(a); };
  struct Body { static Task<> run() { co_await g([this] { h(); }); } };
  co_return co_await f(std::string("x"));
}
""",
    "README.md": "Never write `co_await f({.a = 1})`.\n```sh\nco_await f({.a = 1});\n```\n",
}


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def run():
    failures = []
    for path, samples in BAD.items():
        for sample in samples:
            with tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                is_statement = "co_await" in sample and not path.endswith(".md")
                write(root, path, f"Task<> run() {{\n{sample}\n}}\n" if is_statement else sample)
                if not floors.check_tree(root)[1]:
                    failures.append(f"not noticed in {path}: {sample}")
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in GOOD.items():
            write(root, path, text)
        failures += [f"wrongly blamed: {fault}" for fault in floors.check_tree(root)[1]]
    return sum(map(len, BAD.values())) + len(GOOD), failures


def main():
    count, failures = run()
    print(*failures, f"{count} samples, {len(failures)} failures", sep="\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
