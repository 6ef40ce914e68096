// The descriptors that a program begins with, and stdout, where the report goes.
#pragma once

#include <string>

#include "cosoup/cosoup.hpp"

/// To be called before anything is opened: of stdin, stdout and stderr, what is closed becomes
/// something that gives nothing and takes nothing. Else a file or a socket of the library's own
/// would get its number, and would be read or written as if it were it.
void claimStandardDescriptors();

/// stdout, and whether it still takes what is written. Main-context-bound.
class Output {
 public:
  /// Flushes at once, for whoever reads it through a pipe.
  void write(const std::string& text);

  /// Once, when something could not be written.
  cosoup::Signal<> failed;
  /// Why it could not; empty: it could.
  const std::string& failure() const { return failure_; }
  bool isTerminal() const;

 private:
  std::string failure_;
};
