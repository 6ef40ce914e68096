#include "cosoup/room/session_core.hpp"

#include <utility>

#include "cosoup/core/as_error.hpp"

namespace cosoup {

SessionCore::SessionCore(SessionContext what)
    : context(std::move(what)), number(++context.wishes->sessions), device(context.device) {}

void SessionCore::tellFailure(std::exception_ptr failure) const {
  const Error error = asError(failure);
  if (!leaving && error.code() != Error::Code::Disconnected) tell(event::Failed{error});
}

}  // namespace cosoup
