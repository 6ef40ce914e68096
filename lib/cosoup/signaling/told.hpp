// Told: what we have told the server of our producers and consumers, and which of them are closed.
// Internal.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "cosoup/core/json.hpp"

namespace cosoup {

/// Ids of what has been closed lately. The server forgets a closed thing soon itself, and takes no
/// harm from an id that it does not know.
class ClosedIds {
 public:
  void add(const std::string& id);
  bool contains(const std::string& id) const { return ids_.contains(id); }

 private:
  static constexpr std::size_t kMost = 1000;
  std::set<std::string> ids_;
  std::deque<std::string> inOrder_;
};

/// Decides which changes go out as notifications. Pure but for its memory.
class Told {
 public:
  /// Throws Error(InvalidState) for what is closed, Error(InvalidArgument) for a value that no
  /// server takes. False: the server has been told the same already.
  bool admits(const std::string& method, const Json& data);

  /// Of too many, some are forgotten.
  void consumerOffered(const std::string& consumerId, const std::string& peerId);
  void consumerClosed(const std::string& consumerId);
  /// The server closes its consumers now, one after the other.
  void peerClosed(const std::string& peerId);

 private:
  void close(const std::string& id);

  std::map<std::string, std::string> peers_;                            // by consumer
  std::map<std::string, std::map<std::string, std::string>> settings_;  // by id and setting
  ClosedIds closed_;
};

}  // namespace cosoup
