// URIs, and where files begin.
#include <libsoup/soup.h>

#include <fstream>
#include <iterator>

#include "cosoup/media/source/source.hpp"
#include "support/authority.hpp"
#include "support/eventually.hpp"
#include "support/fake_server.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr const char* webCodecs = "video/x-vp8; audio/x-opus, channel-mapping-family=0";

/// Serves one file as /talk.webm from the loop that it is made in.
class FileServer {
 public:
  explicit FileServer(const std::string& path, bool ranges = true)
      : server_(Ref<SoupServer>::adopt(soup_server_new(nullptr, nullptr))), ranges_(ranges) {
    std::ifstream file(path, std::ios::binary);
    content_.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    soup_server_add_handler(server_.get(), "/talk.webm", &FileServer::onRequest, this, nullptr);
    REQUIRE(soup_server_listen_local(server_.get(), 0, SOUP_SERVER_LISTEN_IPV4_ONLY, nullptr));
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;
  ~FileServer() { soup_server_disconnect(server_.get()); }

  std::string uri(const std::string& path = "/talk.webm") const {
    GSList* uris = soup_server_get_uris(server_.get());
    const int port = g_uri_get_port(static_cast<GUri*>(uris->data));
    g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(&g_uri_unref));
    return "http://127.0.0.1:" + std::to_string(port) + path;
  }

 private:
  static void onRequest(SoupServer*, SoupServerMessage* message, const char*, GHashTable*,
                        gpointer data) {
    auto* self = static_cast<FileServer*>(data);
    SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
    if (!self->ranges_) {
      soup_message_headers_remove(soup_server_message_get_request_headers(message), "Range");
    }
    soup_message_headers_append(headers, "Accept-Ranges", self->ranges_ ? "bytes" : "none");
    soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
    soup_server_message_set_response(message, "video/webm", SOUP_MEMORY_COPY, self->content_.data(),
                                     self->content_.size());
  }

  const Ref<SoupServer> server_;
  const bool ranges_;
  std::string content_;
};

struct Played {
  std::map<std::string, std::vector<FrameNote>> notes;
  std::chrono::nanoseconds duration{0};
  std::chrono::nanoseconds start{0};  ///< position before it played
};

Task<> playToEnd(std::shared_ptr<Source> source, Played& played) {
  Ref<GstCaps> caps = capsFrom(webCodecs);
  co_await source->open(std::move(caps));
  played.duration = source->duration().value_or(0ns);
  played.start = source->position().value_or(-1ns);
  bool ended = false;
  const Connection onEnded = source->ended.connect([&] { ended = true; });
  std::map<std::string, std::shared_ptr<FrameLog>> logs;
  for (const auto& track : source->tracks()) logs[toString(track->kind())] = logOf(track);
  co_await source->play();
  co_await eventually(
      "the end", [&] { return ended; }, 20s);
  for (const auto& [kind, log] : logs) played.notes[kind] = log->notes();
  co_await source->close();
}

void checkSame(const Played& played, const std::string& path) {
  const MediaFile file = readMediaFile(path);
  for (const std::string kind : {"audio", "video"}) {
    const auto& notes = played.notes.at(kind);
    const auto& wanted = file.streams.at(kind).frames;
    REQUIRE(notes.size() == wanted.size());
    for (std::size_t i = 0; i < notes.size(); ++i) CHECK(notes[i].data == wanted[i].data);
  }
}

Task<> playServed(std::string path, UriSourceOptions options, Played& played) {
  const FileServer server(path);
  co_await playToEnd(makeUriSource(server.uri(), options), played);
}

FileSourceOptions startingAt(std::chrono::nanoseconds start, bool loop = false) {
  FileSourceOptions options(loop);
  options.start = start;
  return options;
}

/// VP8 with a key frame every half second, and Opus.
void makeTwoSeconds(const std::string& path) {
  runLaunchLine(
      "webmmux name=m ! filesink location=" + path +
      " videotestsrc pattern=ball num-buffers=60 ! video/x-raw,width=160,height=120,"
      "framerate=30/1 ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=15 ! m. "
      "audiotestsrc samplesperbuffer=960 num-buffers=100 ! audio/x-raw,rate=48000,channels=2 ! "
      "opusenc ! m.");
}

}  // namespace

TEST_CASE("a file over HTTP comes out frame by frame as it is, with its length") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("talk.webm");
  makeWebM(path, 1, 1);
  Played played;
  runTest(playServed(path, UriSourceOptions(), played), 30s);
  checkSame(played, path);
  CHECK(std::abs(std::chrono::duration<double>(played.duration).count() - 1.0) < 0.1);
}

TEST_CASE("a file URI plays like the file") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("talk.webm");
  makeWebM(path, 0.5, 0.5);
  Played played;
  runTest(playToEnd(makeUriSource("file://" + path), played));
  checkSame(played, path);
}

namespace {

Task<> failsOverHttp(std::string path) {
  const FileServer server(path);
  co_await failsToOpen(makeUriSource(server.uri()), Error::Code::Media, "talk.webm");
  co_await failsToOpen(makeUriSource(server.uri("/gone")), Error::Code::Media, "Not Found");
}

}  // namespace

