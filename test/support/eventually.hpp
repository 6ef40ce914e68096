// eventually: waits, in a test, for what nothing tells of.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cosoup/async/task.hpp"

namespace cosoup::test {

/// Lets the loop turn until the condition holds. The limit is multiplied by COSOUP_TEST_PATIENCE in
/// the environment. Throws Error(Timeout) with `what`; a test that ends before that says what it
/// was waiting for.
Task<> eventually(std::string what, std::function<bool()> condition,
                  std::chrono::milliseconds limit = std::chrono::seconds(60));

/// For what has to be asked of somebody.
Task<> eventually(std::string what, std::function<Task<bool>()> question,
                  std::chrono::milliseconds limit = std::chrono::seconds(60));

/// What the last eventually() that has not come to its end waits for; or nothing.
std::string& waitedFor();

}  // namespace cosoup::test
