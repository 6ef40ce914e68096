// The URL that a user or a room's invitation gives.
#include "cosoup/signaling/protoo_url.hpp"

#include "fuzz/target.hpp"

namespace cosoup {

std::vector<std::string> fuzz::examples() {
  return {"wss://127.0.0.1:4443/?a=b", "ws://[::1]:80/path;p?x=%20&roomId=r#fragment",
          "wss://user@example.org"};
}

void fuzz::read(std::string_view input) {
  const std::string url(input);
  // The names of room and peer may be anything.
  require(succeeds([&] { protoo::connectionUrl("wss://127.0.0.1", url, url); }));
  protoo::connectionUrl(url, "room", "peer");
}

}  // namespace cosoup
