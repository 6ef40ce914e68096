#include "cosoup/media/sink/sink.hpp"

namespace cosoup {
namespace {

class DiscardSink : public Sink {
 public:
  void addTrack(TrackOrigin, std::shared_ptr<Track>) override {}
  void removeTrack(std::string) override {}
  Task<> close() override { co_return; }
};

}  // namespace

std::shared_ptr<Sink> makeDiscardSink() { return std::make_shared<DiscardSink>(); }

}  // namespace cosoup