TEST_CASE("a URI that gives no media is refused with the reason") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("no.webm");
  std::ofstream(path) << "this is no media, but some text, and then some more of it";
  runTest(failsOverHttp(path));
  runTest(
      failsToOpen(makeUriSource("http://127.0.0.1:1/x"), Error::Code::Media, "Connection refused"));
  runTest(failsToOpen(makeUriSource("https://127.0.0.1:1/x"), Error::Code::Media,
                      "Connection refused"));
  runTest(failsToOpen(makeUriSource("rtsp://127.0.0.1:1/x"), Error::Code::Media, "127.0.0.1"));
  runTest(failsToOpen(makeUriSource("file:///nonexistent/x"), Error::Code::Media, "nonexistent"));
  runTest(failsToOpen(makeUriSource("gopher://x/y"), Error::Code::Unsupported, "'gopher:'"));
  runTest(failsToOpen(makeUriSource("no uri"), Error::Code::InvalidArgument, "it is not a URI"));
}

TEST_CASE("a server with a certificate that is not trusted is refused with that reason") {
  struct Body {
    static Task<> run(Ref<GTlsCertificate> certificate) {
      const FakeServer server(std::move(certificate));
      std::string uri = "https" + server.url().substr(3) + "/x";
      co_await failsToOpen(makeUriSource(std::move(uri)), Error::Code::Media, "certificate");
    }
  };
  const Authority authority;
  runTest(Body::run(authority.certificate("IP:127.0.0.1")));
}

TEST_CASE("no error of a URI tells its password") {
  struct Body {
    static Task<> run(std::string uri) {
      const auto source = makeUriSource(std::move(uri));
      std::string text;
      try {
        co_await source->open(nullptr);
      } catch (const Error& error) {
        text = error.what();
      }
      co_await source->close();
      CHECK_THAT(text, Catch::Matchers::ContainsSubstring("me:***@"));
      CHECK_THAT(text, !Catch::Matchers::ContainsSubstring("secret"));
    }
  };
  const TemporaryDirectory directory;
  runTest(Body::run("http://me:secret@127.0.0.1:1/x"));
  runTest(Body::run("rtsp://me:secret@127.0.0.1:1/x"));
  runTest(Body::run("gopher://me:secret@127.0.0.1:1/x"));
  const std::string path = directory.file("talk.webm");
  std::ofstream(path) << "no media";
  const FileServer server(path);
  std::string missing = server.uri("/missing");
  runTest(Body::run(missing.insert(std::string("http://").size(), "me:secret@")));
}

TEST_CASE("a file may start later, at the key frame before, audio and video in sync") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("long.webm");
  makeTwoSeconds(path);
  const bool http = GENERATE(false, true);
  UriSourceOptions options;
  options.start = 1200ms;
  Played played;
  if (http) {
    runTest(playServed(path, options, played), 30s);
  } else {
    runTest(playToEnd(makeFileSource(path, startingAt(1200ms)), played), 30s);
  }
  const MediaFile file = readMediaFile(path);
  const auto& video = played.notes.at("video");
  const auto& audio = played.notes.at("audio");
  REQUIRE(video.size() == 30);  // from the key frame at 1 s on
  CHECK(video[0].keyFrame);
  CHECK(video[0].data == file.streams.at("video").frames[30].data);
  CHECK(audio.size() >= 49);
  CHECK(audio.size() <= 52);
  const double skew = static_cast<double>(audio[0].time) - static_cast<double>(video[0].time);
  CHECK(std::abs(skew) < 40e6);
  CHECK(played.start >= 900ms);
  CHECK(played.start <= 1300ms);
}

namespace {

Task<> loopsFromStart(std::string path) {
  const auto source = makeFileSource(path, startingAt(1500ms, true));
  Ref<GstCaps> caps = capsFrom(webCodecs);
  co_await source->open(std::move(caps));
  const auto video = logOf(trackOf(source->tracks(), MediaKind::video));
  co_await source->play();
  co_await eventually("several rounds", [&] { return video->count() >= 40; });
  const auto position = source->position();
  REQUIRE(position);
  CHECK(*position >= 1400ms);
  CHECK(*position <= 2100ms);
  co_await source->close();
  CHECK_FALSE(source->position());
  const auto notes = video->notes();
  for (std::size_t i = 1; i < notes.size(); ++i) CHECK(notes[i].time > notes[i - 1].time);
  CHECK(notes[15].data == notes[0].data);
  CHECK(notes[30].data == notes[0].data);
}

Task<> refusesStarts(std::string path) {
  const FileServer server(path, false);
  const std::vector<FileSourceOptions> wishes = {startingAt(60s), startingAt(1s)};
  const std::vector<std::string> reasons = {"behind its end", "seek"};
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    UriSourceOptions options(wishes[i].loop);
    options.start = wishes[i].start;
    const auto source = makeUriSource(i == 0 ? "file://" + path : server.uri(), options);
    std::string text;
    try {
      co_await source->open(nullptr);
    } catch (const Error& error) {
      text = error.what();
    }
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring(reasons[i]));
    co_await source->close();
  }
}

}  // namespace

TEST_CASE("a loop goes back to the start that was asked for") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("long.webm");
  makeTwoSeconds(path);
  runTest(loopsFromStart(path));
}

TEST_CASE("a start behind the end, or where nobody can seek, is refused at once") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("long.webm");
  makeTwoSeconds(path);
  runTest(refusesStarts(path));
}
