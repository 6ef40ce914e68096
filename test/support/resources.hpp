// Resources: the threads and files that the program has.
#pragma once

#include <map>
#include <string>

#include "cosoup/async/task.hpp"

namespace cosoup::test {

struct Resources {
  std::map<std::string, std::string> files;  ///< what each descriptor leads to
  int threads = 0;

  /// Threads that wait in GLib's pool for the next who needs them are not counted: they are ended.
  static Resources now();
  /// When they have not changed for a second: GLib keeps idle threads for half of one.
  static Task<Resources> settled();

  /// Until the program has no more than these again; throws Error(Timeout) with what is left.
  Task<> areGivenBack() const;

 private:
  Task<bool> areEnough() const;
};

}  // namespace cosoup::test
