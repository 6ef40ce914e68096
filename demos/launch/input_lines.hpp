// Lines from stdin, as they come.
#pragma once

#include <glib.h>

#include <string>

#include "cosoup/cosoup.hpp"

/// Reads stdin while it lives, without ever blocking. Main-context-bound.
class InputLines {
 public:
  InputLines();
  InputLines(const InputLines&) = delete;
  InputLines& operator=(const InputLines&) = delete;
  ~InputLines();

  /// Without their ends; it ends with stdin.
  cosoup::Channel<std::string> lines;

 private:
  gboolean read();

  GIOChannel* const input_;
  const GIOFlags flags_;
  GSource* const source_;
};
