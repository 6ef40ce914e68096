#include "cosoup/signaling/protoo_message.hpp"

#include <glib.h>

#include <limits>

#include "cosoup/core/error.hpp"

namespace cosoup::protoo {
namespace {

// The largest integer that a JavaScript number holds exactly.
constexpr std::int64_t kMaxId = (std::int64_t{1} << 53) - 1;

bool isTrue(const Json& json, const char* key) {
  if (!json.has(key)) return false;
  const Json member = json.get<Json>(key);
  return member.isBool() && member.as<bool>();
}

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
  const Json code = json.getOr<Json>("errorCode", Json());
  if (code.isInteger()) {
    const auto value = code.as<std::int64_t>();
    using Limits = std::numeric_limits<int>;
    if (value >= Limits::min() && value <= Limits::max()) {
      failure.errorCode = static_cast<int>(value);
    }
  }
  const Json reason = json.getOr<Json>("errorReason", Json());
  failure.errorReason = reason.isString() ? reason.as<std::string>() : "no reason given";
  return failure;
}

std::string validUtf8(const std::string& text) {
  char* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  std::string result(valid);
  g_free(valid);
  return result;
}

}  // namespace

Message parse(std::string_view text) {
  const Json json = Json::parse(text);
  if (!json.isObject()) throw Error(Error::Code::InvalidArgument, "not a JSON object");
  if (isTrue(json, "request")) return Request{idOf(json), methodOf(json), dataOf(json)};
  if (isTrue(json, "response")) {
    if (isTrue(json, "ok")) return Success{idOf(json), dataOf(json)};
    return failureOf(json);
  }
  if (isTrue(json, "notification")) return Notice{methodOf(json), dataOf(json)};
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
                       {"errorReason", validUtf8(reason)}})
      .text();
}

}  // namespace cosoup::protoo
