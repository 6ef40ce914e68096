#include "cosoup/glib/filtered_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cosoup {
namespace {

/// What the three objects share.
struct Filtered {
  Ref<GIOStream> base;
  Ref<GObject> owner;
  std::shared_ptr<StreamFilter> filter;
  std::string passed;           ///< what has been let through and not been read
  std::size_t takenInTurn = 0;  ///< bytes

  GPollableInputStream* input() const {
    return G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(base.get()));
  }
  GPollableOutputStream* output() const {
    return G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(base.get()));
  }
};

using Shared = std::shared_ptr<Filtered>;

struct FilteredInput {
  GInputStream parent;
  Shared* shared;
};
struct FilteredInputClass {
  GInputStreamClass parent;
};
struct FilteredOutput {
  GOutputStream parent;
  Shared* shared;
};
struct FilteredOutputClass {
  GOutputStreamClass parent;
};
struct FilteredStream {
  GIOStream parent;
  Shared* shared;
  GInputStream* input;
  GOutputStream* output;
};
struct FilteredStreamClass {
  GIOStreamClass parent;
};

void initPollableInput(GPollableInputStreamInterface* interface);
void initPollableOutput(GPollableOutputStreamInterface* interface);

G_DEFINE_TYPE_WITH_CODE(FilteredInput, filtered_input, G_TYPE_INPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_INPUT_STREAM, initPollableInput))
G_DEFINE_TYPE_WITH_CODE(FilteredOutput, filtered_output, G_TYPE_OUTPUT_STREAM,
                        G_IMPLEMENT_INTERFACE(G_TYPE_POLLABLE_OUTPUT_STREAM, initPollableOutput))
G_DEFINE_TYPE(FilteredStream, filtered_stream, G_TYPE_IO_STREAM)

template <class Object>
Object* as(gpointer object) {
  return static_cast<Object*>(object);
}

template <class Object>
void finalize(GObject* object, gpointer parentClass) {
  delete std::exchange(as<Object>(object)->shared, nullptr);
  G_OBJECT_CLASS(parentClass)->finalize(object);
}

// ---- input -------------------------------------------------------------------------------------

gboolean isReadable(GPollableInputStream* stream) {
  const Filtered& filtered = **as<FilteredInput>(stream)->shared;
  return !filtered.passed.empty() || g_pollable_input_stream_is_readable(filtered.input());
}

GSource* createInputSource(GPollableInputStream* stream, GCancellable* cancellable) {
  const Filtered& filtered = **as<FilteredInput>(stream)->shared;
  GSource* ready = filtered.passed.empty()
                       ? g_pollable_input_stream_create_source(filtered.input(), nullptr)
                       : g_timeout_source_new(0);
  GSource* source = g_pollable_source_new_full(stream, ready, cancellable);
  g_source_unref(ready);
  return source;
}

/// What the base stream gives: the count, 0 at its end, or an error.
gssize take(Filtered& filtered, GError** error) {
  std::array<char, 8192> buffer;
  const std::size_t room = filtered.filter->bytesPerTurn - filtered.takenInTurn;
  if (room == 0) {
    filtered.takenInTurn = 0;
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "others have their turn");
    return -1;
  }
  const gssize count = g_pollable_input_stream_read_nonblocking(
      filtered.input(), buffer.data(), std::min(room, buffer.size()), nullptr, error);
  if (count <= 0) {
    filtered.takenInTurn = 0;
    return count;
  }
  const auto taken = static_cast<std::size_t>(count);
  filtered.takenInTurn += taken;
  filtered.filter->pass(std::string_view(buffer.data(), taken), filtered.passed);
  return count;
}

gssize readNonblocking(GPollableInputStream* stream, void* buffer, gsize count, GError** error) {
  const Shared shared = *as<FilteredInput>(stream)->shared;
  while (shared->passed.empty()) {
    const gssize taken = take(*shared, error);
    if (taken <= 0) return taken;
  }
  const std::size_t size = std::min<std::size_t>(count, shared->passed.size());
  std::copy_n(shared->passed.begin(), size, static_cast<char*>(buffer));
  shared->passed.erase(0, size);
  return static_cast<gssize>(size);
}

void initPollableInput(GPollableInputStreamInterface* interface) {
  interface->is_readable = isReadable;
  interface->create_source = createInputSource;
  interface->read_nonblocking = readNonblocking;
}

void filtered_input_class_init(FilteredInputClass* type) {
  G_OBJECT_CLASS(type)->finalize = [](GObject* object) {
    finalize<FilteredInput>(object, filtered_input_parent_class);
  };
}
void filtered_input_init(FilteredInput*) {}

