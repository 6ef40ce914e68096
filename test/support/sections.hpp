// sectionsOf: what no app sees of a transport.
#pragma once

#include <cstddef>

#include "cosoup/client/recv_transport.hpp"
#include "cosoup/client/transport_internals.hpp"

namespace cosoup::test {

/// How many m-sections its session has; never more than one beyond the largest number of consumers
/// held at once.
inline std::size_t sectionsOf(const RecvTransport& transport) {
  return Transport::Internals::coreOf(transport).remote().size();
}

}  // namespace cosoup::test
