#include "cosoup/signaling/protoo_message.hpp"

#include <limits>

#include "cosoup/signaling/lenient.hpp"

namespace cosoup::protoo {
namespace {

// The largest integer that a JavaScript number holds exactly.
constexpr std::int64_t kMaxId = (std::int64_t{1} << 53) - 1;

std::int64_t idOf(const Json& json) {
  const auto id = json.get<std::int64_t>("id");
  if (id < 0 || id > kMaxId) throw Error(Error::Code::InvalidArgument, "'id' is out of range");
  return id;
}

std::string methodOf(const Json& json) {
  std::string method = json.get<std::string>("method");
  if (method.empty()) throw Error(Error::Code::InvalidArgument, "'method' is empty");
  return method;
}

Json dataOf(const Json& json) { return json.getOr<Json>("data", Json::object()); }

// An error that is oddly described is still the answer to a request, which must not wait in vain.
Failure failureOf(const Json& json) {
  Failure failure;
  failure.id = idOf(json);
  failure.errorCode = 500;
  using Limits = std::numeric_limits<int>;
  const auto code =
      lenient::integer(lenient::member(json, "errorCode"), Limits::min(), Limits::max());
  if (code) failure.errorCode = static_cast<int>(*code);
  const Json reason = lenient::member(json, "errorReason");
  failure.errorReason = "no reason given";
  if (reason.isString()) {
    failure.errorReason = printable(reason.as<std::string>(), limits::reasonBytes);
  }
  return failure;
}

}  // namespace

Message parse(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.isObject()) throw Error(Error::Code::InvalidArgument, "not a JSON object");
  if (lenient::flag(json, "request")) return Request{idOf(json), methodOf(json), dataOf(json)};
  if (lenient::flag(json, "response")) {
    if (lenient::flag(json, "ok")) return Success{idOf(json), dataOf(json)};
    return failureOf(json);
  }
  if (lenient::flag(json, "notification")) return Notice{methodOf(json), dataOf(json)};
  throw Error(Error::Code::InvalidArgument, "neither request, response nor notification");
}

std::string writeRequest(std::int64_t id, const std::string& method, const Json& data) {
  return Json::object({{"request", true}, {"id", id}, {"method", method}, {"data", data}}).text();
}

std::string writeNotification(const std::string& method, const Json& data) {
  return Json::object({{"notification", true}, {"method", method}, {"data", data}}).text();
}

std::string writeSuccess(std::int64_t id, const Json& data) {
  return Json::object({{"response", true}, {"id", id}, {"ok", true}, {"data", data}}).text();
}

std::string writeFailure(std::int64_t id, int errorCode, const std::string& reason) {
  return Json::object({{"response", true},
                       {"id", id},
                       {"errorCode", errorCode},
                       {"errorReason", printable(reason, limits::reasonBytes)}})
      .text();
}

}  // namespace cosoup::protoo
