#include "cosoup/room/outgoing_sources.hpp"

#include <glib.h>

#include <utility>

#include "cosoup/core/as_error.hpp"

namespace cosoup {

OutgoingSources::OutgoingSources(const ProduceConfig& config, const SessionContext& context,
                                 Scope& scope, CurrentSession session)
    : config_(config), context_(context), scope_(scope), session_(std::move(session)) {}

// ---- beginning ---------------------------------------------------------------------------------

Task<> OutgoingSources::play() {
  const auto turn = co_await turns_.lock();
  if (playing_ || config_.sources().empty()) co_return;
  if (ending_) throw Error(Error::Code::InvalidState, "play: not in a room");
  playing_ = true;
  std::exception_ptr failure;
  try {
    for (const auto& item : config_.sources()) add(item);
    co_await produceAll();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  try {
    co_await shielded(stopAll());
  } catch (const Error& error) {  // what came first is told
    g_warning("play: %s", error.what());
  }
  std::rethrow_exception(failure);
}

void OutgoingSources::add(const ProduceConfig::Item& item) {
  auto made = std::make_shared<OutgoingSource>();
  if (item.make) made->source = item.make();
  if (!made->source) {
    throw Error(Error::Code::InvalidArgument, "play: ProduceConfig::from gives no source");
  }
  made->appData = item.appData;
  made->encoding = config_.encoding;
  made->playoutDelay = config_.playoutDelay;
  sources_.push_back(made);
  // Weak: the source, which holds these callbacks, belongs to what they are about.
  const auto end = [this, weak = std::weak_ptr(made)] {
    if (const auto alive = weak.lock()) scope_.spawn(this->end(alive));
  };
  made->connections.push_back(made->source->ended.connect(end));
  made->connections.push_back(made->source->failed.connect([this, end](const Error& error) {
    context_.tell(event::Failed{error});
    end();
  }));
}

Task<> OutgoingSources::produceAll() {
  Scope producing;
  for (const auto& source : sources_) producing.spawn(session_()->produce(source));
  co_await producing.join();
}

Task<> OutgoingSources::resume() {
  const auto turn = co_await turns_.lock();
  co_await produceAll();
  co_await session_()->restoreDataProducers();
  context_.tell(event::Reconnected());
}

// ---- ending ------------------------------------------------------------------------------------

Task<> OutgoingSources::stop() {
  const auto turn = co_await turns_.lock();
  co_await stopAll();
}

Task<> OutgoingSources::stopAll() {
  Scope stopping;
  for (const auto& source : std::exchange(sources_, {})) stopping.spawn(stopOne(source));
  playing_ = false;  // whatever the server says of it
  co_await stopping.join();
}

Task<> OutgoingSources::stopOne(std::shared_ptr<OutgoingSource> source) {
  source->connections.clear();
  Scope stopping;
  stopping.spawn(session_()->stopProducing(source));
  stopping.spawn(source->source->close());
  co_await stopping.join();
}

// One that ended or failed; nobody stopped it.
Task<> OutgoingSources::end(std::shared_ptr<OutgoingSource> source) {
  const auto turn = co_await turns_.lock();
  if (std::erase(sources_, source) == 0) co_return;
  std::exception_ptr failure;
  try {
    co_await stopOne(source);
  } catch (const Cancelled&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  // Out of here it would stop what keeps the stay connected.
  if (failure) context_.tell(event::Failed{asError(failure)});
  context_.tell(event::SourceEnded{});
}

Task<> OutgoingSources::closeSources() {
  Scope closing;
  for (const auto& source : sources_) closing.spawn(source->source->close());
  co_await closing.join();
}

std::shared_ptr<ProducerWish> OutgoingSources::wishOf(
    const std::shared_ptr<Producer>& producer) const {
  if (!producer) return nullptr;
  for (const auto& source : sources_) {
    for (const auto& [track, wish] : source->wishes) {
      if (wish->lineage.contains(producer)) return wish;
    }
  }
  return nullptr;
}

}  // namespace cosoup
