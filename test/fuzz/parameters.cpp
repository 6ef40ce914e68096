// The server's parameters, from JSON to structs and back.
#include "cosoup/rtc/parameters.hpp"

#include "fuzz/target.hpp"
#include "unit/rtc/examples.hpp"

namespace cosoup {
namespace {

/// What was accepted once is accepted again, and means the same.
template <class T>
void readAs(const Json& json) {
  fuzz::succeeds([&] {
    const T value = fromJson<T>(json);
    T again;
    fuzz::require(fuzz::succeeds([&] { again = fromJson<T>(toJson(value)); }));
    fuzz::require(again == value);
  });
}

}  // namespace

std::vector<std::string> fuzz::examples() {
  TransportParameters transport;
  transport.id = "transport";
  transport.iceParameters = example::ice();
  transport.iceCandidates = example::candidates();
  transport.dtlsParameters = example::dtls();
  transport.sctpParameters = testing::fakeTransportParameters().sctpParameters;
  SctpStreamParameters stream;
  stream.streamId = 3;
  const RtpParameters consumer = example::videoConsumer();
  return {toJson(example::router()).text(),
          toJson(consumer).text(),
          toJson(example::audioConsumer()).text(),
          toJson(consumer.encodings.front()).text(),
          toJson(transport).text(),
          toJson(transport.iceParameters).text(),
          toJson(transport.iceCandidates.back()).text(),
          toJson(transport.dtlsParameters).text(),
          toJson(*transport.sctpParameters).text(),
          toJson(SctpCapabilities()).text(),
          toJson(stream).text(),
          toJson(MediaKind::audio).text()};
}

void fuzz::read(std::string_view input) {
  const Json json = Json::parse(input);
  readAs<MediaKind>(json);
  readAs<RtpCapabilities>(json);
  readAs<RtpParameters>(json);
  readAs<RtpEncodingParameters>(json);
  readAs<IceParameters>(json);
  readAs<IceCandidate>(json);
  readAs<DtlsParameters>(json);
  readAs<SctpParameters>(json);
  readAs<SctpCapabilities>(json);
  readAs<SctpStreamParameters>(json);
  readAs<TransportParameters>(json);
}

}  // namespace cosoup
