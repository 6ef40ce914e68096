#include "cosoup/room/config.hpp"

namespace cosoup {

ProduceConfig ProduceConfig::from(MakeSource make) {
  ProduceConfig config;
  config.sources_.push_back(std::move(make));
  return config;
}

ProduceConfig ProduceConfig::test(TestSourceOptions options) {
  return from([options = std::move(options)] { return makeTestSource(options); });
}

ProduceConfig ProduceConfig::file(std::string path, FileSourceOptions options) {
  return from([path = std::move(path), options] { return makeFileSource(path, options); });
}

ProduceConfig ProduceConfig::launch(std::string description) {
  return from([description = std::move(description)] { return makeLaunchSource(description); });
}

ProduceConfig& ProduceConfig::add(const ProduceConfig& other) {
  sources_.insert(sources_.end(), other.sources_.begin(), other.sources_.end());
  return *this;
}

ConsumeConfig ConsumeConfig::record(std::string directory) {
  return ConsumeConfig([directory = std::move(directory)] { return makeRecordSink(directory); });
}

}  // namespace cosoup
