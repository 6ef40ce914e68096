// Whether anything goes out of a producer. Internal.
#pragma once

#include <memory>

#include "cosoup/async/task.hpp"
#include "cosoup/client/producer.hpp"
#include "cosoup/client/transport.hpp"

namespace cosoup {

/// Whether nothing has gone out for some seconds in which something could have; otherwise it
/// returns as soon as something does, or the producer is paused or closed.
Task<bool> staysSilent(std::shared_ptr<Producer> producer, std::shared_ptr<Transport> transport);

/// Until it is resumed once more, or closed.
Task<> untilResumed(std::shared_ptr<Producer> producer);

}  // namespace cosoup
