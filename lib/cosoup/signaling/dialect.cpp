#include "cosoup/signaling/dialect.hpp"

#include <array>

#include "cosoup/core/error.hpp"

namespace cosoup::protoo {

std::span<const Dialect* const> dialects() {
  static constexpr std::array<const Dialect*, 2> all = {&demo2025, &demo2024};
  return all;
}

const Dialect& dialectOf(const Json& routerAnswer) {
  for (const Dialect* dialect : dialects()) {
    if (dialect->isSpokenBy(routerAnswer)) return *dialect;
  }
  throw Error(Error::Code::InvalidArgument, "no dialect of the demo's protocol that we know");
}

Json createWebRtcTransportInAll(const WebRtcTransportOptions& options) {
  Json data = Json::object();
  for (const Dialect* dialect : dialects()) {
    const Json own = dialect->createWebRtcTransport(options);
    for (const std::string& key : own.keys()) data.set(key, own.get<Json>(key));
  }
  return data;
}

}  // namespace cosoup::protoo
