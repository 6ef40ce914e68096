#include "cosoup/core/json_structure.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "cosoup/core/error.hpp"
#include "cosoup/core/limits.hpp"

namespace cosoup {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

[[noreturn]] void refuse(const char* reason) { throw Error(Error::Code::InvalidArgument, reason); }

/// The index of the quote that ends the string which begins at `begin`.
std::size_t endOfString(std::string_view text, std::size_t begin) {
  // json-glib takes C's octal escapes, too, and makes bytes of them that are no UTF-8.
  constexpr std::string_view kEscapable = R"("\/bfnrtu)";
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') return i;
    if (text[i] != '\\' || ++i == text.size()) continue;
    if (kEscapable.find(text[i]) == std::string_view::npos) refuse("not JSON: malformed escape");
  }
  refuse("not JSON: a string has no end");
}

/// Walks through a text once. json-glib recurses once a level, so that a hostile text of brackets
/// could exhaust the stack, and makes some hundred bytes of each value. It takes more than JSON:
/// comments and single quotes, in which brackets would hide from this check. And it loses the
/// memory of a second value and of a string without an end.
class Structure {
 public:
  explicit Structure(std::string_view text) : text_(text) { walk(); }

  std::string withoutExcess() const {
    std::string result;
    std::size_t at = 0;
    for (const auto& [begin, end] : excess_) {
      result += text_.substr(at, begin - at);
      result += "null";
      at = end;
    }
    result += text_.substr(at);
    return result;
  }

 private:
  struct Container {
    std::size_t begin;
    std::size_t values;  ///< in it, at any level
  };

  void walk() {
    constexpr std::string_view kOutsideStrings = "{}[],:+-.0123456789eEtrufalsn \t\r\n";
    const std::size_t begin = text_.find_first_not_of(kBlanks);
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '"') {
        i = endOfString(text_, i);
      } else if (kOutsideStrings.find(c) == std::string_view::npos) {
        refuse("not JSON: unexpected character");
      } else if (c == '[' || c == '{') {
        if (closings_.empty() && i != begin) refuse("not JSON: more than one value");
        open(i, c == '[' ? ']' : '}');
      } else if (c == ']' || c == '}') {
        close(i, c);
      } else if (c == ',') {
        count(1);
      }
    }
    if (!closings_.empty()) refuse("not JSON: a bracket is not closed");
  }

  void open(std::size_t at, char closing) {
    count(1);
    closings_ += closing;
    if (closings_.size() <= kLevels + 1) open_.push_back({at, 0});
  }

  void close(std::size_t at, char closing) {
    if (closings_.empty() || closings_.back() != closing) refuse("not JSON: unexpected bracket");
    const std::size_t level = closings_.size();
    closings_.pop_back();
    if (level > kLevels + 1) return;
    const Container closed = open_.back();
    open_.pop_back();
    const bool isTooLarge =
        level >= limits::jsonLevelOfOne && closed.values > limits::jsonValuesOfOne;
    if (level > kLevels || isTooLarge) {
      while (!excess_.empty() && excess_.back().first > closed.begin) excess_.pop_back();
      excess_.emplace_back(closed.begin, at + 1);
    } else {
      count(closed.values);
    }
  }

  void count(std::size_t values) {
    // What is too deep is left out, whatever it holds.
    if (open_.empty() || closings_.size() > kLevels) return;
    open_.back().values += values;
    if (open_.back().values > limits::jsonValues) refuse("JSON has too many values");
  }

  static constexpr std::size_t kLevels = limits::jsonLevels;

  const std::string_view text_;
  std::string closings_;         ///< the brackets that are to come, the next one last
  std::vector<Container> open_;  ///< not all of those that are too deep
  std::vector<std::pair<std::size_t, std::size_t>> excess_;  ///< from, to (exclusive)
};

/// What the escape `\uXXXX` at that place says; 0 when there is none.
unsigned escapedUnit(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\\u") return 0;
  const std::string_view digits = text.substr(at + 2, 4);
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
  if (end != digits.data() + 4) refuse("not JSON: malformed escape");
  return unit;
}

bool isHighSurrogate(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool isLowSurrogate(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Half a surrogate pair, which JavaScript may write, json-glib makes bytes of that are no UTF-8, or
// it loses memory.
void replaceLoneSurrogates(std::string& text) {
  for (std::size_t i = text.find('\\'); i != std::string::npos; i = text.find('\\', i)) {
    const unsigned unit = escapedUnit(text, i);
    if (isHighSurrogate(unit) && isLowSurrogate(escapedUnit(text, i + 6))) {
      i += 12;
    } else if (isHighSurrogate(unit) || isLowSurrogate(unit)) {
      text.replace(i, 6, "\\ufffd");
      i += 6;
    } else {
      i += 2;
    }
  }
}

}  // namespace

std::string withinJsonLimits(std::string_view text) {
  std::string result = Structure(text).withoutExcess();
  replaceLoneSurrogates(result);
  return result;
}

}  // namespace cosoup
