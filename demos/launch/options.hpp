// The command line of cosoup-launch.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consume_options.hpp"
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
  ConsumeOptions consume{cosoup::ConsumeConfig::discard()};
  bool consumes = true;
  bool insecure = false;
  std::optional<std::string> caFile;
  std::optional<std::string> origin;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<double> seconds;
  bool chat = false;
  bool reconnect = false;
  bool json = false;
  bool verbose = false;
};

/// If `text` starts with `prefix`, what follows it.
std::optional<std::string> after(std::string_view text, std::string_view prefix);

/// Throws UsageError; prints the help and exits for --help.
LaunchOptions parseOptions(int argc, char** argv);
