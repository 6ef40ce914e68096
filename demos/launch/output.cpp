#include "output.hpp"

#include <glib.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#ifdef _WIN32
#include <io.h>
#define isatty _isatty
#define fileno _fileno
#else
#include <fcntl.h>
#include <unistd.h>

#include "cosoup/async/emit_signal.hpp"
#endif

void claimStandardDescriptors() {
#ifndef _WIN32
  // Never for writing: a report that nobody could get must not seem to be written.
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    const int opened = open("/dev/null", O_RDONLY);
    if (opened != descriptor) std::abort();  // the lowest that is free, and all below are taken
  }
  // A reader that has gone is an error like any other, after which recordings are to be finished.
  std::signal(SIGPIPE, SIG_IGN);
#endif
}

void Output::write(const std::string& text) {
  if (!failure_.empty()) return;
  const bool isWritten = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (isWritten && std::fflush(stdout) == 0) return;
  failure_ = std::string("stdout: ") + g_strerror(errno);
  emitSignal(failed);
}

bool Output::isTerminal() const { return isatty(fileno(stdout)); }
