// Whether what an app or a server gave us makes sense. Internal.
#pragma once

#include <string>

#include "cosoup/core/json.hpp"
#include "cosoup/rtc/parameters.hpp"

namespace cosoup {

/// Throws Error(InvalidArgument) that names the operation and the field when a value could not have
/// come from a server: the rules are those of fromJson(), so that they stand in one place.
template <class T>
void checkFields(const std::string& operation, const T& value) {
  try {
    fromJson<T>(toJson(value));
  } catch (const Error& error) {
    throw error.within(operation);
  }
}

/// Throws Error(InvalidArgument) that names the operation when it is not an object.
inline void checkAppData(const std::string& operation, const Json& appData) {
  if (appData.isObject()) return;
  throw Error(Error::Code::InvalidArgument, operation + ": 'appData' is not an object");
}

}  // namespace cosoup
