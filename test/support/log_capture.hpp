// LogCapture: what was logged meanwhile.
#pragma once

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cosoup::test {

namespace detail {

struct LogState {
  std::mutex mutex;
  std::vector<std::string>* captured = nullptr;
  std::atomic<int> criticals = 0;  ///< outside any capture

  static LogState& get() {
    static LogState state;
    return state;
  }
  static std::string_view field(const GLogField* fields, gsize count, std::string_view key) {
    const auto* found =
        std::find_if(fields, fields + count, [&](const GLogField& f) { return f.key == key; });
    if (found == fields + count) return {};
    const auto* text = static_cast<const char*>(found->value);
    return found->length < 0 ? std::string_view(text)
                             : std::string_view(text, static_cast<std::size_t>(found->length));
  }
  static GLogWriterOutput write(GLogLevelFlags level, const GLogField* fields, gsize count,
                                gpointer) {
    LogState& state = get();
    if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) {
      const std::lock_guard lock(state.mutex);
      if (state.captured) {
        state.captured->emplace_back(field(fields, count, "MESSAGE"));
        return G_LOG_WRITER_HANDLED;
      }
      const std::string_view domain = field(fields, count, "GLIB_DOMAIN");
      // Seen in a debugger: the RTCP thread of GStreamer's RTP session (1.22) goes through a table
      // that is changed meanwhile; no code of ours is on its stack.
      const bool isKnown = field(fields, count, "MESSAGE").find("version == hash_table->version") !=
                           std::string_view::npos;
      const bool counts = (domain == "cosoup" || domain == "GLib") && !isKnown;
      if (level & G_LOG_LEVEL_CRITICAL && counts) ++state.criticals;
    }
    return g_log_writer_default(level, fields, count, nullptr);
  }
  /// GLib takes a writer only once in a program.
  static void install() {
    static const bool installed = [] {
      g_log_set_writer_func(&LogState::write, nullptr, nullptr);
      return true;
    }();
    static_cast<void>(installed);
  }
};

}  // namespace detail

/// While it lives, warnings and criticals of all threads are kept here and not printed. One at a
/// time.
class LogCapture {
 public:
  LogCapture() {
    detail::LogState::install();
    capture(&messages_);
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() { capture(nullptr); }

  std::vector<std::string> messages() const {
    const std::lock_guard lock(detail::LogState::get().mutex);
    return messages_;
  }

 private:
  static void capture(std::vector<std::string>* target) {
    const std::lock_guard lock(detail::LogState::get().mutex);
    detail::LogState::get().captured = target;
  }

  std::vector<std::string> messages_;
};

}  // namespace cosoup::test
