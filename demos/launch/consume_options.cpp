#include "consume_options.hpp"

#include <cstdlib>

#include "options.hpp"

using cosoup::ConsumeConfig;
using cosoup::FrameSinkOptions;
using cosoup::RecordOptions;

namespace {

constexpr const char* kExpected =
    ": expected discard, none, record:DIR[,room][,mp4][,split=SECONDS][,split-mb=MEGABYTES], play, "
    "frames, "
    "frames:encoded or launch:DESCRIPTION";

std::optional<std::uint64_t> wholeNumber(const std::string& text) {
  if (text.empty() || text.size() > 7) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const auto number = std::strtoull(text.c_str(), nullptr, 10);
  if (number == 0) return std::nullopt;
  return number;
}

/// False: there is no such option.
bool addRecordOption(RecordOptions& options, const std::string& word) {
  if (word == "mp4") {
    options.container = RecordOptions::Container::mp4;
    return true;
  }
  if (word == "room") {
    options.wholeRoom = true;
    return true;
  }
  if (const auto text = after(word, "split=")) {
    const auto seconds = wholeNumber(*text);
    if (seconds) options.splitAfter = std::chrono::seconds(*seconds);
    return seconds.has_value();
  }
  if (const auto text = after(word, "split-mb=")) {
    const auto megabytes = wholeNumber(*text);
    if (megabytes) options.splitBytes = *megabytes * 1000000;
    return megabytes.has_value();
  }
  return false;
}

std::optional<ConsumeConfig> parseRecord(const std::string& words) {
  std::size_t at = words.find(',');
  RecordOptions options(words.substr(0, at));
  if (options.directory.empty()) return std::nullopt;
  while (at != std::string::npos) {
    const std::size_t next = words.find(',', at + 1);
    if (!addRecordOption(options, words.substr(at + 1, next - at - 1))) return std::nullopt;
    at = next;
  }
  return ConsumeConfig::record(std::move(options));
}

}  // namespace

ConsumeOptions parseConsume(const std::string& spec) {
  if (spec == "discard") return ConsumeOptions(ConsumeConfig::discard());
  if (spec == "none") return ConsumeOptions(ConsumeConfig::none());
  if (spec == "play") return ConsumeOptions(ConsumeConfig::play());
  if (spec == "frames") return ConsumeOptions(FrameSinkOptions(FrameSinkOptions::Form::raw));
  if (spec == "frames:encoded") {
    return ConsumeOptions(FrameSinkOptions(FrameSinkOptions::Form::encoded));
  }
  if (const auto description = after(spec, "launch:"); description && !description->empty()) {
    return ConsumeOptions(ConsumeConfig::launch(*description));
  }
  if (const auto words = after(spec, "record:")) {
    if (auto record = parseRecord(*words)) return ConsumeOptions(std::move(*record));
  }
  throw UsageError("--consume " + spec + kExpected);
}
