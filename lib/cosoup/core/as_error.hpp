// What functions of the app throw, as an Error. Internal.
#pragma once

#include <exception>

#include "cosoup/core/error.hpp"

namespace cosoup {

/// What was thrown: an Error as it is, any other exception as InvalidState with its text. Not for
/// Cancelled.
inline Error asError(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(Error::Code::InvalidState, error.what());
  } catch (...) {
    return Error(Error::Code::InvalidState, "something unknown was thrown");
  }
}

}  // namespace cosoup
