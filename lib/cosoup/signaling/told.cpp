#include "cosoup/signaling/told.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "cosoup/core/error.hpp"
#include "cosoup/core/limits.hpp"

namespace cosoup {
namespace {

/// A notification about a producer or a consumer.
struct Change {
  std::string_view method;
  const char* idKey;
  /// Of those of one name only the last counts; empty: each counts.
  const char* setting;
};

constexpr std::array<Change, 8> kChanges = {{
    {"closeProducer", "producerId", ""},
    {"pauseProducer", "producerId", "paused"},
    {"resumeProducer", "producerId", "paused"},
    {"pauseConsumer", "consumerId", "paused"},
    {"resumeConsumer", "consumerId", "paused"},
    {"setConsumerPreferredLayers", "consumerId", "layers"},
    {"setConsumerPriority", "consumerId", "priority"},
    {"requestConsumerKeyFrame", "consumerId", ""},
}};

const Change* changeOf(const std::string& method) {
  for (const Change& change : kChanges) {
    if (change.method == method) return &change;
  }
  return nullptr;
}

void require(bool fits, const std::string& method, const std::string& what) {
  if (!fits) throw Error(Error::Code::InvalidArgument, method + ": " + what);
}

void checkValues(const std::string& method, const Json& data) {
  if (method == "setConsumerPriority") {
    const auto priority = data.get<std::int64_t>("priority");
    require(priority >= 1 && priority <= 255, method, "the priority is not from 1 to 255");
  }
  if (method == "setConsumerPreferredLayers") {
    require(data.get<std::int64_t>("spatialLayer") >= 0, method, "the spatial layer is negative");
    require(data.getOr<std::int64_t>("temporalLayer", 0) >= 0, method,
            "the temporal layer is negative");
  }
}

}  // namespace

void ClosedIds::add(const std::string& id) {
  if (!ids_.insert(id).second) return;
  inOrder_.push_back(id);
  if (inOrder_.size() <= kMost) return;
  ids_.erase(inOrder_.front());
  inOrder_.pop_front();
}

bool Told::admits(const std::string& method, const Json& data) {
  const Change* change = changeOf(method);
  if (!change) return true;
  const auto id = data.get<std::string>(change->idKey);
  if (closed_.contains(id)) {
    // Closing what is closed already is nobody's mistake.
    if (method == "closeProducer") return false;
    throw Error(Error::Code::InvalidState, method + ": " + id + " is closed");
  }
  checkValues(method, data);
  if (method == "closeProducer") close(id);
  if (*change->setting == '\0') return true;
  const std::string value = method + data.text();
  return std::exchange(settings_[id][change->setting], value) != value;
}

void Told::consumerOffered(const std::string& consumerId, const std::string& peerId) {
  peers_[consumerId] = peerId;
  if (peers_.size() > limits::rememberedConsumers) peers_.erase(peers_.begin());
}

void Told::consumerClosed(const std::string& consumerId) {
  peers_.erase(consumerId);
  close(consumerId);
}

void Told::peerClosed(const std::string& peerId) {
  for (auto at = peers_.begin(); at != peers_.end();) {
    if (at->second != peerId) {
      ++at;
      continue;
    }
    close(at->first);
    at = peers_.erase(at);
  }
}

void Told::close(const std::string& id) {
  settings_.erase(id);
  closed_.add(id);
}

}  // namespace cosoup
