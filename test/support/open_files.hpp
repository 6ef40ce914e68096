// What this program holds of the system.
#pragma once

#include <glib.h>

namespace cosoup::test {

inline int countEntries(const char* folder) {
  int count = 0;
  GDir* directory = g_dir_open(folder, 0, nullptr);
  while (g_dir_read_name(directory)) ++count;
  g_dir_close(directory);
  return count;
}

/// Sockets included.
inline int openFiles() { return countEntries("/proc/self/fd"); }

inline int runningThreads() { return countEntries("/proc/self/task"); }

}  // namespace cosoup::test
