// Every kind of source through every codec into every kind of sink, all cells run.
#include "integration/matrix.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "integration/frame_watch.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace cosoup;
using namespace cosoup::test;
using namespace std::chrono_literals;

namespace {

constexpr int enoughFrames = 10;

/// A peer that receives, and what has come to it of each of the others.
class Receiver {
 public:
  Receiver(RoomServer& server, const std::string& name, std::unique_ptr<MatrixSink> kind)
      : member(server, "matrix", "to-" + name),
        column(name),
        sink(std::move(kind)),
        connection_(member.client.events().on<event::Consuming>(
            [this](const event::Consuming& consuming) { follow(*consuming.consumer); })) {}

  Task<> join() { return member.join(ProduceConfig::none(), sink->consume()); }

  bool hasEnoughOf(const Member& sender) const {
    return hasReceived(sender) && sink->hasEnoughOf(sender.id);
  }
  bool hasReceived(const Member& sender) const {
    if (sender.producers.size() < 2) return false;
    return std::all_of(sender.producers.begin(), sender.producers.end(), [&](const auto& producer) {
      const auto found = watches_.find(producer->id());
      return found != watches_.end() && found->second->frames() >= enoughFrames;
    });
  }
  void askForKeyFrames() const {
    for (const auto& consumer : member.consumers) consumer->track()->requestKeyFrame();
  }
  /// What is wrong with what has come of this peer; asked after the call.
  std::string faultOf(const Member& sender) const {
    if (!hasReceived(sender)) return "received only" + countsOf(sender);
    for (const std::string& failure : member.failures) {
      if (failure.find("'peer " + sender.id + "'") != std::string::npos) return failure;
    }
    try {
      return sink->faultOf(member, sender.id);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  Member member;
  const std::string column;
  const std::unique_ptr<MatrixSink> sink;

 private:
  std::string countsOf(const Member& sender) const {
    std::string counts;
    for (const auto& producer : sender.producers) {
      const auto found = watches_.find(producer->id());
      const int frames = found == watches_.end() ? 0 : found->second->frames();
      counts += " " + std::to_string(frames) + " frames of " + producer->mimeType();
    }
    return counts;
  }
  void follow(const Consumer& consumer) {
    auto& watch = watches_[consumer.producerId()];
    watch = std::make_shared<FrameWatch>();
    consumer.track()->addReceiver(watch);
  }

  std::map<std::string, std::shared_ptr<FrameWatch>> watches_;
  Connection connection_;
};

/// So many streams that two cores can encode and decode them in real time.
constexpr std::size_t sourcesPerCall = 4;

/// One room: some sources send, all sinks receive.
struct Call {
  Call(MatrixCodecs which, std::vector<MatrixSource> from)
      : codecs(std::move(which)),
        sources(std::move(from)),
        server({"--insecure-ws", "--max-incoming-bitrate", "0", "--codecs",
                codecs.video + "," + codecs.audio}) {}

  const MatrixCodecs codecs;
  const std::vector<MatrixSource> sources;
  RoomServer server;
  TemporaryFolder folder;
  Scope background;
  std::vector<std::unique_ptr<Member>> senders;
  std::vector<std::unique_ptr<Receiver>> receivers;
};

Task<> enter(Call& call) {
  for (const MatrixSource& source : call.sources) {
    call.senders.push_back(std::make_unique<Member>(call.server, "matrix", source.name));
    ProduceConfig produce = source.make(call.codecs, call.folder.path(), call.background);
    co_await call.senders.back()->join(std::move(produce), ConsumeConfig::none());
  }
  for (const MatrixColumn& column : matrixSinks()) {
    const std::string folder = call.folder.path() + "/" + column.name;
    std::filesystem::create_directory(folder);
    auto sink = column.make(call.codecs, folder, call.senders.size());
    call.background.spawn(sink->run());
    call.receivers.push_back(std::make_unique<Receiver>(call.server, column.name, std::move(sink)));
    co_await call.receivers.back()->join();
  }
}

Task<bool> allHaveEnough(const Call& call) {
  bool enough = true;
  for (const auto& receiver : call.receivers) {
    const bool served =
        std::all_of(call.senders.begin(), call.senders.end(),
                    [&](const auto& sender) { return receiver->hasEnoughOf(*sender); });
    if (!served) receiver->askForKeyFrames();
    enough = enough && served;
  }
  co_return enough;
}

// First those who receive, so that nobody's recording ends before they leave.
Task<> leave(Call& call) {
  Scope receivers;
  for (const auto& receiver : call.receivers) receivers.spawn(receiver->member.leave());
  co_await receivers.join();
  Scope senders;
  for (const auto& sender : call.senders) senders.spawn(sender->leave());
  co_await senders.join();
  co_await call.background.close();
}

/// The faults: by source, then by column.
using Faults = std::map<std::string, std::map<std::string, std::string>>;

Task<> run(MatrixCodecs codecs, std::vector<MatrixSource> sources, Faults& faults) {
  Call call(std::move(codecs), std::move(sources));
  co_await enter(call);
  std::string failure;
  try {
    co_await eventually("everything is received", [&] { return allHaveEnough(call); });
    // The recordings must have something to hold, too.
    Scope lasting;
    for (const auto& receiver : call.receivers) {
      lasting.spawn(receiver->member.receives(2 * call.senders.size(), 500ms));
    }
    co_await lasting.join();
  } catch (const Error& error) {
    failure = error.what();  // the table will show where
  }
  co_await leave(call);
  INFO(call.codecs.name());
  CHECK(failure == "");
  for (const auto& sender : call.senders) CHECK(sender->failures == std::vector<std::string>());
  for (const auto& receiver : call.receivers) {
    CHECK(receiver->member.failures == std::vector<std::string>());
    for (const auto& sender : call.senders) {
      faults[sender->id][receiver->column] = receiver->faultOf(*sender);
    }
  }
}

void print(const MatrixCodecs& codecs, Faults& faults) {
  std::printf("%-18s", codecs.name().c_str());
  for (const MatrixColumn& column : matrixSinks()) std::printf(" %-8s", column.name.c_str());
  std::printf("\n");
  for (const MatrixSource& source : matrixSources()) {
    std::printf("%18s", source.name.c_str());
    for (const MatrixColumn& column : matrixSinks()) {
      std::printf(" %-8s", faults[source.name][column.name].empty() ? "ok" : "FAILED");
    }
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace

TEST_CASE("every kind of source goes through every codec into every kind of sink") {
  for (const MatrixCodecs& codecs : matrixCodecs()) {
    Faults faults;
    const std::vector<MatrixSource> sources = matrixSources();
    for (std::size_t at = 0; at < sources.size(); at += sourcesPerCall) {
      const auto first = sources.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(sourcesPerCall, sources.size() - at);
      const auto last = first + static_cast<std::ptrdiff_t>(count);
      runTest(run(codecs, {first, last}, faults), 120s);
    }
    print(codecs, faults);
    for (const auto& [source, cells] : faults) {
      for (const auto& [column, fault] : cells) {
        INFO(source << " through " << codecs.name() << " into " << column);
        CHECK(fault == "");
      }
    }
  }
}
