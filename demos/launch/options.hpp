// The command line of cosoup-launch.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "cosoup/cosoup.hpp"

/// Wrong usage: the text says what is wrong, and what would be right.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LaunchOptions {
  std::string url;
  std::string room;
  std::string peer;
  std::string name;
  cosoup::ProduceConfig produce;
  cosoup::ConsumeConfig consume = cosoup::ConsumeConfig::discard();
  bool consumes = true;
  bool insecure = false;
  std::optional<std::string> caFile;
  std::optional<double> seconds;
  bool json = false;
  bool verbose = false;
};

/// Throws UsageError; prints the help and exits for --help.
LaunchOptions parseOptions(int argc, char** argv);
