#include "support/room_server.hpp"

#include <libsoup/soup.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "cosoup/glib/await.hpp"
#include "cosoup/glib/error.hpp"
#include "support/loop_watch.hpp"

namespace cosoup::test {
namespace {

gboolean acceptAny(SoupMessage*, GTlsCertificate*, GTlsCertificateFlags, gpointer) { return TRUE; }

std::string readLine(GInputStream* stream) {
  const auto lines = Ref<GDataInputStream>::adopt(g_data_input_stream_new(stream));
  char* line = g_data_input_stream_read_line(lines.get(), nullptr, nullptr, nullptr);
  const std::string result = line ? line : "";
  g_free(line);
  return result;
}

}  // namespace

RoomServer::RoomServer(std::vector<std::string> options) : options_(std::move(options)) {
  start("0");
}

void RoomServer::restart() { start(url_.substr(url_.rfind(':') + 1)); }

void RoomServer::start(const std::string& port) {
  const LoopMayWait starting;
  std::vector<std::string> words{COSOUP_TEST_SERVER, "--port",     port,
                                 "--test-api",       "--protocol", speaks2024() ? "2024" : "2025"};
  words.insert(words.end(), options_.begin(), options_.end());
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  arguments.push_back(nullptr);
  GError* error = nullptr;
  process_ = Ref<GSubprocess>::adopt(
      g_subprocess_newv(arguments.data(), G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error));
  if (!process_) throwGError(error, "room server");
  const std::string line = readLine(g_subprocess_get_stdout_pipe(process_.get()));
  const std::string prefix = "listening ";
  if (!line.starts_with(prefix)) throw std::runtime_error("room server: did not start: " + line);
  url_ = line.substr(prefix.size());
}

// What would have ended the real server's process fails the tests, whichever of them sent it.
void RoomServer::checkThatItWouldLive() const {
  const std::string url = "http" + url_.substr(2) + "/test/server";
  const auto session = Ref<SoupSession>::adopt(soup_session_new());
  const auto message = Ref<SoupMessage>::adopt(soup_message_new("GET", url.c_str()));
  g_signal_connect(message.get(), "accept-certificate", G_CALLBACK(&acceptAny), nullptr);
  const auto answer = Ref<GBytes>::adopt(
      soup_session_send_and_read(session.get(), message.get(), nullptr, nullptr));
  if (!answer) return;  // it has ended already
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(answer.get(), &size));
  const std::vector<Json> fatal = Json::parse(std::string(text, size)).list("fatal");
  if (fatal.empty()) return;
  for (const Json& reason : fatal) std::fprintf(stderr, "%s\n", reason.text().c_str());
  std::_Exit(98);
}

RoomServer::~RoomServer() {
  const LoopMayWait ending;
  thaw();
  checkThatItWouldLive();
  g_subprocess_send_signal(process_.get(), SIGTERM);
  g_subprocess_wait(process_.get(), nullptr, nullptr);
}

void RoomServer::kill() {
  const LoopMayWait ending;
  g_subprocess_force_exit(process_.get());
  g_subprocess_wait(process_.get(), nullptr, nullptr);
}

void RoomServer::freeze() { g_subprocess_send_signal(process_.get(), SIGSTOP); }

void RoomServer::thaw() { g_subprocess_send_signal(process_.get(), SIGCONT); }

/// The answer's body; empty for what is not found.
Task<std::string> RoomServer::fetch(const char* method, std::string path, std::string body) const {
  const std::string url = "http" + url_.substr(2) + path;  // ws -> http, wss -> https
  const auto session = Ref<SoupSession>::adopt(soup_session_new());
  const auto message = Ref<SoupMessage>::adopt(soup_message_new(method, url.c_str()));
  g_signal_connect(message.get(), "accept-certificate", G_CALLBACK(&acceptAny), nullptr);
  const std::string origin = url.substr(0, url.find('/', url.find("//") + 2));
  soup_message_headers_append(soup_message_get_request_headers(message.get()), "Origin",
                              origin.c_str());
  if (!body.empty()) {
    const auto bytes = Ref<GBytes>::adopt(g_bytes_new(body.data(), body.size()));
    soup_message_set_request_body_from_bytes(message.get(), "application/json", bytes.get());
  }
  const Ref<GAsyncResult> result = co_await awaitAsync(
      [&](GCancellable* cancellable, GAsyncReadyCallback callback, gpointer data) {
        soup_session_send_and_read_async(session.get(), message.get(), G_PRIORITY_DEFAULT,
                                         cancellable, callback, data);
      });
  GError* error = nullptr;
  const auto answer =
      Ref<GBytes>::adopt(soup_session_send_and_read_finish(session.get(), result.get(), &error));
  if (!answer) throwGError(error, "test API");
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(answer.get(), &size));
  if (soup_message_get_status(message.get()) == SOUP_STATUS_NOT_FOUND) co_return "";
  co_return std::string(text, size);
}

Task<Json> RoomServer::call(const char* method, std::string path, std::string body) const {
  const std::string text = co_await fetch(method, std::move(path), std::move(body));
  if (text.empty()) co_return Json();
  const bool isJson = text.front() == '{' || text.front() == '[';
  if (!isJson) co_return Json(text);
  co_return Json::parse(text);
}

Task<Json> RoomServer::about() const { return get("/test/server"); }

Task<Json> RoomServer::room(std::string roomId) const { return get("/test/rooms/" + roomId); }

Task<Json> RoomServer::peer(std::string roomId, std::string peerId) const {
  const Json found = co_await room(std::move(roomId));
  if (found.isNull()) co_return Json();
  for (const Json& peer : found.list("peers")) {
    if (peer.get<std::string>("id") == peerId) co_return peer;
  }
  co_return Json();
}

Task<Json> RoomServer::get(std::string path) const { return call("GET", std::move(path), ""); }

Task<> RoomServer::remove(std::string path) const { co_await fetch("DELETE", std::move(path), ""); }

Task<Json> RoomServer::post(std::string path, Json body) const {
  return call("POST", std::move(path), body.text());
}

bool speaks2024() { return g_strcmp0(g_getenv("COSOUP_TEST_PROTOCOL"), "2024") == 0; }

RoomServer& sharedServer() {
  static RoomServer server;
  return server;
}

std::string freshRoom() {
  static int count = 0;
  return "room-" + std::to_string(++count);
}

}  // namespace cosoup::test
