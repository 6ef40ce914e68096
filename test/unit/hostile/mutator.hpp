// Mutator: messages as no server should send them, the same ones for the same seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cosoup/core/json.hpp"

namespace cosoup::test {

/// splitmix64: the same numbers on every machine, which std's distributions do not promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// From 0 to below `end`.
  std::size_t below(std::size_t end) { return static_cast<std::size_t>(next() % end); }
  bool oneIn(std::size_t times) { return below(times) == 0; }
  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  std::uint64_t state_;
};

/// Knows what a message is made of: members are dropped, doubled, renamed, exchanged and retyped,
/// figures become huge or negative, texts long or steering, lists long, values deep; and now and
/// then its text is broken.
class Mutator {
 public:
  /// What is put into other messages comes from `examples`.
  Mutator(Random& random, std::vector<Json> examples)
      : random_(random), examples_(std::move(examples)) {}

  /// One change or a few.
  std::string mutate(const Json& message);

 private:
  Json changed(const Json& value);
  Json changedMember(const Json& object);
  Json changedItem(const Json& array);
  Json replacementOf(const Json& value);
  Json oddText(const std::string& text);
  Json oddNumber(const Json& number);
  Json oddContainer();
  Json part(const Json& value);
  void breakText(std::string& text);

  Random& random_;
  const std::vector<Json> examples_;
};

}  // namespace cosoup::test
