#include "input_lines.hpp"

namespace {

GIOChannel* openInput() {
#ifdef G_OS_WIN32
  GIOChannel* input = g_io_channel_win32_new_fd(0);
#else
  GIOChannel* input = g_io_channel_unix_new(0);
#endif
  g_io_channel_set_encoding(input, nullptr, nullptr);  // bytes; the chat says what is no UTF-8
  return input;
}

}  // namespace

InputLines::InputLines()
    : input_(openInput()),
      flags_(g_io_channel_get_flags(input_)),
      source_(g_io_create_watch(input_, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP))) {
  // Half a line must not hold up the loop.
  g_io_channel_set_flags(input_, static_cast<GIOFlags>(flags_ | G_IO_FLAG_NONBLOCK), nullptr);
  const GIOFunc onInput = [](GIOChannel*, GIOCondition, gpointer self) {
    return static_cast<InputLines*>(self)->read();
  };
  g_source_set_callback(source_, G_SOURCE_FUNC(onInput), this, nullptr);
  g_source_attach(source_, g_main_context_get_thread_default());
}

InputLines::~InputLines() {
  g_source_destroy(source_);
  g_source_unref(source_);
  // Others, such as the shell that started us, share what stdin is.
  g_io_channel_set_flags(input_, flags_, nullptr);
  g_io_channel_unref(input_);
}

gboolean InputLines::read() {
  char* line = nullptr;
  gsize end = 0;
  switch (g_io_channel_read_line(input_, &line, nullptr, &end, nullptr)) {
    case G_IO_STATUS_NORMAL:
      lines.push(std::string(line, end));
      g_free(line);
      return G_SOURCE_CONTINUE;
    case G_IO_STATUS_AGAIN:
      return G_SOURCE_CONTINUE;
    default:  // its end, or an error that will not go away
      lines.close();
      return G_SOURCE_REMOVE;
  }
}
