// cosoup-launch: joins a room from the command line, sends and records.
#include <glib.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <limits>
#include <stop_token>

#include "cosoup/cosoup.hpp"
#include "input_lines.hpp"
#include "options.hpp"
#include "output.hpp"
#include "reporter.hpp"

using namespace cosoup;

namespace {

Task<> leaveAfter(MediasoupClient& client, double seconds) {
  co_await sleepFor(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_await client.exitRoom();
}

Task<> tickEverySecond(Reporter& reporter) {
  while (true) {
    co_await sleepFor(std::chrono::seconds(1));
    reporter.tick();
  }
}

/// Until stdin ends.
Task<> sayLines(MediasoupClient& client, Reporter& reporter) {
  InputLines input;
  while (auto line = co_await input.lines.next()) {
    if (line->empty()) continue;
    try {
      co_await client.sendChat(std::move(*line));
    } catch (const Error& error) {
      reporter.warn(error.what());
      if (error.code() == Error::Code::InvalidState) co_return;  // we have left
    }
  }
}

/// Joins and stays until the time is over, the room ends, or nothing is left to do.
Task<> stay(MediasoupClient& client, Scope& scope, Reporter& reporter, LaunchOptions options) {
  RoomAddress address(options.url, options.room);
  address.insecure = options.insecure;
  address.caFile = options.caFile;
  address.origin = options.origin;
  address.headers = options.headers;
  PeerInfo me(options.peer, options.name);
  std::size_t playing = options.produce.sources().size();
  const Connection ended = client.events().on<event::SourceEnded>([&](const event::SourceEnded&) {
    const bool nothingLeft = --playing == 0 && !options.consumes;
    if (nothingLeft) scope.spawn(client.exitRoom());
  });
  client.reconnect.enabled = options.reconnect;
  client.reconnect.maxAttempts = std::numeric_limits<int>::max();
  reporter.follow(client);
  cosoup::ConsumeConfig consume = options.consume.config;
  if (const auto frames = reporter.frames()) {
    consume = ConsumeConfig::into(frames->sink());
    scope.spawn(frames->count());
  }
  co_await client.joinRoom(std::move(address), std::move(me), options.produce, std::move(consume));
  scope.spawn(tickEverySecond(reporter));
  if (options.chat) scope.spawn(sayLines(client, reporter));
  if (options.seconds) scope.spawn(leaveAfter(client, *options.seconds));
  co_await client.untilLeft();
}

void reportError(const std::string& reason) {
  std::fprintf(stderr, "error: %s\n", printable(reason).c_str());
}

Task<int> run(LaunchOptions options) {
  MediasoupClient client;
  Scope scope;
  const auto reporter = options.json ? makeJsonReporter() : makeTextReporter();
  if (options.consume.frames) reporter->countFrames(*options.consume.frames);
  const std::stop_token interrupted = co_await currentStopToken();
  std::stop_source leaving;
  std::stop_callback passOn(interrupted, [&] { leaving.request_stop(); });
  const Connection unheard = reporter->output.failed.connect([&] { leaving.request_stop(); });
  int status = 0;
  try {
    co_await stay(client, scope, *reporter, std::move(options)).withToken(leaving.get_token());
  } catch (const Cancelled&) {
    // Leave in order.
  } catch (const Error& error) {
    reportError(error.what());
    status = 1;
  }
  co_await shielded(client.close());
  co_await shielded(scope.close());
  reporter->summary();
  if (const std::string& failure = reporter->output.failure(); !failure.empty()) {
    reportError(failure);
    status = 1;
  }
  co_return status;
}

}  // namespace

int main(int argc, char** argv) {
  claimStandardDescriptors();
  // stdout belongs to the report.
  g_log_writer_default_set_use_stderr(TRUE);
  try {
    LaunchOptions options = parseOptions(argc, argv);
    if (options.verbose) g_setenv("G_MESSAGES_DEBUG", "cosoup", FALSE);
    return runMain(run(std::move(options)));
  } catch (const UsageError& error) {
    std::fprintf(stderr, "cosoup-launch: %s\nTry: cosoup-launch --help\n", error.what());
    return 2;
  }
}