// ---- output ------------------------------------------------------------------------------------

gboolean isWritable(GPollableOutputStream* stream) {
  return g_pollable_output_stream_is_writable((*as<FilteredOutput>(stream)->shared)->output());
}

GSource* createOutputSource(GPollableOutputStream* stream, GCancellable* cancellable) {
  const Filtered& filtered = **as<FilteredOutput>(stream)->shared;
  GSource* ready = g_pollable_output_stream_create_source(filtered.output(), nullptr);
  GSource* source = g_pollable_source_new_full(stream, ready, cancellable);
  g_source_unref(ready);
  return source;
}

gssize writeNonblocking(GPollableOutputStream* stream, const void* buffer, gsize count,
                        GError** error) {
  const Filtered& filtered = **as<FilteredOutput>(stream)->shared;
  const gssize written =
      g_pollable_output_stream_write_nonblocking(filtered.output(), buffer, count, nullptr, error);
  if (written > 0) filtered.filter->written += static_cast<std::uint64_t>(written);
  return written;
}

void initPollableOutput(GPollableOutputStreamInterface* interface) {
  interface->is_writable = isWritable;
  interface->create_source = createOutputSource;
  interface->write_nonblocking = writeNonblocking;
}

void filtered_output_class_init(FilteredOutputClass* type) {
  G_OBJECT_CLASS(type)->finalize = [](GObject* object) {
    finalize<FilteredOutput>(object, filtered_output_parent_class);
  };
}
void filtered_output_init(FilteredOutput*) {}

// ---- both --------------------------------------------------------------------------------------

// Release the owner only once the base stream is closed, since its end may close the stream as
// well.
void onBaseClosed(GObject* base, GAsyncResult* result, gpointer data) {
  const auto task = Ref<GTask>::adopt(as<GTask>(data));
  GError* error = nullptr;
  g_io_stream_close_finish(G_IO_STREAM(base), result, &error);
  (*as<FilteredStream>(g_task_get_source_object(task.get()))->shared)->owner = nullptr;
  if (error) return g_task_return_error(task.get(), error);
  g_task_return_boolean(task.get(), TRUE);
}

void closeAsync(GIOStream* stream, int priority, GCancellable* cancellable,
                GAsyncReadyCallback callback, gpointer data) {
  GTask* task = g_task_new(stream, cancellable, callback, data);
  g_io_stream_close_async((*as<FilteredStream>(stream)->shared)->base.get(), priority, nullptr,
                          &onBaseClosed, task);
}

gboolean closeFinish(GIOStream*, GAsyncResult* result, GError** error) {
  return g_task_propagate_boolean(G_TASK(result), error);
}

gboolean closeNow(GIOStream* stream, GCancellable*, GError** error) {
  return g_io_stream_close((*as<FilteredStream>(stream)->shared)->base.get(), nullptr, error);
}

void filtered_stream_class_init(FilteredStreamClass* type) {
  G_OBJECT_CLASS(type)->finalize = [](GObject* object) {
    g_object_unref(as<FilteredStream>(object)->input);
    g_object_unref(as<FilteredStream>(object)->output);
    finalize<FilteredStream>(object, filtered_stream_parent_class);
  };
  GIOStreamClass* stream = G_IO_STREAM_CLASS(type);
  stream->get_input_stream = [](GIOStream* self) { return as<FilteredStream>(self)->input; };
  stream->get_output_stream = [](GIOStream* self) { return as<FilteredStream>(self)->output; };
  stream->close_fn = closeNow;
  stream->close_async = closeAsync;
  stream->close_finish = closeFinish;
}
void filtered_stream_init(FilteredStream*) {}

template <class Object>
Object* make(GType type, const Shared& shared) {
  auto* object = as<Object>(g_object_new(type, nullptr));
  object->shared = new Shared(shared);
  return object;
}

}  // namespace

Ref<GIOStream> makeFilteredStream(GIOStream* base, Ref<GObject> owner,
                                  std::shared_ptr<StreamFilter> filter) {
  const auto shared = std::make_shared<Filtered>();
  shared->base = Ref<GIOStream>::share(base);
  shared->owner = std::move(owner);
  shared->filter = std::move(filter);
  auto* stream = make<FilteredStream>(filtered_stream_get_type(), shared);
  stream->input = &make<FilteredInput>(filtered_input_get_type(), shared)->parent;
  stream->output = &make<FilteredOutput>(filtered_output_get_type(), shared)->parent;
  return Ref<GIOStream>::adopt(&stream->parent);
}

}  // namespace cosoup
