// The framing of protoo: JSON texts that are requests, responses or notifications. Pure functions.
// Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "cosoup/core/json.hpp"

namespace cosoup::protoo {

struct Request {
  std::int64_t id = 0;
  std::string method;
  Json data = Json::object();
};
struct Success {
  std::int64_t id = 0;
  Json data = Json::object();
};
struct Failure {
  std::int64_t id = 0;
  int errorCode = 0;
  std::string errorReason;
};
struct Notice {
  std::string method;
  Json data = Json::object();
};

using Message = std::variant<Request, Success, Failure, Notice>;

/// Throws Error(InvalidArgument) for anything that is not a protoo message. `data` that is missing
/// or null is {}; a response without a true `ok` is a Failure, whatever else it lacks.
Message parse(std::string_view text);

std::string writeRequest(std::int64_t id, const std::string& method, const Json& data);
std::string writeNotification(const std::string& method, const Json& data);
std::string writeSuccess(std::int64_t id, const Json& data);
/// `reason` may hold anything: it is made printable, and cut.
std::string writeFailure(std::int64_t id, int errorCode, const std::string& reason);

}  // namespace cosoup::protoo
