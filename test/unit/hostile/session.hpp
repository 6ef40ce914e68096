// What a server of each dialect says in a session: what was recorded at real ones, with ids and
// lists shortened.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cosoup/core/json.hpp"
#include "cosoup/signaling/conversation.hpp"

namespace cosoup::test {

struct RecordedSession {
  explicit RecordedSession(ProtooDialect dialect);

  std::map<std::string, Json> answers;  ///< data, by the method of the request
  std::vector<Json> messages;           ///< requests and notifications after the join
};

inline Json requestOf(int id, const std::string& method, const Json& data) {
  return Json::object({{"request", true}, {"id", id}, {"method", method}, {"data", data}});
}
inline Json notificationOf(const std::string& method, const Json& data) {
  return Json::object({{"notification", true}, {"method", method}, {"data", data}});
}
inline Json successOf(const Json& id, const Json& data) {
  return Json::object({{"response", true}, {"id", id}, {"ok", true}, {"data", data}});
}
inline Json failureOf(int id) {
  return Json::object(
      {{"response", true}, {"id", id}, {"errorCode", 500}, {"errorReason", "no such thing"}});
}

}  // namespace cosoup::test
