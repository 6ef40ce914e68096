#include "options.hpp"

#include <glib.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

using cosoup::ProduceConfig;

namespace {

constexpr const char* kSummary =
    "Joins a room of a mediasoup server that speaks the demo's protoo protocol.\n\n"
    "What to send (--produce, may be repeated):\n"
    "  test | test:audio | test:video   a test picture and a tone\n"
    "  file:PATH | file:PATH,loop       a media file; what the room takes goes out untouched\n"
    "  uri:URI | uri:URI,loop           http(s), rtsp, file …, likewise\n"
    "  camera | camera:NAME             the default camera, or the one of this name or id\n"
    "  mic | mic:NAME                   a microphone, likewise\n"
    "  screen                           the whole screen\n"
    "  launch:DESCRIPTION               a GStreamer bin with one unlinked source pad\n"
    "Raw video is sent in several sizes with --simulcast LAYERS.\n"
    "What to do with what comes in (--consume):\n"
    "  discard                          receive it and drop it (default)\n"
    "  record:DIR                       one file per peer below DIR, as received\n"
    "  record:DIR,room                  one file for all peers\n"
    "  record:DIR,mp4                   MP4 instead of Matroska for H264\n"
    "  record:DIR,split=60              a next file after 60 s (split-mb=100: after 100 MB)\n"
    "  play                             show and play it on this machine\n"
    "  frames | frames:encoded          count its frames, decoded or as received\n"
    "  launch:DESCRIPTION               a GStreamer bin with one unlinked sink pad per stream\n"
    "  none                             receive nothing";

/// Whether `text` ends in ",loop", which is then cut off.
bool takeLoop(std::string& text) {
  constexpr std::string_view loop = ",loop";
  if (!text.ends_with(loop)) return false;
  text.resize(text.size() - loop.size());
  return true;
}

std::optional<ProduceConfig> parseDevice(const std::string& spec) {
  if (spec == "screen") return ProduceConfig::screen();
  if (spec == "camera") return ProduceConfig::camera();
  if (spec == "mic") return ProduceConfig::microphone();
  if (auto name = after(spec, "camera:"); name && !name->empty()) {
    return ProduceConfig::camera(cosoup::CameraOptions(*name));
  }
  if (auto name = after(spec, "mic:"); name && !name->empty()) {
    return ProduceConfig::microphone(cosoup::MicrophoneOptions(*name));
  }
  return std::nullopt;
}

ProduceConfig parseProduce(const std::string& spec) {
  if (spec == "test") return ProduceConfig::test();
  if (spec == "test:audio") return ProduceConfig::test(cosoup::TestSourceOptions(true, false));
  if (spec == "test:video") return ProduceConfig::test(cosoup::TestSourceOptions(false, true));
  if (auto device = parseDevice(spec)) return *device;
  if (auto path = after(spec, "file:")) {
    const bool loops = takeLoop(*path);
    if (!path->empty()) return ProduceConfig::file(*path, cosoup::FileSourceOptions(loops));
  }
  if (auto uri = after(spec, "uri:")) {
    const bool loops = takeLoop(*uri);
    if (!uri->empty()) return ProduceConfig::uri(*uri, cosoup::UriSourceOptions(loops));
  }
  if (auto description = after(spec, "launch:"); description && !description->empty()) {
    return ProduceConfig::launch(*description);
  }
  throw UsageError("--produce " + spec +
                   ": expected test, test:audio, test:video, file:PATH, file:PATH,loop, uri:URI, "
                   "uri:URI,loop, camera, camera:NAME, mic, mic:NAME, screen or "
                   "launch:DESCRIPTION");
}

double parseSeconds(const std::string& text) {
  char* end = nullptr;
  const double seconds = g_ascii_strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(seconds > 0) || seconds > 1e6) {
    throw UsageError("--for " + text + ": expected a number of seconds above 0");
  }
  return seconds;
}

std::pair<std::string, std::string> parseHeader(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos) {
    throw UsageError("--header " + text + ": expected 'Name: value'");
  }
  const std::size_t value = text.find_first_not_of(' ', colon + 1);
  return {text.substr(0, colon), value == std::string::npos ? "" : text.substr(value)};
}

/// What GOption fills in.
struct Raw {
  static constexpr gint kNoLatency = G_MININT;

  gint layers = 1;
  gint latency = kNoLatency;
  char* room = nullptr;
  char* peer = nullptr;
  char* name = nullptr;
  char** produce = nullptr;
  char* consume = nullptr;
  char* caFile = nullptr;
  char* origin = nullptr;
  char** headers = nullptr;
  char* seconds = nullptr;
  gboolean opusLevels = FALSE;
  gboolean chat = FALSE;
  gboolean insecure = FALSE;
  gboolean reconnect = FALSE;
  gboolean json = FALSE;
  gboolean verbose = FALSE;

  ~Raw() {
    for (char* text : {room, peer, name, consume, caFile, origin, seconds}) g_free(text);
    g_strfreev(produce);
    g_strfreev(headers);
  }
};

