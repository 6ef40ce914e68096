// libFuzzer's entry points.
#include "fuzz/target.hpp"
#include "support/quark_tables.hpp"

using namespace cosoup;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::succeeds([&] { fuzz::read(std::string_view(reinterpret_cast<const char*>(data), size)); });
  return 0;
}

/// Stands for a folder of seeds: begins with an example, and now and then comes back to one.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t maxSize, unsigned seed) {
  static const std::vector<std::string> examples = fuzz::examples();
  constexpr unsigned rarely = 32;
  const bool isFresh = size <= 1;  // libFuzzer's own first inputs
  if (!isFresh && seed % rarely != 0) return LLVMFuzzerMutate(data, size, maxSize);
  const std::string& example = examples[seed / rarely % examples.size()];
  const std::size_t length = std::min(example.size(), maxSize);
  std::copy_n(example.begin(), length, data);
  return length;
}
