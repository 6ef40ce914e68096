// How many files, sockets included, this program has open.
#pragma once

#include <glib.h>

namespace cosoup::test {

inline int openFiles() {
  int count = 0;
  GDir* directory = g_dir_open("/proc/self/fd", 0, nullptr);
  while (g_dir_read_name(directory)) ++count;
  g_dir_close(directory);
  return count;
}

}  // namespace cosoup::test