void parseInto(Raw& raw, int& argc, char**& argv) {
  const std::array<GOptionEntry, 18> entries{{
      {"room", 'r', 0, G_OPTION_ARG_STRING, &raw.room, "The room (required)", "ID"},
      {"peer", 'p', 0, G_OPTION_ARG_STRING, &raw.peer, "Our id in it (default: random)", "ID"},
      {"name", 'n', 0, G_OPTION_ARG_STRING, &raw.name, "Our display name", "NAME"},
      {"produce", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw.produce, "What to send", "SPEC"},
      {"simulcast", 0, 0, G_OPTION_ARG_INT, &raw.layers, "Layers of raw video", "LAYERS"},
      {"opus-levels", 0, 0, G_OPTION_ARG_NONE, &raw.opusLevels,
       "Decode Opus that is sent untouched, to tell how loud it is", nullptr},
      {"consume", 0, 0, G_OPTION_ARG_STRING, &raw.consume, "What to do with the rest", "SPEC"},
      {"latency", 0, 0, G_OPTION_ARG_INT, &raw.latency,
       "Wait no longer for a missing packet (default: as the line needs)", "MS"},
      {"chat", 0, 0, G_OPTION_ARG_NONE, &raw.chat, "Say the lines of stdin in the chat", nullptr},
      {"insecure", 0, 0, G_OPTION_ARG_NONE, &raw.insecure, "Accept any certificate", nullptr},
      {"ca-file", 0, 0, G_OPTION_ARG_FILENAME, &raw.caFile, "Trust these authorities", "PEM"},
      {"origin", 0, 0, G_OPTION_ARG_STRING, &raw.origin, "Our Origin (default: the URL's)",
       "ORIGIN"},
      {"header", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw.headers,
       "A further header of the connection's request", "'NAME: VALUE'"},
      {"reconnect", 0, 0, G_OPTION_ARG_NONE, &raw.reconnect,
       "Come back when the connection is lost (default: that is the end)", nullptr},
      {"for", 0, 0, G_OPTION_ARG_STRING, &raw.seconds, "Leave after so long", "SECONDS"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &raw.json, "One JSON object a line on stdout", nullptr},
      {"verbose", 'v', 0, G_OPTION_ARG_NONE, &raw.verbose, "Tell more on stderr", nullptr},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr},
  }};
  const std::unique_ptr<GOptionContext, decltype(&g_option_context_free)> context(
      g_option_context_new("URL"), &g_option_context_free);
  g_option_context_set_summary(context.get(), kSummary);
  g_option_context_add_main_entries(context.get(), entries.data(), nullptr);
  GError* error = nullptr;
  if (g_option_context_parse(context.get(), &argc, &argv, &error)) return;
  const std::string reason = error->message;
  g_error_free(error);
  throw UsageError(reason);
}

}  // namespace

std::optional<std::string> after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return std::string(text.substr(prefix.size()));
}

LaunchOptions parseOptions(int argc, char** argv) {
  Raw raw;
  parseInto(raw, argc, argv);
  if (argc != 2) throw UsageError("expected one URL, such as wss://127.0.0.1:4443");
  if (!raw.room || !*raw.room) throw UsageError("--room ID is missing");
  if (raw.insecure && raw.caFile) throw UsageError("--insecure and --ca-file exclude each other");
  LaunchOptions options;
  options.url = argv[1];
  if (!options.url.starts_with("wss://") && !options.url.starts_with("ws://")) {
    throw UsageError(options.url + ": expected a URL that begins with wss:// or ws://");
  }
  options.room = raw.room;
  if (raw.peer) options.peer = raw.peer;
  if (options.peer.empty()) options.peer = "cosoup-" + std::to_string(g_random_int());
  options.name = raw.name ? raw.name : options.peer;
  for (char** spec = raw.produce; spec && *spec; ++spec) options.produce.add(parseProduce(*spec));
  if (raw.layers < 1 || raw.layers > 8) throw UsageError("--simulcast: expected 1 to 8 layers");
  options.produce.encoding.video.resize(static_cast<std::size_t>(raw.layers));
  options.produce.encoding.levelOfEncodedOpus = raw.opusLevels;
  if (raw.consume) options.consume = parseConsume(raw.consume);
  if (raw.latency != Raw::kNoLatency) {
    if (raw.latency < 0 || raw.latency > 10'000) {
      throw UsageError("--latency: expected 0 to 10000 ms");
    }
    options.consume.config.latency = std::chrono::milliseconds(raw.latency);
  }
  options.consumes = options.consume.config.sink() != nullptr;
  options.chat = raw.chat;
  options.insecure = raw.insecure;
  options.reconnect = raw.reconnect;
  if (raw.caFile) options.caFile = raw.caFile;
  if (raw.origin) options.origin = raw.origin;
  for (char** header = raw.headers; header && *header; ++header) {
    options.headers.push_back(parseHeader(*header));
  }
  if (raw.seconds) options.seconds = parseSeconds(raw.seconds);
  options.json = raw.json;
  options.verbose = raw.verbose;
  return options;
}
