// What a source that cannot be opened says.
#pragma once

#include "cosoup/media/source/source.hpp"
#include "unit/media/media_support.hpp"

namespace cosoup::test {

/// The source's open() throws an Error of this code, in one line "open …" with this part.
inline Task<> failsToOpen(std::shared_ptr<Source> source, Error::Code code, std::string part) {
  std::string text;
  try {
    co_await source->open(nullptr);
  } catch (const Error& error) {
    text = error.what();
    CHECK(error.code() == code);
  }
  INFO(text);
  CHECK(text.starts_with("open "));
  CHECK(text.find(part) != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
  co_await source->close();
}

}  // namespace cosoup::test
