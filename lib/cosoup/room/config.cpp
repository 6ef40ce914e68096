#include "cosoup/room/config.hpp"

namespace cosoup {

ProduceConfig ProduceConfig::from(MakeSource make) {
  ProduceConfig config;
  config.sources_.emplace_back().make = std::move(make);
  return config;
}

ProduceConfig ProduceConfig::from(std::shared_ptr<Source> source) {
  return from([source = std::move(source)] { return source; });
}

ProduceConfig ProduceConfig::test(TestSourceOptions options) {
  return from([options = std::move(options)] { return makeTestSource(options); });
}

ProduceConfig ProduceConfig::file(std::string path, FileSourceOptions options) {
  return from([path = std::move(path), options] { return makeFileSource(path, options); });
}

ProduceConfig ProduceConfig::uri(std::string uri, UriSourceOptions options) {
  return from([uri = std::move(uri), options] { return makeUriSource(uri, options); });
}

ProduceConfig ProduceConfig::camera(CameraOptions options) {
  return from([options = std::move(options)] { return makeCameraSource(options); });
}

ProduceConfig ProduceConfig::microphone(MicrophoneOptions options) {
  return from([options = std::move(options)] { return makeMicrophoneSource(options); });
}

ProduceConfig ProduceConfig::screen(ScreenOptions options) {
  ProduceConfig config = from([options = std::move(options)] { return makeScreenSource(options); });
  config.setAppData(Json::object({{"share", true}}));
  return config;
}

ProduceConfig ProduceConfig::launch(std::string description) {
  return from([description = std::move(description)] { return makeLaunchSource(description); });
}

ProduceConfig& ProduceConfig::add(const ProduceConfig& other) {
  sources_.insert(sources_.end(), other.sources_.begin(), other.sources_.end());
  return *this;
}

ProduceConfig& ProduceConfig::setAppData(const Json& appData) {
  for (Item& item : sources_) item.appData = appData;
  return *this;
}

ConsumeConfig ConsumeConfig::record(std::string directory) {
  return record(RecordOptions(std::move(directory)));
}

ConsumeConfig ConsumeConfig::record(RecordOptions options) {
  return into([options = std::move(options)] { return makeRecordSink(options); });
}

ConsumeConfig ConsumeConfig::launch(std::string description) {
  return into([description = std::move(description)] { return makeLaunchSink(description); });
}

ConsumeConfig ConsumeConfig::into(std::shared_ptr<Sink> sink) {
  return into([sink = std::move(sink)] { return sink; });
}

}  // namespace cosoup
